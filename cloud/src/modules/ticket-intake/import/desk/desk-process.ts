import { systemClock } from '@hallhub/shared';
import pg from 'pg';
import pino from 'pino';
import { folderBlobStore } from '../../../../blobs/index.js';
import type { Database } from '../../../../db/index.js';
import { createSealing } from '../../../pki/sealing.js';
import { openTickets } from '../../../tickets/index.js';
import { ImportDesk } from './import-desk.js';
import { importSecret } from './import-secret.js';

/** For tests: a process that goes through imports until it is killed. */
process.once('message', ({ app, folder }: { app: pg.PoolConfig; folder: string }) => {
  const pool = new pg.Pool({ ...app, max: 2, pipeline: true });
  const database = { appPool: pool, ownerPool: pool } as unknown as Database;
  const log = pino({ level: 'silent' });
  const live = { publish: () => {} };
  const sealing = createSealing('test-secret-of-32-characters-or-more');
  openTickets({ database, clock: systemClock, live, sealing, blobs: folderBlobStore(folder), uploadsDir: folder, log });
  const deps = { database, clock: systemClock, live, log, sealing: createSealing(importSecret), uploadsDir: folder };
  new ImportDesk(deps, { everyMs: 20 }).start();
  process.send?.('ready');
});
process.once('disconnect', () => process.exit(0));
