import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import t from 'tap';
import type { Agent } from '../agent.js';
import { silentLogger } from '../ports/index.js';
import { LocalApiServer } from './server.js';

t.test('nobody but its own user may open the line, not even in the moment in which it is made', async (t) => {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'hub-line-'));
  const umask = process.umask(0);
  t.teardown(() => {
    process.umask(umask);
    rmSync(dataDir, { recursive: true, force: true });
  });
  const server = new LocalApiServer({ options: { dataDir } } as Agent, silentLogger);
  const starting = server.start();
  const file = path.join(dataDir, 'hub.sock');
  const modes = [statSync(file).mode & 0o777];
  t.equal(process.umask(), 0, 'what others make is not touched');
  await starting;
  modes.push(statSync(file).mode & 0o777);
  await server.stop();
  t.same(modes, [0o600, 0o600]);
});
