import { HubError } from '@hallhub/shared';
import { and, eq, sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { addStep, alarmEvent } from '../alarm-ledger.js';
import type { AlarmDto } from '../contract.js';
import { readAlarms } from '../read-alarms.js';
import { alarms } from '../tables.js';

/**
 * Somebody has seen it and says so. The first who does stands as the one who took it; who comes later adds a note. An alarm that is
 * over may still be acknowledged: that it happened has been seen.
 */
export const acknowledgeAlarm = async (
  ctx: VerbContext,
  input: { readonly alarmId: string; readonly note?: string | undefined },
): Promise<AlarmDto> => {
  const { tenantId, userId, userName } = ctx.actor;
  const alarm = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const [before] = await tx
      .select()
      .from(alarms)
      .where(and(eq(alarms.id, input.alarmId), inReach(alarms.hallId, ctx.actor, 'alarm.read')))
      .for('update');
    if (!before) throw new HubError('not_found', 'There is no such alarm');
    ctx.actor.require('alarm.acknowledge', { hallId: before.hallId });
    const isFirst = before.acknowledgedAt === null;
    if (!isFirst && !input.note) throw new HubError('conflict', 'The alarm is acknowledged already');
    const at = new Date(ctx.clock.now());
    const taken = isFirst ? { acknowledgedAt: at, acknowledgedBy: userId, acknowledgedByName: userName } : {};
    await tx
      .update(alarms)
      .set({ ...taken, note: input.note ?? before.note, version: sql`${alarms.version} + 1` })
      .where(eq(alarms.id, before.id));
    await addStep(tx, {
      ...{ source: { tenantId }, alarmId: before.id, step: isFirst ? 'acknowledged' : 'noted', at },
      ...{ by: userName, note: input.note ?? null },
    });
    await audit(tx, ctx, {
      action: isFirst ? 'alarm.acknowledged' : 'alarm.noted',
      target: { kind: 'alarm', id: before.id, name: before.message.zh },
      hallId: before.hallId,
      after: { note: input.note ?? null },
    });
    const [after] = await readAlarms(tx, { tenantId, where: sql`a.id = ${before.id}`, limit: 1 });
    if (!after) throw new HubError('bug', 'An alarm was not found after it had been acknowledged');
    return after;
  });
  ctx.live.publish(alarmEvent(tenantId, alarm, 'alarm.changed'));
  return alarm;
};
