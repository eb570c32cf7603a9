import { readFileSync } from 'node:fs';
import path from 'node:path';
import { epochSchema, type Lane, laneNames } from '@hallhub/shared/wire';
import { z } from 'zod';
import type { Logger } from '../ports/index.js';
import { writeFileSafely } from '../store/write-file-safely.js';

const noteSchema = z.partialRecord(z.enum(laneNames), epochSchema);
export type Epochs = z.infer<typeof noteSchema>;

/** DATA/epochs.json: the epochs in use, beside the databases, so that one that was lost can still be closed by its successor. */
export class EpochNote {
  readonly #file: string;
  readonly #logger: Logger;

  constructor(dataDir: string, logger: Logger) {
    this.#file = path.join(dataDir, 'epochs.json');
    this.#logger = logger;
  }

  read(): Epochs {
    try {
      return noteSchema.safeParse(JSON.parse(readFileSync(this.#file, 'utf8'))).data ?? {};
    } catch {
      // The first start, or a note that was lost with the rest: then the new epoch closes nothing by name.
      return {};
    }
  }

  write(epochs: Record<Lane, string>): void {
    const text = JSON.stringify(epochs);
    if (JSON.stringify(this.read()) === text) return;
    try {
      writeFileSafely(this.#file, text);
    } catch (error) {
      this.#logger.warn({ error: String(error) }, 'the note of epochs could not be written');
    }
  }
}
