import { HubError } from '@hallhub/shared';
import { type Severity, severities } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';
import { type SQL, sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../../../verb-kit/pagination.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { instantText } from '../../fleet/instant-text.js';
import type { AlarmDetail, AlarmDto } from '../contract.js';
import { byUrgency, isCleared, lessUrgentThan, readAlarms } from '../read-alarms.js';

export interface AlarmFilter extends PageQuery {
  readonly state?: AlarmDto['state'] | undefined;
  readonly severity?: Severity | undefined;
  readonly hallId?: string | undefined;
  readonly unitId?: string | undefined;
  readonly deviceId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const states: Readonly<Record<AlarmDto['state'], SQL>> = {
  open: sql`a.cleared_at IS NULL AND a.acknowledged_at IS NULL`,
  acknowledged: sql`a.cleared_at IS NULL AND a.acknowledged_at IS NOT NULL`,
  cleared: isCleared,
};

export const alarmReach = (ctx: VerbContext): SQL => inReach(sql`a.hall_id`, ctx.actor, 'alarm.read') ?? sql`true`;

/** As cursors say it: the place in this list is the weight. */
const weightOf = (severity: Severity): number => severities.indexOf(severity);

/** Open before cleared, severe before mild, new before old. */
export const listAlarms = async (ctx: VerbContext, filter: AlarmFilter): Promise<Page<AlarmDto>> => {
  const after = decodeCursor(filter.cursor, z.tuple([z.int(), z.int(), z.iso.datetime(), z.uuid()]));
  const where = [
    alarmReach(ctx),
    filter.state && states[filter.state],
    filter.severity && sql`a.severity = ${filter.severity}`,
    filter.hallId && sql`a.hall_id = ${filter.hallId}`,
    filter.unitId && sql`a.unit_id = ${filter.unitId}`,
    filter.deviceId && sql`a.device_id = ${filter.deviceId}`,
    filter.from && sql`a.raised_at >= ${filter.from}::timestamptz`,
    filter.to && sql`a.raised_at < ${filter.to}::timestamptz`,
    after &&
      lessUrgentThan({
        ...{ open: after[0] === 1, severity: severities[after[1]] ?? 'info', raisedAt: after[2], id: after[3] },
      }),
  ].filter((part): part is SQL => typeof part === 'object' && part !== null);
  const found = await withTenant(ctx.db, ctx.actor, (tx) =>
    readAlarms(tx, {
      tenantId: ctx.actor.tenantId,
      where: sql.join(where, sql` AND `),
      limit: filter.limit + 1,
      order: byUrgency,
    }),
  );
  return toPage(found, filter.limit, {
    item: (dto) => dto,
    key: (dto) => [dto.state === 'cleared' ? 0 : 1, weightOf(dto.severity), dto.raisedAt, dto.id],
  });
};

/** One alarm with its history. */
export const getAlarm = (ctx: VerbContext, { alarmId }: { readonly alarmId: string }): Promise<AlarmDetail> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const { tenantId } = ctx.actor;
    const [alarm] = await readAlarms(tx, { tenantId, where: sql`a.id = ${alarmId} AND ${alarmReach(ctx)}`, limit: 1 });
    if (!alarm) throw new HubError('not_found', 'There is no such alarm');
    const { rows } = (await tx.execute(
      sql`SELECT step, at, by_name, note, value FROM alarm_steps WHERE tenant_id = ${tenantId} AND alarm_id = ${alarmId} ORDER BY id`,
    )) as unknown as {
      rows: {
        step: AlarmDetail['steps'][number]['step'];
        at: string;
        by_name: string | null;
        note: string | null;
        value: AlarmDto['value'];
      }[];
    };
    const steps = rows.map(({ step, at, by_name: by, note, value }) => ({
      step,
      at: instantText(at),
      by,
      note,
      value,
    }));
    return { ...alarm, steps };
  });
