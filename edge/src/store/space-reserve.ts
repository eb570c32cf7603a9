import { closeSync, existsSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';

/** Enough to write both journals into their files, which then give as much back. */
const reserveBytes = 8 * 1024 * 1024;

/** A file that only holds space: when the disk is full it is given up, so that old rows can be deleted at all. */
export class SpaceReserve {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** What it would take to have it whole again. */
  get missingBytes(): number {
    return existsSync(this.#file) ? 0 : reserveBytes;
  }

  /** Best effort: a disk that has no room for the reserve has its own message already. */
  take(): void {
    if (existsSync(this.#file)) return;
    let descriptor: number | undefined;
    try {
      descriptor = openSync(this.#file, 'w', 0o600);
      const block = Buffer.alloc(64 * 1024, 0x5a);
      for (let written = 0; written < reserveBytes; written += block.length) writeSync(descriptor, block);
      fsyncSync(descriptor);
    } catch {
      this.release();
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }

  release(): void {
    rmSync(this.#file, { force: true });
  }
}
