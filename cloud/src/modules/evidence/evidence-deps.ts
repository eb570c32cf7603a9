import type { Clock } from '@hallhub/shared';
import type { Logger } from 'pino';
import type { BlobStore } from '../../blobs/index.js';
import type { Database } from '../../db/index.js';
import type { LivePublisher } from '../live/live-port.js';

export interface EvidenceDeps {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly live: LivePublisher;
  readonly log: Logger;
}
