import type { Tx } from '../../db/index.js';
import type { DocumentSignature } from '../pki/pki-port.js';
import { type ChainedEntry, canonicalJson, type Link } from './chain.js';
import type { auditEntries } from './tables.js';

type Row = typeof auditEntries.$inferSelect;

export const toChained = (row: Row): ChainedEntry => ({
  id: row.id,
  tenantId: row.tenantId,
  at: row.at.toISOString(),
  actor: { kind: row.actorKind, id: row.actorId, name: row.actorName },
  action: row.action,
  target: { kind: row.targetKind, id: row.targetId, name: row.targetName },
  hallId: row.hallId,
  before: row.before ?? null,
  after: row.after ?? null,
  ip: row.ip,
  userAgent: row.userAgent,
  requestId: row.requestId,
});

export const toLink = (row: Row): Link => ({
  seq: row.seq ?? 0,
  hash: row.hash?.toString('hex') ?? '',
  canonical: canonicalJson(toChained(row)),
  entryId: row.id,
  at: row.at.toISOString(),
});

export interface Head {
  readonly seq: number;
  readonly hash: string;
  readonly sealedAt: Date | null;
}

/** Where the tenant's chain stands; null before its first row was sealed. */
export const readHead = async (tx: Tx, tenantId: string, lock: '' | 'FOR UPDATE' = ''): Promise<Head | null> => {
  const { rows } = await tx.$client.query<{ seq: string; hash: Buffer; sealed_at: Date | null }>(
    `SELECT seq, hash, sealed_at FROM audit_heads WHERE tenant_id = $1 ${lock}`,
    [tenantId],
  );
  const row = rows[0];
  return row ? { seq: Number(row.seq), hash: row.hash.toString('hex'), sealedAt: row.sealed_at } : null;
};

export interface Anchor {
  readonly number: number;
  readonly seq: number;
  readonly hash: string;
  readonly at: Date;
  readonly document: string;
  readonly signature: DocumentSignature;
}

export const readAnchors = async (tx: Tx, tenantId: string, only: 'all' | 'last' = 'all'): Promise<Anchor[]> => {
  const { rows } = await tx.$client.query<Omit<Anchor, 'seq' | 'hash'> & { seq: string; hash: Buffer }>(
    `SELECT number, seq, hash, at, document, signature FROM audit_anchors WHERE tenant_id = $1
     ORDER BY number ${only === 'last' ? 'DESC LIMIT 1' : ''}`,
    [tenantId],
  );
  return rows.map((row) => ({ ...row, seq: Number(row.seq), hash: row.hash.toString('hex') }));
};
