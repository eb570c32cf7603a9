import { rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, HubError } from '@hallhub/shared';
import pg from 'pg';
import { adminRole, EmbeddedServer } from '../db/embedded/index.js';
import type { DbLogger } from '../db/index.js';
import { databaseName } from '../db/prepare-roles.js';
import { type BookMarks, compareMarks, type MarkFault, readMarks } from './book-marks.js';
import { restoreFiles } from './restore-files.js';
import type { BackupKey } from './sealed-file.js';

/** What a restored backup was found to be. */
export interface RestoreReport {
  readonly ok: boolean;
  readonly faults: readonly MarkFault[];
  readonly found: BookMarks;
  readonly migrations: number;
  readonly tables: number;
  readonly indexes: number;
  /** From the first byte read to a server that answers, ms. */
  readonly restoreMs: number;
  readonly checkMs: number;
}

export interface CheckOptions {
  readonly file: string;
  readonly key: BackupKey;
  /** Made, and removed again; needs room for the whole database. */
  readonly scratch: string;
  readonly databaseBytes?: number | null;
  readonly clock: Clock;
  readonly logger: DbLogger;
  readonly signal?: AbortSignal | undefined;
}

/** Restores a backup into a folder of its own on this machine, starts it, reads every table and index, and compares the books. */
export const checkRestore = async (options: CheckOptions): Promise<RestoreReport> => {
  const { scratch, clock, logger, signal } = options;
  await requireRoom(scratch, options.databaseBytes ?? 0);
  const startMs = clock.monotonicMs();
  let server: EmbeddedServer | undefined;
  try {
    const { manifest } = await restoreFiles({ ...options, dataDir: scratch, until: 'backup' });
    server = await EmbeddedServer.open({
      ...{ dataDir: scratch, clock, logger, signal },
      durable: false,
      restored: true,
      settings: { shared_buffers: '32MB', max_connections: '10', autovacuum: 'off' },
    });
    const client = new pg.Client({
      ...{ host: server.socketDir, port: 5432, user: adminRole, password: server.secret.adminPassword },
      database: databaseName,
    });
    client.on('error', () => undefined);
    await client.connect();
    const restoreMs = Math.round(clock.monotonicMs() - startMs);
    try {
      const checkStartMs = clock.monotonicMs();
      const found = await readMarks(client, new Date(clock.now()));
      const faults = compareMarks({ before: manifest.before, after: manifest.after, found });
      const { indexes, tables } = await readEverything(client, faults, signal);
      return {
        ...{ ok: faults.length === 0, faults, found, migrations: found.migrations.length, tables, indexes, restoreMs },
        checkMs: Math.round(clock.monotonicMs() - checkStartMs),
      };
    } finally {
      await client.end().catch(() => undefined);
    }
  } finally {
    await server?.close();
    const moved =
      server && server.location.serverDir !== server.location.hubDir ? server.location.serverDir : undefined;
    await rm(scratch, { recursive: true, force: true });
    if (moved) await rm(moved, { recursive: true, force: true });
  }
};

/** amcheck: every page of every table and index of ours is read and its structure followed. */
export const readEverything = async (
  client: pg.Client,
  faults: MarkFault[],
  signal: AbortSignal | undefined,
): Promise<{ tables: number; indexes: number }> => {
  await client.query('CREATE EXTENSION IF NOT EXISTS amcheck');
  const { rows } = await client.query<{ oid: number; name: string; kind: 'table' | 'index' }>(
    `SELECT c.oid, c.oid::regclass::text AS name, CASE WHEN c.relkind = 'i' THEN 'index' ELSE 'table' END AS kind
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am a ON a.oid = c.relam LEFT JOIN pg_index i ON i.indexrelid = c.oid
     WHERE n.nspname IN ('public', 'jobs') AND c.relpersistence = 'p'
       AND ((c.relkind = 'r') OR (c.relkind = 'i' AND a.amname = 'btree' AND i.indisvalid)) ORDER BY c.relkind DESC, c.oid`,
  );
  const counted = { tables: 0, indexes: 0 };
  for (const { oid, name, kind } of rows) {
    signal?.throwIfAborted();
    try {
      if (kind === 'index') {
        await client.query('SELECT bt_index_check($1::oid::regclass)', [oid]);
        counted.indexes++;
      } else {
        const seen = await client.query<{ msg: string }>('SELECT msg FROM verify_heapam($1::oid::regclass) LIMIT 1', [
          oid,
        ]);
        if (seen.rows[0]) faults.push({ what: name, expected: 'sound', found: seen.rows[0].msg });
        counted.tables++;
      }
    } catch (error) {
      faults.push({ what: name, expected: 'sound', found: (error as Error).message });
    }
  }
  return counted;
};

export const requireRoom = async (scratch: string, databaseBytes: number): Promise<void> => {
  const { bavail, bsize } = await statfs(dirname(scratch));
  const needed = databaseBytes * 1.2 + 64 * 2 ** 20;
  if (bavail * bsize >= needed) return;
  throw new HubError(
    'store_full',
    `There is no room to restore the backup for its check: ${mib(needed)} needed in ${dirname(scratch)}`,
    {
      hint: 'Free some space, or name a folder on another disk with HALLHUB_BACKUP_SCRATCH.',
    },
  );
};

const mib = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
