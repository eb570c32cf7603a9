import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { HubError } from '@hallhub/shared';
import type { Pool, PoolClient } from 'pg';
import type { DbLogger } from './logger.js';

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** Any constant will do, as long as every HallHub process takes the same lock. */
const lockKey = 4_702_111_234;

/** SQL files are not transpiled: compiled code finds them in the package's source when they were not copied beside it. */
const migrationFolder = (): string => {
  const folders = ['./migrations/', '../../src/db/migrations/'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const found = folders.find((folder) => existsSync(folder));
  if (!found) throw new HubError('bug', `the database's migration files are missing (looked in ${folders.join(', ')})`);
  return found;
};

export const readMigrations = (folder: string = migrationFolder()): Migration[] => {
  const migrations = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => {
      const number = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1];
      if (!number) throw new HubError('bug', `migration file name ${name} is not NNNN_name.sql`);
      const sql = readFileSync(`${folder}/${name}`, 'utf8').replaceAll('\r\n', '\n');
      return { number: Number(number), name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
  const twice = migrations.find((migration, i) => migrations[i - 1]?.number === migration.number);
  if (twice) throw new HubError('bug', `two migration files have the number of ${twice.name}`);
  return migrations;
};

const applied = async (client: PoolClient): Promise<Map<number, { name: string; checksum: string }>> => {
  await client.query(`CREATE TABLE IF NOT EXISTS schema_migrations (
    number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, duration_ms integer NOT NULL, applied_at timestamptz(3) NOT NULL DEFAULT now())`);
  const { rows } = await client.query<{ number: number; name: string; checksum: string }>(
    'SELECT number, name, checksum FROM schema_migrations',
  );
  return new Map(rows.map((row) => [row.number, row]));
};

const apply = async (client: PoolClient, migration: Migration): Promise<void> => {
  const startMs = performance.now();
  try {
    await client.query('BEGIN');
    await client.query(migration.sql);
    await client.query('INSERT INTO schema_migrations (number, name, checksum, duration_ms) VALUES ($1, $2, $3, $4)', [
      migration.number,
      migration.name,
      migration.checksum,
      Math.round(performance.now() - startMs),
    ]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw new HubError('bug', `database migration ${migration.name} failed: ${(error as Error).message}`, {
      cause: error,
      context: { position: (error as { position?: string }).position },
    });
  }
};

export interface MigrateOptions {
  readonly logger: DbLogger;
  readonly migrations?: readonly Migration[];
}

/**
 * Applies what is new, in order of number, one process at a time. Refuses (`store_corrupt`) a database that a newer
 * HallHub has changed and a file that was edited after it was applied. Returns the names applied now.
 */
export const migrate = async (database: { readonly ownerPool: Pool }, options: MigrateOptions): Promise<string[]> => {
  const { logger, migrations = readMigrations() } = options;
  const client = await database.ownerPool.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [lockKey]);
    const done = await applied(client);
    const known = new Set(migrations.map(({ number }) => number));
    const newer = [...done.entries()].find(([number]) => !known.has(number));
    if (newer) {
      throw new HubError(
        'store_corrupt',
        `the database holds migration ${newer[1].name}, which this version does not know`,
        {
          hint: 'a newer HallHub has used this database: start that version, or restore a backup from before it',
        },
      );
    }
    const changed = migrations.find(
      ({ number, checksum }) => done.has(number) && done.get(number)?.checksum !== checksum,
    );
    if (changed) {
      throw new HubError(
        'store_corrupt',
        `migration ${changed.name} was changed after it had been applied to this database`,
        {
          hint: 'an applied migration never changes: undo the edit and write a new file (while developing: start with an empty --data DIR)',
        },
      );
    }
    const names: string[] = [];
    for (const migration of migrations) {
      if (done.has(migration.number)) continue;
      await apply(client, migration);
      names.push(migration.name);
    }
    if (names.length > 0) logger.info({ applied: names }, 'database migrated');
    return names;
  } finally {
    await client.query('SELECT pg_advisory_unlock_all()').catch(() => undefined);
    client.release();
  }
};
