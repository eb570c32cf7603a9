import { type Tx, withSystem } from '../../db/index.js';
import type { JobDefinition } from '../../jobs/index.js';
import { systemActor } from '../access/actor.js';
import { audit } from '../audit/audit.js';
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

interface RemovedRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly device_id: string | null;
  readonly hall_id: string;
  readonly sha256: string | null;
}

/** In the trail, by device: that a file is gone can be proved afterwards, and which one it was. */
const noteRemoved = async (tx: Tx, rows: readonly RemovedRow[], keepDays: number): Promise<void> => {
  const groups = new Map<string, RemovedRow[]>();
  for (const row of rows) {
    const key = `${row.tenant_id} ${row.hall_id} ${row.device_id}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  for (const group of groups.values()) {
    const [{ tenant_id: tenantId, hall_id: hallId, device_id: deviceId }] = group as [RemovedRow, ...RemovedRow[]];
    await audit(
      tx,
      { actor: systemActor(tenantId, 'evidence.sweep'), request: null },
      {
        ...{ action: 'evidence.deleted', target: { kind: 'device', id: deviceId }, hallId },
        after: { keepDays, files: group.map(({ id, sha256 }) => ({ id, sha256 })) },
      },
    );
  }
};

/** The row first: a blob without a row is rubbish, a row without its blob would be a lie. */
const removeOld = async ({ database, blobs, clock, keepDays }: EvidenceJobDeps): Promise<number> => {
  const rows = await withSystem(database, async (tx) => {
    const gone = await tx.$client.query<RemovedRow>(
      `DELETE FROM evidence WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM evidence WHERE received_at < $1 ORDER BY received_at LIMIT ${chunkRows})
       RETURNING tenant_id, id, device_id, hall_id, encode(stored_sha256, 'hex') AS sha256`,
      [new Date(clock.now() - keepDays * dayMs)],
    );
    await noteRemoved(tx, gone.rows, keepDays);
    return gone.rows;
  });
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
