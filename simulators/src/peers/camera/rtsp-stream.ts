import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../free-port.js';

export interface RtspStream extends AsyncDisposable {
  readonly port: number;
  readonly path: string;
  /** Kills and starts the server again, as a camera's media process does when it crashes. */
  restart(): Promise<void>;
}

export interface MissingProgram {
  readonly missing: string;
  readonly why: string;
  readonly install: string;
}

export const streamPackages =
  'apt-get install python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-rtsp gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly';

const script = fileURLToPath(new URL('./rtsp-server.py', import.meta.url));

const launch = (args: readonly string[]): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    const child = spawn('/usr/bin/python3', [script, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2000);
    });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(said.trim().split('\n').pop() ?? `exit code ${code}`)));
    child.stdout?.on('data', (chunk: Buffer) => {
      const line = chunk.toString().trim();
      if (line.startsWith('READY')) resolve(child);
      else reject(new Error(line));
    });
  });

const end = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    child.once('exit', () => resolve());
    child.stdin?.end();
    setTimeout(() => child.kill('SIGKILL'), 1500).unref();
  });

/** A real RTSP stream by GStreamer's server; where its programs are missing, says which and how to install them. */
export const openRtspStream = async (options: {
  path: string;
  port?: number;
  credential?: { userName: string; password: string };
}): Promise<RtspStream | MissingProgram> => {
  const port = options.port ?? (await freePort());
  const { credential } = options;
  const args = [String(port), options.path, ...(credential ? [credential.userName, credential.password] : [])];
  let child: ChildProcess;
  try {
    child = await launch(args);
  } catch (error) {
    return {
      missing: 'GStreamer RTSP server',
      why: error instanceof Error ? error.message : String(error),
      install: streamPackages,
    };
  }
  return {
    port,
    path: options.path,
    async restart() {
      await end(child);
      child = await launch(args);
    },
    [Symbol.asyncDispose]: () => end(child),
  };
};
