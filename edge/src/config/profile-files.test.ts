import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import t from 'tap';
import { readProfileFiles } from './profile-files.js';

t.test('what is no file is not read: a pipe would hold the unit for ever', { timeout: 60_000 }, async (t) => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'hub-files-'));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  const vendor = path.join(root, 'acme');
  mkdirSync(path.join(vendor, 'folder.yaml'), { recursive: true });
  writeFileSync(path.join(vendor, 'a.yaml'), 'a');
  writeFileSync(path.join(vendor, 'big.yaml'), 'x'.repeat(1_048_577));
  symlinkSync('a.yaml', path.join(vendor, 'linked.yaml'));
  symlinkSync('nowhere', path.join(vendor, 'broken.yaml'));
  symlinkSync('/dev/zero', path.join(vendor, 'zero.yaml'));
  spawnSync('mkfifo', [path.join(vendor, 'pipe.yaml')]);
  symlinkSync(vendor, path.join(root, 'linked'));
  symlinkSync(root, path.join(root, 'circle'));
  symlinkSync('itself', path.join(root, 'itself'));
  const { files, issues } = readProfileFiles(root);
  const names = files.map((file) => file.path).filter((name) => name.startsWith('acme/'));
  t.same(names, ['acme/a.yaml', 'acme/linked.yaml']);
  t.ok(
    files.some((file) => file.path === 'linked/a.yaml'),
    'a vendor may be a link',
  );
  const told = issues.map((issue) => issue.replace(/:.*/s, ''));
  for (const name of ['big', 'broken', 'folder', 'pipe', 'zero']) t.ok(told.includes(`acme/${name}.yaml`), name);
});
