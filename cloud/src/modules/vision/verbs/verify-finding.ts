import { createHash } from 'node:crypto';
import { HubError } from '@hallhub/shared';
import { checkFinding, type Finding, type FindingVerdict, firstSeal } from '@hallhub/shared/vision';
import type { BlobStore } from '../../../blobs/index.js';
import { type Tx, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { type FindingRecord, filesOf } from '../read-reviews.js';
import type { Verification } from '../review-contract.js';
import { isSealSigned, sm3 } from '../seal.js';

interface Known {
  readonly finding: FindingRecord;
  readonly stored: ReadonlyMap<string, string>;
  readonly rows: Verification['rows'];
}

/**
 * Recomputes everything that a finding's seal promises from what lies in the store: both hashes of each file, the row's hash behind
 * the one before, the unit's signature over it. Nothing that was computed earlier is taken on trust.
 */
export const verifyFinding = async (
  ctx: VerbContext,
  { blobs }: { readonly blobs: BlobStore },
  { findingId }: { readonly findingId: string },
): Promise<Verification> => {
  const { tenantId } = ctx.actor;
  const known = await withTenant(ctx.db, ctx.actor, (tx) => readKnown(tx, ctx, findingId), { readOnly: true });
  const files: Verification['files'] = [];
  for (const { id, role, sha256, sm3 } of filesOf(known.finding)) {
    const stored = known.stored.get(id);
    const hashes = stored ? await hashesOf(blobs, { tenantId, sha256: stored }) : undefined;
    const isSame = hashes?.sha256 === sha256 && hashes.sm3 === sm3;
    files.push({ id, role, sha256, sm3, result: hashes === undefined ? 'missing' : isSame ? 'intact' : 'changed' });
  }
  return {
    ...{ findingId, number: known.finding.number, files, rows: known.rows },
    result: worst(files, known.rows),
    checkedAt: new Date(ctx.clock.now()).toISOString(),
  };
};

const worst = (files: Verification['files'], rows: Verification['rows']): Verification['result'] => {
  const isBroken =
    files.some(({ result }) => result === 'changed') ||
    rows.some(({ hash, signature }) => hash === 'changed' || signature === 'invalid');
  if (isBroken) return 'broken';
  const isIncomplete =
    files.some(({ result }) => result === 'missing') ||
    rows.some(({ chain, signature }) => chain === 'missing' || signature === 'unknown_certificate');
  if (isIncomplete) return 'incomplete';
  return rows.some(({ signature }) => signature === 'unsigned') ? 'unsigned' : 'intact';
};

const readKnown = async (tx: Tx, ctx: VerbContext, findingId: string): Promise<Known> => {
  const { tenantId } = ctx.actor;
  const reach = ctx.actor.scopeFilter('vision.read');
  const { rows } = await tx.$client.query<FindingRecord>(
    `SELECT * FROM review_findings WHERE tenant_id = $1 AND id = $2 AND ($3::uuid[] IS NULL OR hall_id = ANY($3))`,
    [tenantId, findingId, reach === 'all' ? null : reach],
  );
  const [finding] = rows;
  if (!finding) throw new HubError('not_found', 'There is no such finding');
  const stored = await tx.$client.query<{ id: string; sha256: string }>(
    `SELECT id, encode(stored_sha256, 'hex') AS sha256 FROM evidence WHERE tenant_id = $1 AND unit_id = $2 AND id = ANY($3::uuid[]) AND state = 'complete'`,
    [tenantId, finding.unit_id, filesOf(finding).map(({ id }) => id)],
  );
  const judged: Verification['rows'] = [];
  for (const row of [finding.began, finding.ended]) {
    if (row)
      judged.push(
        await judgeRow(tx, { tenantId, unitId: finding.unit_id, startedAt: new Date(finding.started_at), row }),
      );
  }
  return { finding, stored: new Map(stored.rows.map(({ id, sha256 }) => [id, sha256])), rows: judged };
};

interface CertificateRow {
  serial: string;
  certificate: string;
  not_before: Date;
  not_after: Date;
  revoked_at: Date | null;
  revoked_why: string | null;
}

/** A certificate that gave way to the next one was right all its time; what a unit signs as it changes over is right, too. */
const ordinaryEnds: ReadonlySet<string | null> = new Set(['replaced', 'retired_ca']);

/** Whoever has a key that was lost can sign with it still: what it signed of a time after that proves nothing. */
const isOutlawed = ({ revoked_at, revoked_why }: CertificateRow, startedAt: Date): boolean =>
  revoked_at !== null && !ordinaryEnds.has(revoked_why) && startedAt > revoked_at;

const judgeRow = async (
  tx: Tx,
  of: { readonly tenantId: string; readonly unitId: string; readonly startedAt: Date; readonly row: Finding },
): Promise<Verification['rows'][number]> => {
  const { tenantId, unitId, startedAt, row } = of;
  const { previous, certificateSerial } = row.seal;
  const { rows: certificates } = await tx.$client.query<CertificateRow>(
    'SELECT serial, certificate, not_before, not_after, revoked_at, revoked_why FROM unit_certificates WHERE tenant_id = $1 AND unit_id = $2 AND serial = $3',
    [tenantId, unitId, plainSerial(certificateSerial)],
  );
  const [certificate] = certificates;
  const verdict = checkFinding(row, {
    sm3,
    verify: (hash, signature) =>
      certificate && !isOutlawed(certificate, startedAt) && isSealSigned(hash, signature, certificate.certificate),
  });
  const { rows: before } = await tx.$client.query(
    `SELECT 1 FROM review_findings WHERE tenant_id = $1 AND unit_id = $2 AND began_hash = $3
     UNION ALL SELECT 1 FROM review_findings WHERE tenant_id = $1 AND unit_id = $2 AND ended_hash = $3 LIMIT 1`,
    [tenantId, unitId, previous],
  );
  return {
    phase: row.phase,
    hash: verdict.isUnchanged ? 'intact' : 'changed',
    signature: signatureWords[verdict.signature],
    chain: previous === firstSeal ? 'first' : before.length > 0 ? 'linked' : 'missing',
    certificate: certificate
      ? {
          serial: certificate.serial,
          from: certificate.not_before.toISOString(),
          to: certificate.not_after.toISOString(),
          revokedAt: certificate.revoked_at?.toISOString() ?? null,
        }
      : null,
  };
};

/** In the books serial numbers have 32 digits; elsewhere leading zeros and colons come and go. */
const plainSerial = (serial: string | null): string =>
  (serial ?? '')
    .replace(/[^0-9a-f]/gi, '')
    .toLowerCase()
    .padStart(32, '0');

const signatureWords = {
  right: 'valid',
  wrong: 'invalid',
  unsigned: 'unsigned',
  unknown: 'unknown_certificate',
} as const satisfies Record<FindingVerdict['signature'], Verification['rows'][number]['signature']>;

const hashesOf = async (
  blobs: BlobStore,
  key: { readonly tenantId: string; readonly sha256: string },
): Promise<{ sha256: string; sm3: string } | undefined> => {
  if ((await blobs.stat(key)) === undefined) return undefined;
  const [sha256, chinese] = [createHash('sha256'), createHash('sm3')];
  for await (const chunk of await blobs.open(key)) {
    sha256.update(chunk as Buffer);
    chinese.update(chunk as Buffer);
  }
  return { sha256: sha256.digest('hex'), sm3: chinese.digest('hex') };
};
