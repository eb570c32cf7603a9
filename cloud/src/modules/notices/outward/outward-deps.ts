import type { Clock } from '@hallhub/shared';
import type { Logger } from 'pino';
import type { Database } from '../../../db/index.js';
import type { MetricsRegistry } from '../../../http/metrics.js';
import type { LivePublisher } from '../../live/live-port.js';
import type { Sealing } from '../../pki/sealing.js';

export interface OutwardDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly live: LivePublisher;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  /** Secrets of channels, people’s numbers and addresses lie sealed. */
  readonly sealing: Sealing;
  /** Mail servers, gateways and endpoints on a private network or on this machine. */
  readonly allowPrivate: boolean;
  /** Where links in messages lead; null: they bear none. */
  readonly publicUrl: string | null;
}
