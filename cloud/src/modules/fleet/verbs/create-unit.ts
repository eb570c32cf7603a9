import { HubError, uuidv7 } from '@hallhub/shared';
import { and, eq, isNull } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { halls } from '../../places/tables.js';
import type { NewUnit } from '../contract.js';
import { unitLinks, units } from '../tables.js';
import { hashUnitSecret, makeUnitSecret } from '../unit-secret.js';
import { unitById } from './get-unit.js';

/** A hall in use, where the actor may write units. */
export const requireHall = async (tx: Tx, ctx: VerbContext, hallId: string): Promise<typeof halls.$inferSelect> => {
  const [hall] = await tx
    .select()
    .from(halls)
    .where(and(eq(halls.id, hallId), isNull(halls.archivedAt), inReach(halls.id, ctx.actor, 'unit.read')));
  if (!hall) {
    throw new HubError('invalid_input', 'There is no such hall', {
      context: { errors: [{ path: 'body.hallId', message: 'Must be a hall that is in use' }] },
    });
  }
  ctx.actor.require('unit.write', { hallId });
  return hall;
};

/** Enrols a unit in a hall. Its secret is in this answer and nowhere else. */
export const createUnit = async (
  ctx: VerbContext,
  input: { readonly name: string; readonly hallId: string },
): Promise<NewUnit> => {
  const secret = makeUnitSecret();
  const unit = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const hall = await requireHall(tx, ctx, input.hallId);
    const now = new Date(ctx.clock.now());
    const id = uuidv7(now.getTime());
    const { tenantId } = ctx.actor;
    await tx.insert(units).values({
      ...{ id, tenantId, hallId: hall.id, name: input.name, secretHash: hashUnitSecret(secret) },
      ...{ secretIssuedAt: now, createdAt: now, updatedAt: now },
    });
    await tx.insert(unitLinks).values({ unitId: id, tenantId, since: now });
    await audit(tx, ctx, {
      action: 'unit.created',
      target: { kind: 'unit', id, name: input.name },
      hallId: hall.id,
      after: { name: input.name, hallId: hall.id },
    });
    return unitById(tx, ctx, id);
  });
  publishUnit(ctx, unit.id, unit.hallId);
  return { unit, secret };
};

export const publishUnit = (ctx: VerbContext, unitId: string, hallId: string): void =>
  ctx.live.publish({
    tenantId: ctx.actor.tenantId,
    hallId,
    topic: 'units',
    type: 'unit.changed',
    data: { unitId },
  });
