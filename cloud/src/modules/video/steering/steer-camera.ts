import { HubError, uuidv7 } from '@hallhub/shared';
import { and, sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { readHold, writeHold } from './hold-rows.js';
import { holdMs, judgeHold } from './judge-hold.js';
import { type SteerTickets, steerTicketLifeMs } from './steer-ticket.js';
import { type Tell, tellUnit } from './tell-unit.js';

export interface SteerGrant {
  readonly ticket: string | null;
  readonly session: string | null;
  readonly endsAt: string | null;
  /** Who has it, where it is not given. */
  readonly heldBy: { readonly name: string; readonly since: string; readonly canTakeOver: boolean } | null;
}

interface Row {
  id: string;
  unit_id: string;
  hall_id: string;
  name: string;
}

/**
 * Gives somebody a camera in hand, or says who has it. One entry in the audit trail for each time that it comes into another hand.
 * Throws `not_found` for a camera out of reach.
 */
export const steerCamera = async (
  ctx: VerbContext,
  { tickets, tell }: { readonly tickets: SteerTickets; readonly tell: Tell },
  input: { readonly deviceId: string; readonly takeOver?: boolean | undefined; readonly renew?: string | undefined },
): Promise<SteerGrant> => {
  const { actor, clock } = ctx;
  const personId = actor.userId ?? actor.apiKeyId ?? actor.tenantId;
  const before = input.renew === undefined ? undefined : tickets.read(input.renew);
  // A ticket of long ago is none to go on with.
  const isOwn =
    before?.personId === personId && before.deviceId === input.deviceId && before.endsAt + holdMs > clock.now();
  const { judged, camera, session } = await withTenant(ctx.db, actor, async (tx) => {
    const where = and(
      sql`d.tenant_id = ${actor.tenantId} AND d.state = 'active' AND d.id = ${input.deviceId}`,
      inReach(sql`d.hall_id`, actor, 'camera.steer'),
    );
    const found = (await tx.execute(
      sql`SELECT d.id, d.unit_id, d.hall_id, coalesce(d.name, d.serial) AS name FROM devices d WHERE ${where}`,
    )) as unknown as { rows: Row[] };
    const row = found.rows[0];
    if (!row) throw new HubError('not_found', 'There is no such camera');
    const hallId = row.hall_id;
    actor.require('camera.steer', { hallId });
    const overrules = actor.can('camera.overrule', { hallId });
    const held = await readHold(tx, actor.tenantId, row.id);
    // What lapsed or was let go is taken anew, in a session of its own: the unit counts a session's words, and the trail has each taking.
    const isOver = held?.session === before?.session && (held?.until ?? 0) <= clock.now();
    const session = before && isOwn && !isOver ? before.session : uuidv7(clock.now());
    const judgement = judgeHold(
      held,
      { session, personId, name: actor.userName, overrules, takeOver: input.takeOver === true },
      clock.now(),
    );
    if (judgement.kind === 'granted') {
      await writeHold(tx, actor.tenantId, row.id, judgement.hold);
      const { from } = judgement;
      const after = from && from.personId !== personId ? { after: { takenFrom: from.name } } : {};
      if (judgement.isNew) {
        const target = { kind: 'device', id: row.id, name: row.name } as const;
        await audit(tx, ctx, { action: 'camera.steered', target, hallId, ...after });
      }
    }
    return { judged: judgement, camera: row, session };
  });
  if (judged.kind === 'held') {
    const { by, canTakeOver } = judged;
    const heldBy = { name: by.name, since: new Date(by.since).toISOString(), canTakeOver };
    return { ticket: null, session: null, endsAt: null, heldBy };
  }
  const endsAt = clock.now() + steerTicketLifeMs;
  const { since } = judged.hold;
  const ticket = {
    tenantId: actor.tenantId,
    personId,
    by: actor.userName,
    deviceId: camera.id,
    unitId: camera.unit_id,
  };
  const whole = { ...ticket, session, since, endsAt };
  // Whoever had it turns nothing any more, and those who look see whose it is.
  if (judged.isNew) tellUnit(tell, whole, { seq: 0, action: { what: 'stop' }, at: clock.now() });
  return { ticket: tickets.issue(whole), session, endsAt: new Date(endsAt).toISOString(), heldBy: null };
};
