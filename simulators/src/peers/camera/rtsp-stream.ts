import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../free-port.js';

/** Encoded pictures on disk: H.264 with access unit delimiters. */
export interface ServedClip {
  readonly file: string;
  readonly fps: number;
  /** When its first picture was shown, epoch ms; it goes round from there, whoever looks. */
  readonly startedAtMs: number;
}

/** How a stream fails on its way out; what is wrong with the pictures themselves is another clip. */
export const streamFaults = ['none', 'frozen', 'stalled', 'choppy', 'damaged', 'lossy'] as const;
export type StreamFault = (typeof streamFaults)[number];

export interface StreamMount {
  /** Without a slash in front. */
  readonly path: string;
  /** One password a user name: the server's accounts are common to its mounts. Left out: everybody may look. */
  readonly credential?: { readonly userName: string; readonly password: string } | undefined;
  /** Encodes pictures of its own as it goes, instead of the clip that all share. Costs some 10 % of a core while watched. */
  readonly live?: boolean | undefined;
  /** What is shown; left out: a test picture, 640 x 360 at 12 pictures a second. */
  readonly clip?: ServedClip | undefined;
}

/** One RTSP server for any number of cameras: H.264 and G.711A over TCP and UDP. */
export interface StreamServer extends AsyncDisposable {
  readonly port: number;
  /** Offers a stream; its address. */
  mount(mount: StreamMount): Promise<string>;
  unmount(path: string): Promise<void>;
  /** Other pictures on a mount, while it is watched, from their next whole picture on. Not for one that is `live`. */
  show(path: string, clip: ServedClip): Promise<void>;
  fail(path: string, fault: StreamFault): Promise<void>;
  /** Ends the connections of everybody who watches it. */
  disconnect(path: string): Promise<void>;
  /** From now on this is the account's password. */
  setPassword(userName: string, password: string): Promise<void>;
  /** Kills and starts the server again with its mounts, as a camera's media process does when it crashes. */
  restart(): Promise<void>;
}

export interface RtspStream extends AsyncDisposable {
  readonly port: number;
  readonly path: string;
  restart(): Promise<void>;
}

export interface MissingProgram {
  readonly missing: string;
  readonly why: string;
  readonly install: string;
}

export const streamPackages =
  'apt-get install python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-rtsp gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly';

const script = fileURLToPath(new URL('./rtsp-server.py', import.meta.url));

/** The Python process, and the answers to what it is told, in their order. */
class StreamProcess {
  readonly #child: ChildProcess;
  readonly #answers: ((refused?: Error) => void)[] = [];

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('exit', () => {
      for (const answered of this.#answers.splice(0)) answered();
    });
  }

  static launch(port: number): Promise<StreamProcess> {
    return new Promise((resolve, reject) => {
      const child = spawn('/usr/bin/python3', [script, String(port)], { stdio: ['pipe', 'pipe', 'pipe'] });
      let said = '';
      child.stderr?.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-2000);
      });
      child.on('error', reject);
      child.stdin?.on('error', () => undefined);
      child.on('exit', (code) => reject(new Error(said.trim().split('\n').pop() || `exit code ${code}`)));
      const running = new StreamProcess(child);
      if (!child.stdout) return;
      createInterface(child.stdout).on('line', (line) => {
        if (line.startsWith('OK ')) running.#answers.shift()?.();
        else if (line.startsWith('NO ')) running.#answers.shift()?.(new Error(`stream server: ${line.slice(3)}`));
        else if (line === 'READY') resolve(running);
        else reject(new Error(line));
      });
    });
  }

  tell(order: object): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#answers.push((refused) => (refused ? reject(refused) : resolve()));
      this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
    });
  }

  end(): Promise<void> {
    const child = this.#child;
    return new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) {
        resolve();
        return;
      }
      child.once('exit', () => resolve());
      child.stdin?.end();
      setTimeout(() => child.kill('SIGKILL'), 1500).unref();
    });
  }
}

/** A real stream server by GStreamer; where its programs are missing, says which and how to install them. */
export const openStreamServer = async (options: { port?: number } = {}): Promise<StreamServer | MissingProgram> => {
  const port = options.port ?? (await freePort());
  const mounts = new Map<string, StreamMount>();
  let running: StreamProcess;
  try {
    running = await StreamProcess.launch(port);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { missing: 'GStreamer RTSP server', why, install: streamPackages };
  }
  const offer = ({ path, credential, live, clip }: StreamMount) =>
    running.tell({
      mount: `/${path}`,
      live: live === true,
      clip,
      user: credential?.userName,
      password: credential?.password,
    });
  return {
    port,
    async mount(mount) {
      mounts.set(mount.path, mount);
      await offer(mount);
      return `rtsp://127.0.0.1:${port}/${mount.path}`;
    },
    async unmount(path) {
      if (mounts.delete(path)) await running.tell({ unmount: `/${path}` });
    },
    async show(path, clip) {
      const before = mounts.get(path);
      if (before) mounts.set(path, { ...before, clip });
      await running.tell({ show: `/${path}`, clip });
    },
    fail: (path, fault) => running.tell({ fault: `/${path}`, kind: fault }),
    disconnect: (path) => running.tell({ disconnect: `/${path}` }),
    async setPassword(userName, password) {
      for (const [path, mount] of mounts)
        if (mount.credential?.userName === userName) mounts.set(path, { ...mount, credential: { userName, password } });
      await running.tell({ account: userName, password });
    },
    async restart() {
      await running.end();
      running = await StreamProcess.launch(port);
      for (const mount of mounts.values()) await offer(mount);
    },
    [Symbol.asyncDispose]: () => running.end(),
  };
};

/** A stream server with one mount. */
export const openRtspStream = async ({
  port,
  ...mount
}: StreamMount & { readonly port?: number }): Promise<RtspStream | MissingProgram> => {
  const server = await openStreamServer(port === undefined ? {} : { port });
  if ('missing' in server) return server;
  await server.mount(mount);
  return {
    port: server.port,
    path: mount.path,
    restart: () => server.restart(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
};
