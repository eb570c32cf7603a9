import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '@hallhub/shared';
import type { MadeFile, MadePictures } from '../evidence/index.js';
import { madePicturesSchema } from '../process/news-contract.js';

/** Longer than any clip takes to be made: what nobody asked for by then is nobody's. */
const forgottenAfterMs = 3_600_000;

const noteOf = (episodeId: string): string => `${episodeId}.made.json`;

/** Where the child leaves what it made until the evidence store has it. Nothing outside of it is ever read or removed by its word. */
export class MadeFolder {
  readonly #folder: string;
  readonly #clock: Clock;
  /** Names that nobody waits for, and when they were seen first, monotonic: the wall clock may jump. */
  readonly #strangers = new Map<string, number>();

  constructor(folder: string, clock: Clock) {
    this.#folder = path.resolve(folder);
    this.#clock = clock;
  }

  /** Files as the child names them, without those that do not lie here. */
  ownOf<T extends Pick<MadeFile, 'file'>>(files: readonly T[]): T[] {
    return files.filter(({ file }) => path.dirname(path.resolve(file)) === this.#folder);
  }

  /** What a child that was killed had made of an episode; undefined: nothing that can be read. */
  note(episodeId: string): MadePictures | undefined {
    try {
      const parsed = madePicturesSchema.safeParse(
        JSON.parse(readFileSync(path.join(this.#folder, noteOf(episodeId)), 'utf8')),
      );
      return parsed.success ? (parsed.data as unknown as MadePictures) : undefined;
    } catch {
      return undefined;
    }
  }

  async remove(files: readonly Pick<MadeFile, 'file'>[], episodeId?: string): Promise<void> {
    for (const { file } of this.ownOf(files)) await rm(file, { force: true });
    if (episodeId !== undefined) await rm(path.join(this.#folder, noteOf(episodeId)), { force: true });
  }

  /** Removes what nobody wants: all of it before the child runs, later what has lain here for an hour. */
  async sweep(wanted: readonly Pick<MadeFile, 'file'>[], isChildRunning: boolean): Promise<void> {
    if (!existsSync(this.#folder)) return;
    const names = new Set(wanted.map(({ file }) => path.basename(file)));
    const here = readdirSync(this.#folder).filter((name) => !names.has(name));
    const nowMs = this.#clock.monotonicMs();
    for (const name of this.#strangers.keys()) if (!here.includes(name)) this.#strangers.delete(name);
    for (const name of here) {
      const sinceMs = this.#strangers.get(name) ?? nowMs;
      this.#strangers.set(name, sinceMs);
      if (isChildRunning && nowMs - sinceMs < forgottenAfterMs) continue;
      await rm(path.join(this.#folder, name), { force: true, recursive: true });
      this.#strangers.delete(name);
    }
  }
}
