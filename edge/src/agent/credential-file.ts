import path from 'node:path';
import { toHubError } from '@hallhub/shared';
import { loadCredential, type UnitCredential } from '../config/index.js';
import type { Logger } from '../ports/index.js';

/** The unit of lanes that were written before there was a credential. */
export const nobodysUnitId = '00000000-0000-7000-8000-000000000000';

/** DATA/unit.json, as it was last read. */
export class CredentialFile {
  readonly #file: string;
  readonly #logger: Logger;
  #credential: UnitCredential | undefined;
  #failure: string | undefined;

  constructor(dataDir: string, logger: Logger) {
    this.#file = path.join(dataDir, 'unit.json');
    this.#logger = logger;
    this.read();
  }

  get credential(): UnitCredential | undefined {
    return this.#credential;
  }

  /** Why the file, which is there, cannot be used. */
  get failure(): string | undefined {
    return this.#failure;
  }

  get unitId(): string {
    return this.#credential?.unitId ?? nobodysUnitId;
  }

  read(): UnitCredential | undefined {
    try {
      this.#credential = loadCredential(this.#file);
      this.#failure = undefined;
    } catch (error) {
      const { message, hint } = toHubError(error);
      // It is looked at every few seconds, and told once.
      if (message !== this.#failure) this.#logger.error({ hint }, message);
      this.#failure = message;
      this.#credential = undefined;
    }
    return this.#credential;
  }
}
