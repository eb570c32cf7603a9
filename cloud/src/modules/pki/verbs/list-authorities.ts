import { HubError } from '@hallhub/shared';
import { asc } from 'drizzle-orm';
import { withSystem } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { AuthoritiesDto, HangingUnitsDto } from '../contract.js';
import { expiringMs } from '../expiring.js';
import { hangingUnits } from '../hanging-units.js';
import type { CloudPki } from '../open-pki.js';
import { caKeys } from '../tables.js';

export interface AuthoritiesDeps {
  readonly pki: Pick<CloudPki, 'trust' | 'hosts'>;
}

interface Counts {
  ca_id: string;
  units: number;
  hanging: number;
}

/** The authorities of the installation, the newest first, and how far the rotation is. */
export const listAuthorities = async (ctx: VerbContext, { pki }: AuthoritiesDeps): Promise<AuthoritiesDto> => {
  ctx.actor.require('pki.write', 'tenant');
  const now = new Date(ctx.clock.now());
  const { authorities, counts, expiringSoon } = await withSystem(ctx.db, async (tx) => {
    const authorities = await tx.select().from(caKeys).orderBy(asc(caKeys.madeAt));
    const found = await tx.$client.query<Counts>(
      `SELECT c.ca_id, count(DISTINCT c.unit_id)::int AS units, count(DISTINCT c.unit_id) FILTER (WHERE only_one)::int AS hanging
       FROM (SELECT c.ca_id, c.unit_id, min(c.ca_id::text) OVER w = max(c.ca_id::text) OVER w AS only_one FROM unit_certificates c
         JOIN units u ON u.id = c.unit_id AND u.archived_at IS NULL WHERE c.revoked_at IS NULL AND c.not_after > $1
         WINDOW w AS (PARTITION BY c.unit_id)) c GROUP BY c.ca_id`,
      [now],
    );
    const ending = await tx.$client.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM (SELECT max(c.not_after) AS ends FROM unit_certificates c
         JOIN units u ON u.id = c.unit_id AND u.archived_at IS NULL WHERE u.tenant_id = $1 AND c.revoked_at IS NULL GROUP BY c.unit_id) c
       WHERE ends > $2 AND ends < $3`,
      [ctx.actor.tenantId, now, new Date(now.getTime() + expiringMs)],
    );
    return { authorities, counts: found.rows, expiringSoon: ending.rows[0]?.count ?? 0 };
  });
  const byId = new Map(counts.map((row) => [row.ca_id, row]));
  const has = (state: string) => authorities.some((ca) => ca.state === state);
  return {
    items: authorities.reverse().map((ca) => ({
      ...{ id: ca.id, state: ca.state, name: ca.name, fingerprint: ca.fingerprint.toString('hex') },
      ...{ certificate: ca.certificate, startsAt: ca.notBefore.toISOString(), endsAt: ca.notAfter.toISOString() },
      ...{ madeAt: ca.madeAt.toISOString(), activatedAt: ca.activatedAt?.toISOString() ?? null },
      retiredAt: ca.retiredAt?.toISOString() ?? null,
      ...{ units: byId.get(ca.id)?.units ?? 0, unitsHanging: byId.get(ca.id)?.hanging ?? 0 },
    })),
    trustVersion: pki.trust().version,
    next: has('previous') ? 'retire' : has('next') ? 'activate' : 'make',
    hosts: [...pki.hosts],
    expiringSoon,
  };
};

/** Who would lose the link if this authority were retired now. */
export const listHangingUnits = async (
  ctx: VerbContext,
  { caId }: { readonly caId: string },
): Promise<HangingUnitsDto> => {
  ctx.actor.require('pki.write', 'tenant');
  const now = new Date(ctx.clock.now());
  const rows = await withSystem(ctx.db, async (tx) => {
    const known = await tx.$client.query('SELECT 1 FROM ca_keys WHERE id = $1', [caId]);
    if (known.rows.length === 0) throw new HubError('not_found', 'There is no such authority');
    return hangingUnits(tx, { caId, now });
  });
  const own = rows.filter(({ tenantId }) => tenantId === ctx.actor.tenantId);
  return {
    items: own.map(({ tenantId: _, endsAt, ...unit }) => ({ ...unit, endsAt: endsAt.toISOString() })),
    elsewhere: rows.length - own.length,
  };
};
