import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Test } from 'tap';
import { makeTestFolder } from '../../db/testing.js';

const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };

/** Why tests with it are left out; false: it is there. */
export const missingBroker = spawnSync('mosquitto', ['-h'], { env }).error
  ? 'mosquitto is missing: apt-get install mosquitto'
  : false;

export interface Broker {
  readonly url: string;
  kill(): Promise<void>;
  start(): Promise<void>;
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
};

/** mosquitto as anybody runs it beside several clouds; may be killed and started again on its port. */
export const startBroker = async (t: Test): Promise<Broker> => {
  const folder = makeTestFolder();
  const port = await freePort();
  const file = join(folder, 'mosquitto.conf');
  writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nmax_packet_size 2000000\n`);
  let child: ChildProcess | undefined;
  const start = async () => {
    child = spawn('mosquitto', ['-c', file], { stdio: 'ignore', env });
  };
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  t.teardown(async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  });
  await start();
  return { url: `mqtt://127.0.0.1:${port}`, kill, start };
};
