import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { buildPackage } from '../build.mjs';
import { root as repository } from '../lib/root.mjs';
import { diffTree, readManifest } from './tree.mjs';

const clone = (t, source) => {
  const root = t.testdir({ 'sp ace 中文': { 'package.json': '{}', shared: { src: source } } });
  const folder = path.join(root, 'sp ace 中文');
  fs.symlinkSync(path.join(repository, 'node_modules'), path.join(folder, 'node_modules'));
  const dist = (file) => path.join(folder, 'shared/dist', file);
  const write = (file, text) => fs.writeFileSync(path.join(folder, 'shared/src', file), text);
  return { root: folder, dist, write, build: () => buildPackage({ root: folder, name: 'shared' }) };
};

t.test('compiles TypeScript, copies the rest, leaves tests out', async (t) => {
  const { dist, build } = clone(t, {
    'a.ts': 'export const a: number = 1;\n',
    'a.test.ts': 'throw new Error();\n',
    sql: { '0001.sql': 'select 1;' },
  });
  t.equal(await build(), 2);
  t.match(fs.readFileSync(dist('a.js'), 'utf8'), /const a = 1/);
  t.ok(fs.existsSync(dist('a.js.map')));
  t.equal(fs.readFileSync(dist('sql/0001.sql'), 'utf8'), 'select 1;');
  t.notOk(fs.existsSync(dist('a.test.js')));
  t.equal(await build(), 0, 'the second time there is nothing to do');
});

t.test('follows changes, removals, and outputs that went missing', async (t) => {
  const { root, dist, write, build } = clone(t, { 'a.ts': 'export const a = 1;\n', 'b.ts': 'export const b = 1;\n' });
  await build();
  write('a.ts', 'export const a = 2;\n');
  t.equal(await build(), 1);
  t.match(fs.readFileSync(dist('a.js'), 'utf8'), /a = 2/);
  fs.rmSync(path.join(root, 'shared/src/b.ts'));
  await build();
  t.notOk(fs.existsSync(dist('b.js')));
  fs.rmSync(dist('a.js'));
  t.equal(await build(), 1);
  t.ok(fs.existsSync(dist('a.js')));
});

t.test('a file that does not compile is named with its line, and is tried again', async (t) => {
  const { write, build } = clone(t, { 'a.ts': 'export const a = ;\n' });
  await t.rejects(build(), { message: 'shared does not compile.', tail: [/^shared\/src\/a\.ts:1: /] });
  await t.rejects(build(), { message: 'shared does not compile.' });
  write('a.ts', 'export const a = 1;\n');
  t.equal(await build(), 1);
});

t.test('a touched file with the same bytes has not changed; a damaged record counts as empty', async (t) => {
  const folder = t.testdir({ src: { 'a.ts': 'a' }, 'manifest.json': '{"ver' });
  const first = diffTree(path.join(folder, 'src'), {});
  t.same(first.changed, ['a.ts']);
  fs.utimesSync(path.join(folder, 'src/a.ts'), new Date(0), new Date(0));
  t.same(diffTree(path.join(folder, 'src'), first.files).changed, []);
  t.same(readManifest(path.join(folder, 'manifest.json'), '1').files, {});
});
