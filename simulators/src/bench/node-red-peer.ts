import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type FlowOptions, pollAndPublishFlow } from './node-red-flow.js';

const run = promisify(execFile);

/** The newest that run on Node 20. The library that the Modbus nodes take from a host of their own is put back to its origin. */
const manifest = {
  name: 'hallhub-bench-node-red',
  private: true,
  dependencies: { 'node-red': '4.1', 'node-red-contrib-modbus': '5.45.2' },
  overrides: { '@openp4nr/modbus-serial': 'npm:modbus-serial@8.0.25' },
};

/** Installs Node-RED outside the workspace, once. Throws when that is not possible (no network). */
export const installNodeRed = async (): Promise<{ folder: string; version: string }> => {
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'hallhub-bench', 'node-red-4.1');
  const entry = join(folder, 'node_modules', 'node-red', 'package.json');
  if (!existsSync(entry)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    await run('npm', ['install', '--no-audit', '--no-fund', '--omit=optional'], { cwd: folder, timeout: 300_000 });
  }
  return { folder, version: (JSON.parse(readFileSync(entry, 'utf8')) as { version: string }).version };
};

export interface NodeRed extends AsyncDisposable {
  readonly pid: number;
  readonly log: () => string;
}

/** Runs the flow with the editor and its API switched off. */
export const startNodeRed = (folder: string, userDir: string, flow: FlowOptions): NodeRed => {
  mkdirSync(userDir, { recursive: true });
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify(pollAndPublishFlow(flow)));
  const settings = {
    ...{ flowFile: 'flows.json', uiHost: '127.0.0.1', uiPort: 0, httpAdminRoot: false, httpNodeRoot: false },
    ...{ credentialSecret: false, nodesDir: [join(folder, 'node_modules', 'node-red-contrib-modbus')] },
    ...{ telemetry: { enabled: false }, logging: { console: { level: 'warn', metrics: false, audit: false } } },
  };
  writeFileSync(join(userDir, 'settings.cjs'), `module.exports = ${JSON.stringify(settings)};\n`);
  const child = spawn(
    process.execPath,
    [join(folder, 'node_modules', 'node-red', 'red.js'), '-u', userDir, '-s', join(userDir, 'settings.cjs')],
    { cwd: userDir, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let log = '';
  const keep = (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-20_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    pid: child.pid ?? 0,
    log: () => log,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await exited;
      clearTimeout(late);
    },
  };
};
