import type { Clock } from '@hallhub/shared';
import type { Logger } from 'pino';
import type { BlobStore } from '../../blobs/index.js';
import type { Database } from '../../db/index.js';
import type { LivePublisher } from '../live/live-port.js';
import type { Sealing } from '../pki/sealing.js';

export interface IntakeDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly live: LivePublisher;
  readonly log: Logger;
  /** PINs are hashed under the installation's secret. */
  readonly sealing: Sealing;
  /** Where pictures of findings lie, to be copied into their tickets. */
  readonly evidence: BlobStore;
}
