import { HubError } from '@hallhub/shared';
import { and, sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { type LiveTickets, ticketLifeMs } from '../live-ticket.js';

/** As with recordings: whoever looks longer is written down anew. */
const sittingMs = 60 * 60_000;

export interface WatchTicket {
  readonly ticket: string;
  readonly endsAt: string;
}

interface Row {
  id: string;
  unit_id: string;
  hall_id: string;
  name: string;
}

/**
 * Lets somebody look at cameras for two minutes. Who begins to look is in the audit trail; going on is said again once an hour: a
 * picture on the wall day and night was looked at on each day.
 * Throws `not_found` for a camera out of reach.
 */
export const watchCameras = async (
  ctx: VerbContext,
  { tickets }: { readonly tickets: LiveTickets },
  input: {
    readonly deviceIds: readonly string[];
    readonly renew?: string | undefined;
    /** Also where the unit's line is paid for by volume; needs the right to set cameras up. */
    readonly despiteMetered?: boolean | undefined;
  },
): Promise<WatchTicket> => {
  const { actor, clock } = ctx;
  const deviceIds = [...new Set(input.deviceIds)];
  const before = input.renew === undefined ? undefined : tickets.read(input.renew);
  const userId = actor.userId ?? actor.tenantId;
  const isOwn =
    before?.userId === userId && before.apiKeyId === actor.apiKeyId && before.endsAt + ticketLifeMs > clock.now();
  const since = isOwn && clock.now() - (before.since ?? 0) < sittingMs ? before.since : undefined;
  const going = new Set(since === undefined ? [] : before?.cameras.map(({ deviceId }) => deviceId));
  const rows = await withTenant(ctx.db, actor, async (tx) => {
    const where = and(
      sql`d.tenant_id = ${actor.tenantId} AND d.state = 'active' AND d.id = ANY(${sql.param(deviceIds)}::uuid[])`,
      inReach(sql`d.hall_id`, actor, 'vision.read'),
    );
    const found = (await tx.execute(
      sql`SELECT d.id, d.unit_id, d.hall_id, coalesce(d.name, d.serial) AS name FROM devices d WHERE ${where}`,
    )) as unknown as { rows: Row[] };
    if (found.rows.length !== deviceIds.length) throw new HubError('not_found', 'There is no such camera');
    for (const { id, name, hall_id: hallId } of found.rows) {
      actor.require('vision.read', { hallId });
      if (input.despiteMetered) actor.require('vision.write', { hallId });
      const after = input.despiteMetered ? { after: { despiteMetered: true } } : {};
      if (!going.has(id) || (input.despiteMetered && !before?.despiteMetered))
        await audit(tx, ctx, { action: 'camera.watched', target: { kind: 'device', id, name }, hallId, ...after });
    }
    return found.rows;
  });
  // In the order that was asked for, whatever the database's: the socket tells cameras apart by their place in it.
  const asked = rows.sort((a, b) => deviceIds.indexOf(a.id) - deviceIds.indexOf(b.id));
  const endsAt = clock.now() + ticketLifeMs;
  return {
    ticket: tickets.issue({
      ...{ tenantId: actor.tenantId, userId, endsAt },
      ...(actor.apiKeyId ? { apiKeyId: actor.apiKeyId } : {}),
      ...(input.despiteMetered ? { despiteMetered: true } : {}),
      since: since ?? clock.now(),
      cameras: asked.map((row) => ({ deviceId: row.id, unitId: row.unit_id })),
    }),
    endsAt: new Date(endsAt).toISOString(),
  };
};
