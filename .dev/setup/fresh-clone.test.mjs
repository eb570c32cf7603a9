import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const root = fileURLToPath(new URL('../..', import.meta.url));

t.test(
  'in a fresh clone every command comes as far as set-up: no package is imported before it is installed',
  async (t) => {
    // Outside the repository, whose packages Node would find on the way up.
    const clone = fs.mkdtempSync(path.join(os.tmpdir(), 'hallhub-clone-'));
    t.teardown(() => fs.rmSync(clone, { recursive: true }));
    fs.mkdirSync(path.join(clone, 'bin'));
    fs.cpSync(path.join(root, '.dev'), path.join(clone, '.dev'), { recursive: true });
    for (const file of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'])
      fs.copyFileSync(path.join(root, file), path.join(clone, file));
    // The installer fails at once: what matters is that it was reached.
    fs.writeFileSync(path.join(clone, 'bin/npx'), '#!/bin/sh\necho no installer here >&2\nexit 7\n', { mode: 0o755 });
    for (const entry of ['start', 'test', 'check', 'bench']) {
      const { stdout, stderr, status } = spawnSync(process.execPath, [`.dev/${entry}.mjs`], {
        cwd: clone,
        encoding: 'utf8',
        env: { ...process.env, PATH: `${path.join(clone, 'bin')}:${process.env.PATH}`, NODE_OPTIONS: '' },
        timeout: 60_000,
      });
      t.not(status, 0, entry);
      t.notMatch(stdout + stderr, 'ERR_MODULE_NOT_FOUND', entry);
      t.match(stdout + stderr, 'no installer here', `${entry} says what the installer said`);
    }
  },
);
