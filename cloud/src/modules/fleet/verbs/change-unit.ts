import { HubError } from '@hallhub/shared';
import { and, eq, sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import { versionConflict } from '../../../verb-kit/version-conflict.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { endAlarmsOfUnit, moveAlarmsOfUnit } from '../../alarms/alarms-of-unit.js';
import { audit, differences } from '../../audit/audit.js';
import type { LiveEvent } from '../../live/live-port.js';
import { revokeUnitCertificates } from '../../pki/unit-certificates.js';
import type { UnitDto } from '../contract.js';
import type { FleetDeps } from '../fleet-deps.js';
import { devices, unitLinks, units } from '../tables.js';
import { recordUnitPresence } from '../unit-presence.js';
import { hashUnitSecret, makeUnitSecret } from '../unit-secret.js';
import { publishUnit, requireHall } from './create-unit.js';
import { unitById } from './get-unit.js';

const lockUnit = async (tx: Tx, ctx: VerbContext, unitId: string): Promise<typeof units.$inferSelect> => {
  const [unit] = await tx
    .select()
    .from(units)
    .where(and(eq(units.id, unitId), inReach(units.hallId, ctx.actor, 'unit.read')))
    .for('update');
  if (!unit) throw new HubError('not_found', 'There is no such unit');
  ctx.actor.require('unit.write', { hallId: unit.hallId });
  if (unit.archivedAt) throw new HubError('gone', 'The unit is archived');
  return unit;
};

export interface UpdateUnit {
  readonly unitId: string;
  readonly version: number;
  readonly name?: string | undefined;
  readonly hallId?: string | undefined;
}

/** Renames a unit or moves it to another hall; its devices and open alarms move with it, their history stays where it happened. */
export const updateUnit = async (ctx: VerbContext, input: UpdateUnit): Promise<UnitDto> => {
  const { unit, events } = await withTenant(ctx.db, ctx.actor, async (tx) => {
    let events: LiveEvent[] = [];
    const before = await lockUnit(tx, ctx, input.unitId);
    if (before.version !== input.version) throw versionConflict(before.version);
    if (input.hallId !== undefined && input.hallId !== before.hallId) await requireHall(tx, ctx, input.hallId);
    const after = { ...before, name: input.name ?? before.name, hallId: input.hallId ?? before.hallId };
    const now = new Date(ctx.clock.now());
    await tx
      .update(units)
      .set({ name: after.name, hallId: after.hallId, updatedAt: now, version: sql`${units.version} + 1` })
      .where(eq(units.id, before.id));
    if (after.hallId !== before.hallId) {
      await tx
        .update(devices)
        .set({ hallId: after.hallId, updatedAt: now, version: sql`${devices.version} + 1` })
        .where(and(eq(devices.tenantId, ctx.actor.tenantId), eq(devices.unitId, before.id)));
      const { tenantId } = ctx.actor;
      events = await moveAlarmsOfUnit(tx, { tenantId, unitId: before.id, hallId: after.hallId, atMs: now.getTime() });
    }
    await audit(tx, ctx, {
      action: 'unit.changed',
      target: { kind: 'unit', id: before.id, name: after.name },
      hallId: after.hallId,
      ...differences(before, after, ['name', 'hallId']),
    });
    return { unit: await unitById(tx, ctx, before.id), events };
  });
  for (const event of events) ctx.live.publish(event);
  publishUnit(ctx, unit.id, unit.hallId);
  return unit;
};

/** Also one that is over or revoked: its secret signs gaps and nothing else from the first certificate on. */
const hasCertificate = async (tx: Tx, { tenantId, id }: typeof units.$inferSelect): Promise<boolean> => {
  const { rows } = await tx.$client.query(
    'SELECT 1 FROM unit_certificates WHERE tenant_id = $1 AND unit_id = $2 LIMIT 1',
    [tenantId, id],
  );
  return rows.length > 0;
};

/** A new secret; the old one ends at once, and so does a connection that was made with it. */
export const reissueSecret = async (
  ctx: VerbContext,
  deps: Pick<FleetDeps, 'disconnect'>,
  { unitId }: { readonly unitId: string },
): Promise<{ secret: string }> => {
  const secret = makeUnitSecret();
  await withTenant(ctx.db, ctx.actor, async (tx) => {
    const unit = await lockUnit(tx, ctx, unitId);
    if (await hasCertificate(tx, unit)) {
      throw new HubError('conflict', 'The unit is known by its certificate: no secret opens a connection for it', {
        hint: 'Ask for an enrolment code of the kind "replace" instead.',
      });
    }
    const now = new Date(ctx.clock.now());
    await tx
      .update(units)
      .set({
        secretHash: hashUnitSecret(secret),
        secretIssuedAt: now,
        updatedAt: now,
        version: sql`${units.version} + 1`,
      })
      .where(eq(units.id, unit.id));
    await audit(tx, ctx, {
      action: 'unit.secret_reissued',
      target: { kind: 'unit', id: unit.id, name: unit.name },
      hallId: unit.hallId,
    });
  });
  deps.disconnect(unitId);
  return { secret };
};

/** Takes a unit out of service: it cannot connect any more, its certificates are revoked, its alarms over; everything it sent stays. */
export const archiveUnit = async (
  ctx: VerbContext,
  deps: Pick<FleetDeps, 'disconnect'>,
  input: { readonly unitId: string; readonly version: number },
): Promise<void> => {
  const { hallId, events } = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const unit = await lockUnit(tx, ctx, input.unitId);
    if (unit.version !== input.version) throw versionConflict(unit.version);
    const now = new Date(ctx.clock.now());
    await tx
      .update(units)
      .set({ archivedAt: now, updatedAt: now, version: sql`${units.version} + 1` })
      .where(eq(units.id, unit.id));
    const { tenantId } = ctx.actor;
    const [link] = await tx
      .update(unitLinks)
      .set({ presence: 'offline', reason: 'archived', since: now, connId: null })
      .where(and(eq(unitLinks.unitId, unit.id), eq(unitLinks.presence, 'online')))
      .returning();
    if (link) {
      const change = { tenantId, hallId: unit.hallId, unitId: unit.id, at: now };
      await recordUnitPresence(tx, [{ ...change, state: 'offline', reason: 'archived' }]);
    }
    const of = { tenantId, unitId: unit.id };
    const revoked = await revokeUnitCertificates(tx, { ...of, reason: 'archived', nowMs: now.getTime() });
    await audit(tx, ctx, {
      action: 'unit.archived',
      target: { kind: 'unit', id: unit.id, name: unit.name },
      hallId: unit.hallId,
      ...(revoked.length > 0 ? { after: { certificatesRevoked: revoked } } : {}),
    });
    return {
      hallId: unit.hallId,
      events: await endAlarmsOfUnit(tx, { tenantId, unitId: unit.id, atMs: now.getTime() }),
    };
  });
  for (const event of events) ctx.live.publish(event);
  deps.disconnect(input.unitId);
  publishUnit(ctx, input.unitId, hallId);
};
