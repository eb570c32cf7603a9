import type { Clock } from '@hallhub/shared';
import type { Database } from '../../db/index.js';
import type { LivePublisher } from '../live/live-port.js';
import type { Actor } from './actor.js';

/** What of the request goes into the audit trail. Jobs and first start have none. */
export interface RequestFacts {
  readonly id: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** Present on a POST with `Idempotency-Key`: its row is stamped by `audit` in the verb's own transaction. */
  readonly idempotencyKey: string | null;
}

/** First argument of every verb: `verb(ctx, input)`. */
export interface VerbContext {
  readonly db: Database;
  readonly clock: Clock;
  readonly live: LivePublisher;
  readonly actor: Actor;
  readonly request: RequestFacts | null;
}
