import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { copyTemplate } from '../../../cloud/src/db/testing-template.js';
import { openTcpProxy, type TcpProxy } from '../faults/tcp-proxy.js';
import { freePort } from '../free-port.js';
import { ApiClient } from './api-client.js';
import { nodeCommand, type PartProcess, startPart } from './part-process.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface TestHallOptions {
  /** Sections of edge.yaml beside broker and name. */
  readonly edge?: Record<string, unknown>;
  readonly folderName?: string;
  /** Runs the compiled cloud and edge, as `npm start` does. */
  readonly built?: boolean;
  /** False leaves the first sign-in, with `oneTimePassword`, to the test. */
  readonly firstSignIn?: boolean;
}

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `hub` on the unit with this data folder. */
export const runHub = async (dataDir: string, ...args: string[]): Promise<CliResult> => {
  const command = nodeCommand('edge/src/cli/main.ts');
  const child = spawn(process.execPath, [...command, '--data', dataDir, ...args], { cwd: root });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const code = await new Promise<number>((resolve) => child.on('close', (c) => resolve(c ?? -1)));
  return { code, out, err };
};

/** Cloud and edge as processes of their own, with a wire between them that can be cut. */
export class TestHall implements AsyncDisposable {
  readonly dir: string;
  readonly api: ApiClient;
  readonly uplink: TcpProxy;
  readonly unitId: string;
  readonly hallId: string;
  readonly edgePort: number;
  readonly httpPort: number;
  readonly password = 'A hall of our own 1';
  oneTimePassword = '';
  cloud: PartProcess;
  edge: PartProcess;
  readonly #ports: CloudPorts;

  private constructor(parts: {
    dir: string;
    api: ApiClient;
    uplink: TcpProxy;
    unitId: string;
    hallId: string;
    edgePort: number;
    httpPort: number;
    ports: CloudPorts;
    cloud: PartProcess;
    edge: PartProcess;
  }) {
    this.dir = parts.dir;
    this.api = parts.api;
    this.uplink = parts.uplink;
    this.unitId = parts.unitId;
    this.hallId = parts.hallId;
    this.edgePort = parts.edgePort;
    this.httpPort = parts.httpPort;
    this.cloud = parts.cloud;
    this.edge = parts.edge;
    this.#ports = parts.ports;
  }

  static async open(options: TestHallOptions = {}): Promise<TestHall> {
    const outer = mkdtempSync(join(tmpdir(), 'hallhub-e2e-'));
    // As root the database runs as another user, who has to reach its folder.
    chmodSync(outer, 0o755);
    const dir = join(outer, options.folderName ?? 'hall');
    mkdirSync(join(dir, 'edge'), { recursive: true });
    mkdirSync(join(dir, 'cloud'));
    await copyTemplate(join(dir, 'cloud'));
    const ports = { http: await freePort(), mqtt: await freePort(), mqtts: await freePort(), unit: await freePort() };
    const edgePort = await freePort();
    const { built } = options;
    const cloud = await startPart('cloud/src/main.ts', {
      args: cloudArgs(dir, ports),
      ...(built === undefined ? {} : { built }),
    });
    const uplink = await openTcpProxy({ port: ports.mqtts });
    const { firstUser, demoUnit } = cloud.ready as unknown as CloudReady;
    const config = {
      version: 1,
      name: '测试营业厅',
      broker: { host: '127.0.0.1', port: edgePort },
      join: { policy: 'window', until: new Date(Date.now() + 86_400_000).toISOString() },
      // A machine that is busy with other tests answers late, which looks like a slow line.
      link: { lowData: 'off' },
      ...options.edge,
    };
    writeFileSync(join(dir, 'edge', 'edge.yaml'), stringify(config));
    if (demoUnit.enrolment) {
      const { code, gateway } = demoUnit.enrolment;
      await enrolThrough(uplink, join(dir, 'edge'), code, gateway);
    }
    const edge = await startPart('edge/src/main.ts', {
      args: ['--data', join(dir, 'edge')],
      ...(built === undefined ? {} : { built }),
    });
    const api = new ApiClient(`http://127.0.0.1:${ports.http}`);
    const hall = new TestHall({
      dir,
      api,
      uplink,
      cloud,
      edge,
      httpPort: ports.http,
      ports,
      edgePort,
      unitId: demoUnit.unitId,
      hallId: demoUnit.hallId,
    });
    hall.oneTimePassword = firstUser.oneTimePassword;
    if (options.firstSignIn !== false)
      await api.signInFirst(firstUser.userName, firstUser.oneTimePassword, hall.password);
    return hall;
  }

  get edgeMqtt(): string {
    return `mqtt://127.0.0.1:${this.edgePort}`;
  }

  async startCloud(options: { args?: readonly string[] } = {}): Promise<void> {
    const args = [...cloudArgs(this.dir, this.#ports), ...(options.args ?? [])];
    this.cloud = await startPart('cloud/src/main.ts', { args });
  }

  /** `folder`: another unit's data beside the first one's; `args`: more flags. */
  async startEdge(
    options: { nodeArgs?: readonly string[]; folder?: string; args?: readonly string[]; built?: boolean } = {},
  ): Promise<void> {
    const { folder = 'edge', args = [], ...more } = options;
    this.edge = await startPart('edge/src/main.ts', { args: ['--data', join(this.dir, folder), ...args], ...more });
  }

  /** Gives the data folder an identity, as `hub enrol` does; its line to the broker leads through `uplink`. */
  enrol(folder: string, code: string): Promise<void> {
    return enrolThrough(this.uplink, join(this.dir, folder), code, this.gateway);
  }

  get gateway(): string {
    return `https://127.0.0.1:${this.#ports.unit}`;
  }

  /** The field CLI, as a person in the hall runs it. */
  hub(...args: string[]): Promise<CliResult> {
    return runHub(join(this.dir, 'edge'), ...args);
  }

  /** Logs of both processes, for a failed test. */
  logs(): string {
    return `--- cloud\n${this.cloud.log().slice(-8000)}\n--- edge\n${this.edge.log().slice(-8000)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ends = await Promise.allSettled([this.edge.stop(), this.cloud.stop()]);
    await this.uplink[Symbol.asyncDispose]();
    rmSync(join(this.dir, '..'), { recursive: true, force: true });
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }
}

interface CloudPorts {
  readonly http: number;
  readonly mqtt: number;
  readonly mqtts: number;
  readonly unit: number;
}

interface CloudReady {
  readonly firstUser: { readonly userName: string; readonly oneTimePassword: string };
  readonly demoUnit: {
    readonly unitId: string;
    readonly hallId: string;
    readonly enrolment?: { readonly code: string; readonly gateway: string };
  };
}

const cloudArgs = (dir: string, { http, mqtt, mqtts, unit }: CloudPorts): string[] => [
  ...['--data', join(dir, 'cloud'), '--port', String(http), '--mqtt-port', String(mqtt)],
  ...['--mqtts-port', String(mqtts), '--unit-port', String(unit), '--seed-demo'],
];

const enrolThrough = async (uplink: TcpProxy, dataDir: string, code: string, gateway: string): Promise<void> => {
  const { code: exitCode, err } = await runHub(dataDir, 'enrol', code, '--cloud', gateway);
  if (exitCode !== 0) throw new Error(`hub enrol ended with ${exitCode}: ${err}`);
  const file = join(dataDir, 'unit.json');
  const credential = JSON.parse(readFileSync(file, 'utf8'));
  credential.cloud.mqtt = `mqtts://127.0.0.1:${uplink.port}`;
  writeFileSync(file, JSON.stringify(credential), { mode: 0o600 });
};
