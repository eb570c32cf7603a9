import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@hallhub/shared';
import pino from 'pino';
import { readSecret } from '../../../../cloud/src/db/embedded/index.js';
import { type Database, openDatabase } from '../../../../cloud/src/db/index.js';
import { type CloudPki, openPki } from '../../../../cloud/src/modules/pki/open-pki.js';
import { type PartProcess, startPart } from '../../e2e/part-process.js';
import { waitUntil } from '../../e2e/wait-until.js';
import { freePort } from '../../free-port.js';
import { cpuSecondsBelow, cpuSecondsOf } from '../process-figures.js';
import { built, Generators } from './generators.js';
import type { Target, UnitCard } from './load-unit.js';
import { makeUnits } from './make-units.js';

const secret = 'a secret of the benches, long enough for everybody';

const urlOf = (database: Database): string => {
  const { embedded, connection } = database;
  if (!embedded) throw new Error('the bench has a database of its own');
  const url = new URL('postgres://hallhub_owner@localhost/hallhub');
  url.password = readSecret(embedded.location)?.ownerPassword ?? '';
  url.searchParams.set('host', connection.host);
  return url.toString();
};

const targetOf = (url: unknown, ca?: string): Target => {
  const { hostname, port } = new URL(String(url));
  return { host: hostname, port: Number(port), ca };
};

interface CloudReady {
  readonly http: string;
  readonly firstUser: { readonly userName: string; readonly oneTimePassword: string };
}

export interface LoadRigOptions {
  readonly broker?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  /** Further flags of the cloud processes. */
  readonly args?: readonly string[];
  /** More arguments for Node itself, in the cloud processes. */
  readonly nodeArgs?: readonly string[];
  /** Where everything lies and stays for another run; left out: in a folder of its own that goes with it. */
  readonly keepIn?: string | undefined;
}

/** CPU seconds so far. */
export interface LoadCpu {
  readonly cloud: number;
  readonly postgres: number;
}

/** A PostgreSQL, a cloud process or more, and units to talk to them; the load comes from generators. */
export class LoadRig implements AsyncDisposable {
  readonly folder: string;
  readonly database: Database;
  readonly clouds: PartProcess[] = [];
  #pki: CloudPki | undefined;
  #broker: { readonly child: ChildProcess; readonly port: number } | undefined;
  readonly #env: NodeJS.ProcessEnv;
  readonly #options: LoadRigOptions;
  readonly #postmaster: number;

  private constructor(
    folder: string,
    database: Database,
    { env, options }: { readonly env: NodeJS.ProcessEnv; readonly options: LoadRigOptions },
  ) {
    this.folder = folder;
    this.database = database;
    this.#env = env;
    this.#options = options;
    const lines = readFileSync(join(database.connection.dataFolder ?? '', 'postmaster.pid'), 'utf8').split('\n');
    this.#postmaster = Number(lines[0]);
  }

  static async open(options: LoadRigOptions = {}): Promise<LoadRig> {
    const folder = options.keepIn ?? mkdtempSync(join(tmpdir(), 'hallhub-load-'));
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o711);
    const logger = pino({ level: 'error' }, pino.destination(2));
    const database = await openDatabase({ dataDir: join(folder, 'database'), logger });
    const env = {
      DATABASE_URL: urlOf(database),
      ...{ HALLHUB_SECRET: secret, HALLHUB_BACKUP: 'off', HALLHUB_LOG_LEVEL: 'warn', HALLHUB_MQTT_URL: '' },
      ...options.env,
    };
    const rig = new LoadRig(folder, database, { env, options });
    try {
      if (options.broker) await rig.#startBroker();
      await rig.startCloud();
      return rig;
    } catch (error) {
      await rig[Symbol.asyncDispose]();
      throw error;
    }
  }

  async startCloud(): Promise<PartProcess> {
    const ports = ['--port', '0', '--mqtt-port', '0', '--mqtts-port', '0', '--unit-port', 'off'];
    const env = {
      ...this.#env,
      ...(this.#broker ? { HALLHUB_MQTT_URL: `mqtt://127.0.0.1:${this.#broker.port}` } : {}),
    };
    const dataDir = join(this.folder, `cloud-${this.clouds.length}`);
    mkdirSync(dataDir, { recursive: true });
    const args = ['--data', dataDir, ...ports, ...(this.#options.args ?? [])];
    const cloud = await startPart('cloud/src/main.ts', {
      ...{ args, built, env, nodeArgs: this.#options.nodeArgs ?? [] },
      // Tables that were kept by an older version are brought up to date first.
      ...(this.#options.keepIn === undefined ? {} : { readyWithinMs: 1_800_000 }),
    });
    this.clouds.push(cloud);
    return cloud;
  }

  async stopCloud(): Promise<void> {
    await this.clouds.pop()?.stop();
  }

  async units(options: { readonly count: number; readonly devices: number; readonly certificates?: boolean }) {
    const { count, devices } = options;
    const pki = options.certificates ? await this.pki() : undefined;
    return makeUnits(this.database.ownerPool, { count, devices, ...(pki ? { pki } : {}) });
  }

  /** The installation's authority, as the cloud process has it. */
  async pki(): Promise<CloudPki> {
    const log = pino({ level: 'error' }, pino.destination(2));
    const { database } = this;
    this.#pki ??= await openPki({ database, secret, hosts: ['127.0.0.1'], clock: systemClock, log, pollMs: 600_000 });
    return this.#pki;
  }

  /** What the first cloud process said when it was ready. */
  get ready(): CloudReady {
    const [first] = this.clouds;
    if (!first) throw new Error('no cloud process runs');
    return first.ready as unknown as CloudReady;
  }

  /** Where units with a secret connect: the cloud, or the broker beside it. */
  get plain(): Target {
    if (this.#broker) return { host: '127.0.0.1', port: this.#broker.port };
    return targetOf(this.clouds[0]?.ready.mqtt);
  }

  async secure(): Promise<Target> {
    return targetOf(this.clouds[0]?.ready.mqtts, (await this.pki()).trust().certificates.join('\n'));
  }

  generators(units: readonly UnitCard[], processes: number, localAddresses?: readonly string[]): Promise<Generators> {
    return Generators.start({ folder: this.folder, units, processes, ...(localAddresses ? { localAddresses } : {}) });
  }

  cpu(): LoadCpu {
    return {
      cloud: this.clouds.reduce((sum, { pid }) => sum + cpuSecondsOf(pid), 0),
      postgres: cpuSecondsOf(this.#postmaster) + cpuSecondsBelow(this.#postmaster),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.clouds.map((cloud) => cloud.stop()));
    this.#broker?.child.kill('SIGKILL');
    await this.#pki?.close();
    await this.database.close();
    if (this.#options.keepIn === undefined) rmSync(this.folder, { recursive: true, force: true });
  }

  brokerCpu(): number {
    return cpuSecondsOf(this.#broker?.child.pid ?? 0);
  }

  async #startBroker(): Promise<void> {
    const port = await freePort();
    const file = join(this.folder, 'mosquitto.conf');
    writeFileSync(
      file,
      `user root\nlistener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\nmax_queued_messages 100000\n`,
    );
    const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` };
    const child = spawn('mosquitto', ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'], env });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    const failed = new Promise<never>((_, reject) => child.once('error', reject));
    this.#broker = { child, port };
    await Promise.race([failed, waitUntil('mosquitto', async () => /running/.test(said), { seen: () => said })]);
  }
}
