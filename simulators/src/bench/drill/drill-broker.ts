import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../free-port.js';

const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

/** Why there can be no drill here; undefined where there can. */
export const brokerMissing = (): string | undefined =>
  spawnSync('mosquitto', ['-h'], { env }).error ? 'mosquitto is missing: apt-get install mosquitto' : undefined;

/** Mosquitto as several cloud processes use it; killed and started again on its port. */
export interface DrillBroker extends AsyncDisposable {
  readonly port: number;
  start(): void;
  kill(): Promise<void>;
}

export const openDrillBroker = async (folder: string): Promise<DrillBroker> => {
  mkdirSync(folder, { recursive: true });
  // Started by root it becomes another user, who has to read its settings.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const file = join(folder, 'mosquitto.conf');
  const settings = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence false',
    'max_packet_size 1048576',
    'max_queued_messages 1000',
  ];
  writeFileSync(file, `${settings.join('\n')}\n`);
  let child: ChildProcess | undefined;
  const start = () => {
    child ??= spawn('mosquitto', ['-c', file], { stdio: 'ignore', env });
  };
  const kill = async () => {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, 'exit');
    running.kill('SIGKILL');
    await gone;
  };
  start();
  return { port, start, kill, [Symbol.asyncDispose]: kill };
};
