import { spawnSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openPtyLink } from './pty-link.js';

t.test('carries bytes as they are, both ways, over a path with blanks and Chinese', async (t) => {
  const path = join(t.testdir({}), '厅 1', 'tty', 'led');
  const link = openPtyLink(path);
  t.teardown(() => link[Symbol.dispose]());
  // What a serial library does on opening; the pty's own output processing would turn 0a into 0d 0a.
  spawnSync('stty', ['-F', path, 'raw', '-echo']);
  const fd = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  const heard = new Promise<Buffer>((resolve) => link.onData((bytes) => resolve(Buffer.from(bytes))));
  writeSync(fd, Buffer.from([0x00, 0x0a, 0x0d, 0x03, 0x11, 0xff]));
  t.same(await heard, Buffer.from([0x00, 0x0a, 0x0d, 0x03, 0x11, 0xff]), 'no line discipline in between');
  link.write(Buffer.from([0x0d, 0x04, 0x13, 0x80]));
  const answer = Buffer.alloc(16);
  const count = readSync(fd, answer);
  t.same(answer.subarray(0, count), Buffer.from([0x0d, 0x04, 0x13, 0x80]));
  closeSync(fd);
  link[Symbol.dispose]();
  t.equal(existsSync(path), false);
});
