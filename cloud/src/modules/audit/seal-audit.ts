import { and, asc, eq, isNull } from 'drizzle-orm';
import { type Database, type Tx, withSystem } from '../../db/index.js';
import { linkHash, noHash } from './chain.js';
import { readHead, toLink } from './read-chain.js';
import { auditEntries } from './tables.js';

const rowsAtOnce = 500;

/**
 * Chains what was written since, tenant by tenant, in one transaction a portion: a crash leaves a whole portion or
 * nothing, and the lock on the head keeps other processes out meanwhile. Returns how many rows were sealed.
 */
export const sealAudit = async (db: Database, signal?: AbortSignal): Promise<number> => {
  const { rows } = await withSystem(db, (tx) =>
    tx.$client.query<{ tenant_id: string }>('SELECT DISTINCT tenant_id FROM audit_entries WHERE seq IS NULL'),
  );
  let sealed = 0;
  for (const { tenant_id: tenantId } of rows) sealed += await sealTenant(db, tenantId, signal);
  return sealed;
};

export const sealTenant = async (db: Database, tenantId: string, signal?: AbortSignal): Promise<number> => {
  let sealed = 0;
  for (;;) {
    signal?.throwIfAborted();
    const portion = await withSystem(db, (tx) => sealPortion(tx, tenantId));
    sealed += portion;
    if (portion < rowsAtOnce) return sealed;
  }
};

const sealPortion = async (tx: Tx, tenantId: string): Promise<number> => {
  await tx.$client.query('INSERT INTO audit_heads (tenant_id, hash) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    tenantId,
    Buffer.from(noHash, 'hex'),
  ]);
  const head = await readHead(tx, tenantId, 'FOR UPDATE');
  const rows = await tx
    .select()
    .from(auditEntries)
    .where(and(eq(auditEntries.tenantId, tenantId), isNull(auditEntries.seq)))
    .orderBy(asc(auditEntries.at), asc(auditEntries.id))
    .limit(rowsAtOnce);
  if (!head || rows.length === 0) return 0;
  let { seq, hash } = head;
  const links = rows.map((row) => {
    seq += 1;
    hash = linkHash(seq, hash, toLink(row).canonical);
    return { id: row.id, seq, hash };
  });
  await tx.$client.query(
    `UPDATE audit_entries e SET seq = l.seq, hash = decode(l.hash, 'hex')
     FROM unnest($2::uuid[], $3::bigint[], $4::text[]) AS l (id, seq, hash) WHERE e.tenant_id = $1 AND e.id = l.id`,
    [tenantId, links.map((link) => link.id), links.map((link) => link.seq), links.map((link) => link.hash)],
  );
  await tx.$client.query(
    `UPDATE audit_heads SET seq = $2, hash = decode($3, 'hex'), sealed_at = now() WHERE tenant_id = $1`,
    [tenantId, seq, hash],
  );
  return rows.length;
};
