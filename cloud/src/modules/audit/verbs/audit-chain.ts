import { HubError } from '@hallhub/shared';
import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { Pki } from '../../pki/pki-port.js';
import { noHash } from '../chain.js';
import type { AuditChain, AuditVerification } from '../contract.js';
import { readAnchors, readHead } from '../read-chain.js';
import { verifyChain } from '../verify-chain.js';

/** Where the tenant's chain stands, and what the last verification found. Needs `audit.read` over the tenant. */
export const readAuditChain = (ctx: VerbContext): Promise<AuditChain> => {
  ctx.actor.require('audit.read', 'tenant');
  const { tenantId } = ctx.actor;
  return withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const head = await readHead(tx, tenantId);
      const [anchor] = await readAnchors(tx, tenantId, 'last');
      const { rows } = await tx.$client.query<{ unsealed: string; verification: AuditVerification | null }>(
        `SELECT (SELECT count(*) FROM audit_entries WHERE tenant_id = $1 AND seq IS NULL) AS unsealed,
          (SELECT verification FROM audit_heads WHERE tenant_id = $1) AS verification`,
        [tenantId],
      );
      return {
        seq: head?.seq ?? 0,
        hash: head && head.hash !== noHash ? head.hash : null,
        sealedAt: head?.sealedAt?.toISOString() ?? null,
        unsealed: Number(rows[0]?.unsealed ?? 0),
        lastSignedHead: anchor ? { number: anchor.number, seq: anchor.seq, at: anchor.at.toISOString() } : null,
        verification: rows[0]?.verification ?? null,
      };
    },
    { readOnly: true },
  );
};

/** Reading a chain of millions takes a minute: one at a time for a tenant in this process. */
const running = new Map<string, Promise<AuditVerification>>();

/** Reads the whole chain again; who asks while one runs gets its result. Needs `audit.read` over the tenant. */
export const verifyAudit = async (
  ctx: VerbContext,
  deps: { readonly pki?: Pick<Pki, 'verify'> | undefined },
): Promise<AuditVerification> => {
  ctx.actor.require('audit.read', 'tenant');
  const { tenantId } = ctx.actor;
  const known = running.get(tenantId);
  if (known) return known;
  if (running.size >= maxAtOnce) {
    throw new HubError('rate_limited', 'Other verifications are running', { context: { retryAfterMs: 10_000 } });
  }
  const run = verifyChain({ db: ctx.db, now: () => ctx.clock.now(), pki: deps.pki }, tenantId);
  running.set(tenantId, run);
  return run.finally(() => running.delete(tenantId));
};

const maxAtOnce = 2;
