import { systemClock } from '@hallhub/shared';
import pg from 'pg';
import pino from 'pino';
import type { Database } from '../../../../db/index.js';
import { MetricsRegistry } from '../../../../http/metrics.js';
import { createSealing } from '../../../pki/sealing.js';
import { openNotices } from '../../index.js';

export interface SenderOrder {
  readonly app: pg.PoolConfig;
  /** Its clock, so that leases of the dead end without waiting. */
  readonly aheadMs: number;
}

/** For tests: empties the outbox until it is killed. */
process.once('message', ({ app, aheadMs }: SenderOrder) => {
  const pool = new pg.Pool({ ...app, max: 6, pipeline: true });
  const database = { appPool: pool, ownerPool: pool } as unknown as Database;
  const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
  const deps = {
    ...{ database, clock, live: { publish: () => {} }, log: pino({ level: 'silent' }), metrics: new MetricsRegistry() },
    ...{ sealing: createSealing('test-secret-of-32-characters-or-more'), allowPrivate: true, publicUrl: null },
  };
  openNotices(deps, { everyMs: 20, random: () => 0 });
  process.send?.('ready');
});
process.once('disconnect', () => process.exit(0));
