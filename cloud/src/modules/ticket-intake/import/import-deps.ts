import type { Clock } from '@hallhub/shared';
import type { Logger } from 'pino';
import type { Database } from '../../../db/index.js';
import type { LivePublisher } from '../../live/live-port.js';
import type { Sealing } from '../../pki/sealing.js';

export interface ImportDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly live: LivePublisher;
  readonly log: Logger;
  readonly sealing: Sealing;
  /** Where a file lies while it is read. */
  readonly uploadsDir: string;
}

/** How long rows of an import lie: until it is begun, and after it has ended. */
export const keepMs = 7 * 86_400_000;
