import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../store/make-folder.js';

const maxFileBytes = 4 * 1024 * 1024;
const keptFiles = 5;

/** `hub.log`, `hub.1.log` … in a folder: never more than 20 MiB together. A disk that refuses costs log lines, nothing else. */
export class RotatingFile {
  readonly #folder: string;
  #descriptor: number | undefined;
  #bytes = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  write(line: string): void {
    try {
      this.#descriptor ??= this.#open();
      this.#bytes += writeSync(this.#descriptor, line);
      if (this.#bytes >= maxFileBytes) this.#rotate();
    } catch {
      // Standard error has the line too; a full disk is said by the store.
      this.close();
    }
  }

  /** The last `count` lines over all files, oldest first. */
  tail(count: number): string[] {
    const lines: string[] = [];
    for (let index = 0; index < keptFiles && lines.length < count; index++) {
      const file = this.#file(index);
      if (!existsSync(file)) break;
      lines.unshift(
        ...readFileSync(file, 'utf8')
          .split('\n')
          .filter(Boolean)
          .slice(-(count - lines.length)),
      );
    }
    return lines;
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #open(): number {
    makeFolder(this.#folder);
    const file = this.#file(0);
    this.#bytes = existsSync(file) ? statSync(file).size : 0;
    return openSync(file, 'a', 0o600);
  }

  #rotate(): void {
    this.close();
    rmSync(this.#file(keptFiles - 1), { force: true });
    for (let index = keptFiles - 2; index >= 0; index--) {
      if (existsSync(this.#file(index))) renameSync(this.#file(index), this.#file(index + 1));
    }
  }

  #file(index: number): string {
    return path.join(this.#folder, index === 0 ? 'hub.log' : `hub.${index}.log`);
  }
}
