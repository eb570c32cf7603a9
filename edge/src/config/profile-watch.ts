import { type FSWatcher, watch } from 'node:fs';
import type { Clock, Timer } from '@hallhub/shared';
import type { Logger } from '../ports/index.js';
import { profileFolders, profileSignature } from './profile-files.js';

/** An editor writes a file in several steps, a copy of a corpus takes a while. */
const quietMs = 500;
/** Network folders and full watch tables tell nothing by themselves. */
const lookEveryMs = 30_000;

/** Tells when the files of a profile folder have changed and are quiet again. */
export class ProfileWatch {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #changed: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #timer: Timer | undefined;
  #signature: string;
  #stopped = false;

  constructor(folder: string, parts: { clock: Clock; logger: Logger; changed: () => void }) {
    this.#folder = folder;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#changed = parts.changed;
    this.#signature = profileSignature(folder);
    this.#watch();
    this.#wait(lookEveryMs);
  }

  /** The folder as it is now has been taken up. */
  seen(): void {
    this.#signature = profileSignature(this.#folder);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #wait(ms: number): void {
    this.#timer?.cancel();
    if (!this.#stopped) this.#timer = this.#clock.setTimeout(() => this.#look(), ms);
  }

  #look(): void {
    this.#wait(lookEveryMs);
    this.#watch();
    const now = profileSignature(this.#folder);
    if (now === this.#signature) return;
    this.#signature = now;
    this.#changed();
  }

  /** A watcher for each folder; new folders get theirs when they are seen. */
  #watch(): void {
    let folders: string[] = [];
    try {
      folders = profileFolders(this.#folder);
    } catch (error) {
      this.#logger.warn({ folder: this.#folder, error: String(error) }, 'the folder of profiles cannot be read');
    }
    for (const [folder, watcher] of this.#watchers) {
      if (folders.includes(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#watchOne(folder);
  }

  #watchOne(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#wait(quietMs));
      watcher.on('error', () => {
        watcher.close();
        this.#watchers.delete(folder);
        this.#wait(quietMs);
      });
      this.#watchers.set(folder, watcher);
    } catch (error) {
      // Too many watches on this machine: the look every half minute finds what changed.
      this.#logger.debug({ folder, error: String(error) }, 'a folder of profiles is not watched');
    }
  }
}
