import type { Clock } from '@hallhub/shared';
import type { Logger } from 'pino';
import type { BlobStore } from '../../blobs/index.js';
import type { Database } from '../../db/index.js';
import type { LivePublisher } from '../live/live-port.js';
import type { Sealing } from '../pki/sealing.js';

export interface ExchangeDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly live: LivePublisher;
  readonly log: Logger;
  /** Secrets and messages lie sealed. */
  readonly sealing: Sealing;
  readonly blobs: BlobStore;
  /** Files on their way in. */
  readonly uploadsDir: string;
  /** Channels whose address is on a private network, as government networks are, or on this machine. */
  readonly allowPrivate: boolean;
}
