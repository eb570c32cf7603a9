import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { MissingProgram } from '../rtsp-stream.js';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export const ffmpegMissing: MissingProgram = {
  missing: 'ffmpeg',
  why: 'footage and scenes are encoded with it once',
  install: 'apt-get install ffmpeg',
};

/** Quiet, one thread: beside a hall that works, and the same bytes every time. */
const quiet = ['-hide_banner', '-nostdin', '-v', 'error', '-threads', '1'];

const start = (args: readonly string[], stdin: 'pipe' | 'ignore') => {
  const child = spawn('ffmpeg', [...quiet, ...args], {
    stdio: [stdin, 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`ffmpeg ended with ${code}: ${said.trim()}`)),
    );
  });
  // Awaited by everybody who starts one; a failure before that is no unhandled one.
  ended.catch(() => undefined);
  return { child, ended };
};

/** Ends with an error where ffmpeg does; `ENOENT` where there is none. */
export const runFfmpeg = async (args: readonly string[]): Promise<void> => {
  const { child, ended } = start(args, 'ignore');
  child.stdout?.resume();
  await ended;
};

/**
 * Pictures of a file as packed RGB, one after the other, each in memory of its own.
 * `filter`: what ffmpeg does to them before, such as `select` or `scale`; the size is what comes out of it.
 */
export async function* readPictures(
  file: string,
  { width, height, filter }: PictureSize & { readonly filter?: string },
): AsyncGenerator<Buffer> {
  const bytes = width * height * 3;
  const { child, ended } = start(
    [
      '-i',
      file,
      ...(filter ? ['-vf', filter] : []),
      '-fps_mode',
      'passthrough',
      '-f',
      'rawvideo',
      '-pix_fmt',
      'rgb24',
      'pipe:1',
    ],
    'ignore',
  );
  let whole = false;
  try {
    let picture = Buffer.allocUnsafe(bytes);
    let filled = 0;
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; ) {
        const taken = chunk.copy(picture, filled, at);
        at += taken;
        filled += taken;
        if (filled < bytes) continue;
        yield picture;
        picture = Buffer.allocUnsafe(bytes);
        filled = 0;
      }
    }
    whole = true;
    await ended;
  } finally {
    if (!whole) stop(child);
  }
}

const stop = (child: ChildProcess) => {
  child.kill('SIGKILL');
};

export interface EncodedStream extends PictureSize {
  readonly file: string;
}

/** H.264 as cameras send it: whole groups of one second without B pictures, parameter sets before each. */
const h264Args = ({ width, height, file }: EncodedStream, fps: number): string[] => [
  ...[
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-profile:v',
    'main',
    '-pix_fmt',
    'yuv420p',
    '-s',
    `${width}x${height}`,
  ],
  ...['-crf', '24', '-bf', '0', '-g', String(fps), '-keyint_min', String(fps), '-sc_threshold', '0', '-threads', '1'],
  ...['-x264-params', 'repeat-headers=1:aud=1', '-f', 'h264', '-y', file],
];

/** Encodes a file to one or more sizes. */
export const encodeFile = (
  file: string,
  {
    fps,
    streams,
    filter,
  }: { readonly fps: number; readonly streams: readonly EncodedStream[]; readonly filter?: string },
): Promise<void> =>
  // A bare H.264 file does not say how fast it is.
  runFfmpeg([
    ...['-r', String(fps), '-i', file],
    ...streams.flatMap((stream) => ['-an', ...(filter ? ['-vf', filter] : []), ...h264Args(stream, fps)]),
  ]);

export interface PictureEncoder {
  /** Resolves when there is room for the next one. */
  write(rgb: Uint8Array): Promise<void>;
  /** Everything is on disk. */
  end(): Promise<void>;
  abort(): void;
}

/** Encodes packed RGB pictures as they come, to one or more sizes. */
export const openEncoder = ({
  width,
  height,
  fps,
  streams,
  filter,
}: PictureSize & {
  readonly fps: number;
  readonly streams: readonly EncodedStream[];
  readonly filter?: string;
}): PictureEncoder => {
  const { child, ended } = start(
    [
      ...['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-r', String(fps), '-i', 'pipe:0'],
      ...streams.flatMap((stream) => [...(filter ? ['-vf', filter] : []), ...h264Args(stream, fps)]),
    ],
    'pipe',
  );
  child.stdout?.resume();
  child.stdin?.on('error', () => undefined);
  return {
    async write(rgb) {
      if (!child.stdin?.writable) await ended;
      if (child.stdin?.write(rgb) === false) await Promise.race([once(child.stdin, 'drain'), ended]);
    },
    async end() {
      child.stdin?.end();
      await ended;
    },
    abort: () => stop(child),
  };
};
