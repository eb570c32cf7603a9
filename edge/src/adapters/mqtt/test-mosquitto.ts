import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

/** Why tests with a real mosquitto cannot run here; false where they can. */
export const mosquittoMissing: string | false = spawnSync('mosquitto', ['-h'], { env }).error
  ? 'mosquitto is missing: apt-get install mosquitto mosquitto-clients'
  : false;

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });

const listens = async (port: number): Promise<void> => {
  const end = Date.now() + 60_000;
  for (;;) {
    const up = await new Promise<boolean>((resolve) => {
      const socket = net.connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (up) return;
    if (Date.now() > end) throw new Error('mosquitto does not listen');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** A real mosquitto on the loopback with one login, `unit` / `right`, whose rights are the lines of an ACL file. */
export class Mosquitto {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'hallhub-mosquitto-'));
  #child: ChildProcess | undefined;
  port = 0;

  constructor(private readonly acl: string) {}

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Starts it, or starts it again on the same port: what it kept in memory is gone. */
  async start(): Promise<void> {
    if (this.port === 0) {
      this.port = await freePort();
      // It gives up root for a user that must be able to read its files.
      chmodSync(this.#folder, 0o755);
      const passwords = path.join(this.#folder, 'passwords');
      execFileSync('mosquitto_passwd', ['-b', '-c', passwords, 'unit', 'right'], { env, stdio: 'ignore' });
      writeFileSync(path.join(this.#folder, 'acl'), `user unit\n${this.acl}\n`);
      for (const file of ['passwords', 'acl']) chmodSync(path.join(this.#folder, file), 0o644);
      writeFileSync(
        path.join(this.#folder, 'conf'),
        [
          `listener ${this.port} 127.0.0.1`,
          'allow_anonymous false',
          `password_file ${passwords}`,
          `acl_file ${path.join(this.#folder, 'acl')}`,
        ].join('\n'),
      );
    }
    this.#child = spawn('mosquitto', ['-c', path.join(this.#folder, 'conf')], { env, stdio: 'ignore' });
    await listens(this.port);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** mosquitto_pub. */
  publish(topic: string, payload: string, ...more: string[]): void {
    const login = ['-h', '127.0.0.1', '-p', String(this.port), '-u', 'unit', '-P', 'right', '-V', '5', '-q', '1'];
    execFileSync('mosquitto_pub', [...login, '-t', topic, '-m', payload, ...more], { env, timeout: 60_000 });
  }
}
