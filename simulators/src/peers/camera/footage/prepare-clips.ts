import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MissingProgram } from '../rtsp-stream.js';
import type { ClipName } from './clip-store.js';
import { ffmpegMissing } from './raw-video.js';
import { findStreetFootage } from './street-footage.js';

/** What this machine lacks for footage and scenes. */
export const missingForFootage = (env: NodeJS.ProcessEnv = process.env): MissingProgram[] => {
  const footage = findStreetFootage(env);
  const hasFfmpeg = (env.PATH ?? '')
    .split(delimiter)
    .some((folder) => folder !== '' && existsSync(join(folder, 'ffmpeg')));
  return ['missing' in footage ? [footage] : [], hasFfmpeg ? [] : [ffmpegMissing]].flat();
};

// The same form as this file: source, or compiled.
const script = fileURLToPath(
  new URL(`./make-clips${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

export interface Preparation extends Disposable {
  /** False: it could not be made, `onFailed` said why, or preparing was ended. */
  made(name: ClipName): Promise<boolean>;
}

/**
 * Makes clips beside the work of this process, which many devices wait for; a store of the same folder then finds them.
 */
export const prepareClips = (
  folder: string,
  names: readonly ClipName[],
  onFailed: (name: string, why: string) => void = () => undefined,
): Preparation => {
  const waiting = new Map(
    names.map((name) => {
      let settle: (made: boolean) => void = () => undefined;
      const done = new Promise<boolean>((resolve) => {
        settle = resolve;
      });
      return [name as string, { done, settle }] as const;
    }),
  );
  const child = fork(script, [folder, ...names], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  child.on('message', (message: { made?: string; failed?: string; why?: string }) => {
    if (message.failed) onFailed(message.failed, message.why ?? '');
    waiting.get(message.made ?? message.failed ?? '')?.settle(message.made !== undefined);
  });
  const giveUp = () => {
    for (const { settle } of waiting.values()) settle(false);
  };
  child.once('error', (error) => {
    onFailed(names.join(', '), error.message);
    giveUp();
  });
  child.once('exit', giveUp);
  return {
    made: (name) => waiting.get(name)?.done ?? Promise.resolve(false),
    [Symbol.dispose]: () => child.kill('SIGKILL'),
  };
};
