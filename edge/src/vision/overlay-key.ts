import { randomBytes } from 'node:crypto';
import { toHubError } from '@hallhub/shared';
import type { Logger } from '../ports/index.js';
import type { Store } from '../store/index.js';
import { overlayKeyOf } from './evidence/anti-forgery-code.js';

export interface OverlayKeyOptions {
  readonly store: Store;
  readonly logger: Logger;
  /** The unit's secret; undefined: it is not enrolled. */
  readonly secret: () => string | undefined;
}

const keyName = 'vision.overlayKey';

/** What codes on pictures are made of: the unit's secret, or one of its own until it has that. */
export class OverlayKey {
  readonly #options: OverlayKeyOptions;
  #own: string | undefined;

  constructor(options: OverlayKeyOptions) {
    this.#options = options;
  }

  get value(): string {
    const secret = this.#options.secret();
    if (secret !== undefined) return overlayKeyOf(secret);
    const { hub } = this.#options.store;
    const known = hub.commit.db.prepare('SELECT value FROM meta WHERE key = ?').pluck().get(keyName);
    if (typeof known === 'string') return known;
    this.#own ??= randomBytes(32).toString('hex');
    try {
      hub.commit.db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(keyName, this.#own);
    } catch (error) {
      // On a full disk cameras are looked at all the same; it is written with the next change.
      this.#options.logger.warn({ error: toHubError(error).message }, 'the key of codes on pictures was not stored');
    }
    return this.#own;
  }
}
