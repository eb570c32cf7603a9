import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cutClip, type RecordingRing } from '../recording/index.js';
import type { RawPicture } from './raw-picture.js';
import { runFfmpeg } from './run-ffmpeg.js';

export interface FullPictureOptions {
  readonly ring: RecordingRing;
  readonly atMs: number;
  /** For files that are gone again when it resolves. */
  readonly folder: string;
  readonly name: string;
  readonly ffmpeg: string;
  readonly signal?: AbortSignal | undefined;
}

const maxGroupBytes = 32 * 1_048_576;
const timeoutMs = 8_000;
/** What was recorded is of that moment: nothing else is shown as it. */
const nearMs = 700;
const largestBytes = 4 * 7_680 * 4_320;

/** The picture of a moment in the camera's full resolution, out of the recorded group of pictures. Undefined: that was not recorded. */
export const fullPicture = async (options: FullPictureOptions): Promise<RawPicture | undefined> => {
  const { ring, atMs, folder, name, ffmpeg, signal } = options;
  const clip = await cutClip(ring, { fromMs: atMs, toMs: atMs, aroundMs: atMs, maxBytes: maxGroupBytes });
  if (!clip || clip.toMs < atMs - nearMs || clip.fromMs > atMs + nearMs) return undefined;
  const file = path.join(folder, `${name}.group.mp4`);
  try {
    await writeFile(file, clip.bytes, { mode: 0o600 });
    // All up to the last is decoded, the last is given: reversed, it comes first of the few that are left.
    const seconds = Math.max(0, (clip.lastMs - clip.fromMs) / 1_000 - 0.1);
    const last = ['-ss', seconds.toFixed(3), '-i', file, '-map', '0:v:0', '-vf', 'reverse', '-frames:v', '1'];
    const ppm = await runFfmpeg([...last, '-f', 'image2pipe', '-c:v', 'ppm', 'pipe:1'], {
      ...{ ffmpeg, signal, timeoutMs, maxOutputBytes: largestBytes },
    });
    return readPpm(ppm);
  } finally {
    await rm(file, { force: true });
  }
};

const readPpm = (ppm: Buffer): RawPicture | undefined => {
  const head = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(ppm.toString('latin1', 0, 64));
  if (!head) return undefined;
  const [width, height] = [Number(head[1]), Number(head[2])];
  const rgb = ppm.subarray(head[0].length);
  return rgb.length >= width * height * 3 ? { width, height, rgb: rgb.subarray(0, width * height * 3) } : undefined;
};
