import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { openDataFolder } from './data-folder.mjs';

t.test('makes the folder, also with spaces and Chinese characters, and gives it back', async (t) => {
  const folder = path.join(t.testdir({}), 'a b/数据');
  const held = openDataFolder(folder);
  t.ok(fs.existsSync(path.join(folder, 'hallhub.lock')));
  held.release();
  t.same(fs.readdirSync(folder), []);
});

t.test('a second start on the same folder is refused and told who holds it', async (t) => {
  const folder = t.testdir({});
  const held = openDataFolder(folder);
  t.teardown(() => held.release());
  t.throws(() => openDataFolder(folder), {
    code: 'data-in-use',
    message: new RegExp(`process ${process.pid}`),
    hint: /--data/,
  });
});

t.test('a lock of a dead process, of a reused pid, or half-written, is taken over', async (t) => {
  for (const text of ['{"pid":4000000,"start":"1"}', `{"pid":${process.pid},"start":"1"}`, '{"pi']) {
    const folder = t.testdir({ 'hallhub.lock': text });
    openDataFolder(folder).release();
    t.notOk(fs.existsSync(path.join(folder, 'hallhub.lock')));
  }
});

t.test('a folder that cannot be used says why and which option changes it', async (t) => {
  const base = t.testdir({ file: 'x' });
  t.throws(() => openDataFolder(path.join(base, 'file')), {
    code: 'data-folder-unusable',
    message: /it is a file/,
    hint: /--data DIR/,
  });
  t.throws(() => openDataFolder(path.join(base, 'file/below')), { message: /it is a file/ });
  t.throws(() => openDataFolder('/proc/hallhub'), { code: 'data-folder-unusable', exitCode: 2 });
});
