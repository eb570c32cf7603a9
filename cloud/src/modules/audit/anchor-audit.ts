import type { Clock } from '@hallhub/shared';
import { type Database, type DbLogger, withSystem } from '../../db/index.js';
import type { Pki } from '../pki/pki-port.js';
import { documentHash, writeAnchor } from './anchor-document.js';
import { readAnchors, readHead } from './read-chain.js';
import { sealTenant } from './seal-audit.js';

export interface AnchorDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly pki: Pick<Pki, 'sign'>;
  readonly log: Pick<DbLogger, 'info'>;
}

/**
 * Signs where every tenant's chain stands, changed or not: a day without a signed head is itself a sign. The head also
 * goes to the log, so that a copy lies where the database's owner cannot reach it. Returns how many were signed.
 */
export const anchorAudit = async (deps: AnchorDeps): Promise<number> => {
  const { rows } = await withSystem(deps.db, (tx) =>
    tx.$client.query<{ id: string }>('SELECT id FROM tenants ORDER BY created_at, id'),
  );
  let signed = 0;
  for (const { id } of rows) {
    await sealTenant(deps.db, id);
    if (await anchorTenant(deps, id)) signed += 1;
  }
  return signed;
};

const anchorTenant = ({ db, clock, pki, log }: AnchorDeps, tenantId: string): Promise<boolean> =>
  withSystem(db, async (tx) => {
    const head = await readHead(tx, tenantId, 'FOR UPDATE');
    if (!head) return false;
    const [last] = await readAnchors(tx, tenantId, 'last');
    const at = new Date(clock.now());
    const number = (last?.number ?? 0) + 1;
    const document = writeAnchor({
      type: 'hallhub.audit.anchor',
      v: 1,
      tenantId,
      number,
      seq: head.seq,
      hash: head.hash,
      at: at.toISOString(),
      previous: last ? documentHash(last.document) : null,
    });
    const signature = await pki.sign(Buffer.from(document));
    await tx.$client.query(
      `INSERT INTO audit_anchors (tenant_id, number, seq, hash, at, document, signature)
       VALUES ($1, $2, $3, decode($4, 'hex'), $5, $6, $7)`,
      [tenantId, number, head.seq, head.hash, at, document, JSON.stringify(signature)],
    );
    log.info({ tenantId, number, seq: head.seq, hash: head.hash }, 'audit head signed');
    return true;
  });
