import { withSystem } from '../../db/index.js';
import type { JobDefinition } from '../../jobs/index.js';
import type { EvidenceDeps } from './evidence-deps.js';
import { lockBlob } from './lock-blob.js';

const dayMs = 86_400_000;
/** A file that did not come for so long is called missing; should it come, it is taken all the same. */
const missingAfterDays = 30;
const chunkRows = 500;

export interface EvidenceJobDeps extends EvidenceDeps {
  readonly keepDays: number;
  readonly expire: () => Promise<number>;
}

/** Drops abandoned uploads, calls missing what never came, and removes what is older than it is kept. */
export const sweepEvidence = async (
  deps: EvidenceJobDeps,
): Promise<{ expired: number; missing: number; removed: number }> => {
  const { database, clock } = deps;
  const expired = await deps.expire();
  const missing = await withSystem(database, (tx) =>
    tx.$client.query(
      `UPDATE evidence SET state = 'missing', changed_at = $2 WHERE state IN ('pending', 'uploading') AND changed_at < $1`,
      [new Date(clock.now() - missingAfterDays * dayMs), new Date(clock.now())],
    ),
  );
  let removed = 0;
  for (let found = chunkRows; found === chunkRows; removed += found) found = await removeOld(deps);
  return { expired, missing: missing.rowCount ?? 0, removed };
};

/** The row first: a blob without a row is rubbish, a row without its blob would be a lie. */
const removeOld = async ({ database, blobs, clock, keepDays }: EvidenceJobDeps): Promise<number> => {
  const { rows } = await withSystem(database, (tx) =>
    tx.$client.query<{ tenant_id: string; sha256: string | null }>(
      `DELETE FROM evidence WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM evidence WHERE received_at < $1 ORDER BY received_at LIMIT ${chunkRows})
       RETURNING tenant_id, encode(stored_sha256, 'hex') AS sha256`,
      [new Date(clock.now() - keepDays * dayMs)],
    ),
  );
  for (const { tenant_id: tenantId, sha256 } of rows) {
    if (sha256 === null) continue;
    await withSystem(database, async (tx) => {
      await lockBlob(tx, { tenantId, sha256 });
      const { rowCount } = await tx.$client.query(
        `SELECT 1 FROM evidence WHERE tenant_id = $1 AND stored_sha256 = decode($2, 'hex') LIMIT 1`,
        [tenantId, sha256],
      );
      if (rowCount === 0) await blobs.remove({ tenantId, sha256 });
    });
  }
  return rows.length;
};

export const evidenceJobs = (deps: EvidenceJobDeps): JobDefinition[] => [
  { name: 'evidence.sweep', cron: '53 2 * * *', expireInSeconds: 3_600, run: () => sweepEvidence(deps) },
];
