import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { HubError } from '@hallhub/shared';
import { epochMsSchema, maxSnapshotBytes, type UnitSnapshot, unitSnapshotSchema } from '@hallhub/shared/wire';
import { z } from 'zod';
import { hubMigrations } from '../../store/migrations.js';
import { openDatabase } from '../../store/open-database.js';
import { writeFileSafely } from '../../store/write-file-safely.js';
import type { IdentityFiles } from '../identity-files.js';
import { missingAddresses, restoreFiles } from './snapshot-files.js';
import { snapshotHash, toldKey } from './snapshot-hash.js';
import { writeTables } from './snapshot-tables.js';

/** What an unpacked snapshot may take: a bomb must not take the unit's memory. */
const maxUnpackedBytes = 8 * maxSnapshotBytes;

/** DATA/identity/replaced.json: how the last replacement went, for status and doctor. */
const reportSchema = z.object({
  at: epochMsSchema,
  /** When the unit before made the snapshot; null: it left none that could be used. */
  madeAt: epochMsSchema.nullable(),
  devices: z.number().int(),
  /** Addresses of its configuration that this machine has not. */
  missing: z.array(z.string()),
  /** Why nothing was restored. */
  failure: z.string().optional(),
});
export type ReplacementReport = z.infer<typeof reportSchema>;

export interface RestoreOptions {
  readonly files: IdentityFiles;
  readonly configFile: string;
  /** Whoever started the agent brings edge.yaml. */
  readonly keepConfig: boolean;
  readonly now: number;
}

/** docs/protocol.md 5.4: all of it before the hall opens. A power cut on the way: the next start does it again, from the same file. */
export const restoreSnapshot = ({ files, configFile, keepConfig, now }: RestoreOptions): ReplacementReport => {
  const report = attempt();
  writeFileSafely(reportFile(files), JSON.stringify(report));
  files.endReplacement();
  return report;

  function attempt(): ReplacementReport {
    try {
      const snapshot = readSnapshot(readFileSync(files.snapshotFile));
      const { db } = openDatabase(path.join(files.dataDir, 'hub.db'), hubMigrations);
      try {
        const told = db.prepare('SELECT value FROM meta WHERE key = ?').pluck().get(toldKey) as string | undefined;
        const own = told && JSON.parse(told).hash === snapshotHash(snapshot);
        // It is this folder's own: what is here is as new, or newer.
        if (!own) {
          // The tables first: what does not fit into them leaves the files alone too.
          db.transaction(() => {
            writeTables(db, snapshot.tables, now);
            restoreFiles(snapshot.files, { configFile, keepConfig, dataDir: files.dataDir });
          }).immediate();
        }
      } finally {
        db.close();
      }
      const { madeAt, tables } = snapshot;
      return { at: now, madeAt, devices: tables.device?.length ?? 0, missing: missingAddresses(configFile) };
    } catch (error) {
      if (error instanceof HubError && error.code.startsWith('store_')) throw error;
      return { at: now, madeAt: null, devices: 0, missing: [], failure: (error as Error).message };
    }
  }
};

export const readReport = (files: IdentityFiles): ReplacementReport | undefined => {
  try {
    return reportSchema.parse(JSON.parse(readFileSync(reportFile(files), 'utf8')));
  } catch {
    // There was no replacement, or its report is half-written: nothing hangs on it.
    return undefined;
  }
};

export const forgetReport = (files: IdentityFiles): void => rmSync(reportFile(files), { force: true });

const reportFile = ({ folder }: IdentityFiles): string => path.join(folder, 'replaced.json');

/** gzip of JSON, or JSON. */
const readSnapshot = (bytes: Buffer): UnitSnapshot => {
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const text = (packed ? gunzipSync(bytes, { maxOutputLength: maxUnpackedBytes }) : bytes).toString('utf8');
  return unitSnapshotSchema.parse(JSON.parse(text));
};
