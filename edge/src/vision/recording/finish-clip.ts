import { rename, rm, writeFile } from 'node:fs/promises';
import { HubError, toHubError } from '@hallhub/shared';
import { runFfmpeg } from '../evidence/run-ffmpeg.js';
import type { Clip } from './clip-cut.js';

export interface FinishOptions {
  /** Where the clip goes. */
  readonly file: string;
  readonly ffmpeg: string;
  readonly signal?: AbortSignal | undefined;
}

/** Writes a clip as a plain MP4 whose index comes first: plays while it loads, everywhere. Encodes nothing. */
export const finishClip = async (clip: Clip, { file, ffmpeg, signal }: FinishOptions): Promise<void> => {
  const raw = `${file}.raw.mp4`;
  const done = `${file}.done.mp4`;
  try {
    await writeFile(raw, clip.bytes, { mode: 0o600 });
    const copy = ['-map', '0:v:0', '-c', 'copy', '-map_metadata', '-1', '-fflags', '+bitexact'];
    await runFfmpeg(['-i', raw, ...copy, '-movflags', '+faststart', '-f', 'mp4', done], { ffmpeg, signal });
    await rename(done, file);
  } catch (error) {
    const failure = toHubError(error);
    throw new HubError(failure.code === 'bug' ? 'unavailable' : failure.code, `no clip: ${failure.message}`, {
      cause: error,
    });
  } finally {
    await Promise.all([raw, done].map((one) => rm(one, { force: true })));
  }
};
