import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { openTcpProxy, type TcpProxy } from '../faults/tcp-proxy.js';
import { freePort } from '../free-port.js';
import { ApiClient } from './api-client.js';
import { type PartProcess, startPart } from './part-process.js';

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
  const flags = ['--import=tsx', '--conditions=hallhub-source', `${root}edge/src/cli/main.ts`];
  const child = spawn(process.execPath, [...flags, '--data', dataDir, ...args], { cwd: root });
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
  readonly #mqttPort: number;

  private constructor(parts: {
    dir: string;
    api: ApiClient;
    uplink: TcpProxy;
    unitId: string;
    hallId: string;
    edgePort: number;
    httpPort: number;
    mqttPort: number;
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
    this.#mqttPort = parts.mqttPort;
  }

  static async open(options: TestHallOptions = {}): Promise<TestHall> {
    const outer = mkdtempSync(join(tmpdir(), 'hallhub-e2e-'));
    // As root the database runs as another user, who has to reach its folder.
    chmodSync(outer, 0o755);
    const dir = join(outer, options.folderName ?? 'hall');
    mkdirSync(join(dir, 'edge'), { recursive: true });
    const [httpPort, mqttPort, edgePort] = [await freePort(), await freePort(), await freePort()];
    const built = options.built ?? false;
    const cloud = await startPart('cloud/src/main.ts', { args: cloudArgs(dir, httpPort, mqttPort), built });
    const uplink = await openTcpProxy({ port: mqttPort });
    const { firstUser, demoUnit } = cloud.ready as unknown as {
      firstUser: { userName: string; oneTimePassword: string };
      demoUnit: { unitId: string; secret: string; hallId: string };
    };
    const config = {
      version: 1,
      name: '测试营业厅',
      broker: { host: '127.0.0.1', port: edgePort },
      join: { policy: 'window', until: new Date(Date.now() + 86_400_000).toISOString() },
      ...options.edge,
    };
    writeFileSync(join(dir, 'edge', 'edge.yaml'), stringify(config));
    const credential = {
      unitId: demoUnit.unitId,
      secret: demoUnit.secret,
      cloud: { mqtt: `mqtt://127.0.0.1:${uplink.port}` },
    };
    writeFileSync(join(dir, 'edge', 'unit.json'), JSON.stringify(credential), { mode: 0o600 });
    const edge = await startPart('edge/src/main.ts', { args: ['--data', join(dir, 'edge')], built });
    const api = new ApiClient(`http://127.0.0.1:${httpPort}`);
    const hall = new TestHall({
      dir,
      api,
      uplink,
      cloud,
      edge,
      httpPort,
      mqttPort,
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

  async startCloud(): Promise<void> {
    this.cloud = await startPart('cloud/src/main.ts', { args: cloudArgs(this.dir, this.httpPort, this.#mqttPort) });
  }

  async startEdge(options: { nodeArgs?: readonly string[] } = {}): Promise<void> {
    this.edge = await startPart('edge/src/main.ts', { args: ['--data', join(this.dir, 'edge')], ...options });
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

const cloudArgs = (dir: string, httpPort: number, mqttPort: number): string[] => [
  ...['--data', join(dir, 'cloud'), '--port', String(httpPort), '--mqtt-port', String(mqttPort)],
  '--seed-demo',
];
