import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Clock, Timer } from '@hallhub/shared';
import type { Logger } from '../ports/index.js';
import type { DeviceRecord } from '../store/schema.js';
import { writeFileSafely } from '../store/write-file-safely.js';

const saveDelayMs = 2_000;

/**
 * DATA/registry.json: a copy of the registry beside hub.db. When that file turns out damaged, devices keep their identity, name,
 * place and credential (hashes only), and nobody has to go through the hall.
 */
export class RegistryCopy {
  readonly #file: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #timer: Timer | undefined;

  constructor(dataDir: string, clock: Clock, logger: Logger) {
    this.#file = path.join(dataDir, 'registry.json');
    this.#clock = clock;
    this.#logger = logger;
  }

  read(): DeviceRecord[] {
    try {
      const { devices } = JSON.parse(readFileSync(this.#file, 'utf8'), revive) as { devices?: DeviceRecord[] };
      return Array.isArray(devices) ? devices : [];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        this.#logger.warn({ error: String(error) }, 'the copy of the registry cannot be read');
      }
      return [];
    }
  }

  /** A little later, once for many changes. */
  saveSoon(records: () => Iterable<DeviceRecord>): void {
    this.#timer ??= this.#clock.setTimeout(() => this.save(records), saveDelayMs);
  }

  save(records: () => Iterable<DeviceRecord>): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    try {
      writeFileSafely(this.#file, JSON.stringify({ version: 1, devices: [...records()] }));
    } catch (error) {
      this.#logger.warn({ error: String(error) }, 'the copy of the registry could not be written');
    }
  }
}

/** Buffers are JSON as `{type: 'Buffer', data: […]}`. */
const revive = (_key: string, value: unknown): unknown => {
  const given = value as { type?: unknown; data?: unknown } | null;
  return given?.type === 'Buffer' && Array.isArray(given.data) ? Buffer.from(given.data as number[]) : value;
};
