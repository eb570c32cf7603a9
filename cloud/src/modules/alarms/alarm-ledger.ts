import { uuidv7 } from '@hallhub/shared';
import type { Value } from '@hallhub/shared/wire';
import { sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import type { LiveEvent } from '../live/live-port.js';
import type { ActiveRule } from './active-rule.js';
import type { AlarmDto } from './contract.js';
import { readAlarms } from './read-alarms.js';

/** What an alarm is about: a device, or the unit itself. */
export interface AlarmSource {
  readonly tenantId: string;
  readonly hallId: string;
  readonly unitId: string;
  readonly deviceId: string | null;
}

export const sourceId = (source: AlarmSource): string => source.deviceId ?? source.unitId;

export interface Occurrence {
  readonly source: AlarmSource;
  readonly rule: ActiveRule;
  readonly atMs: number;
  readonly value: Value;
}

/**
 * A hall's own rule may have been taken out of use by another cloud process seconds ago, and what were raised now nobody would clear.
 * The lock makes both wait for each other: whoever takes the rule out clears what was raised before.
 */
const stillStands = async (tx: Tx, { source, rule }: Pick<Occurrence, 'source' | 'rule'>): Promise<boolean> => {
  if (!rule.key.startsWith('rule:')) return true;
  const { rowCount } = await tx.$client.query(
    'SELECT 1 FROM alarm_rules WHERE tenant_id = $1 AND id = $2 AND archived_at IS NULL AND enabled FOR SHARE',
    [source.tenantId, rule.key.slice('rule:'.length)],
  );
  return rowCount === 1;
};

/** Raises an alarm, or counts once more on the one that is open. Gives what browsers are told after commit. */
export const raiseAlarm = async (tx: Tx, { source, rule, atMs, value }: Occurrence): Promise<LiveEvent[]> => {
  if (!(await stillStands(tx, { source, rule }))) return [];
  const id = uuidv7();
  const at = new Date(atMs);
  const { rows } = await tx.$client.query<{ id: string }>(
    `INSERT INTO alarms AS a (id, tenant_id, hall_id, unit_id, device_id, rule_key, rule, severity, message, value, raised_at, last_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
     ON CONFLICT (tenant_id, coalesce(device_id, unit_id), rule_key) WHERE cleared_at IS NULL
     DO UPDATE SET occurrences = a.occurrences + 1, last_at = greatest(a.last_at, excluded.last_at), value = excluded.value, version = a.version + 1
     RETURNING id`,
    [
      ...[id, source.tenantId, source.hallId, source.unitId, source.deviceId, rule.key],
      ...[JSON.stringify(rule), rule.severity, JSON.stringify(rule.label), JSON.stringify(value), at],
    ],
  );
  const kept = rows[0]!.id;
  if (kept === id) await addStep(tx, { source, alarmId: id, step: 'raised', at, value });
  return announce(tx, source.tenantId, [kept], kept === id ? 'alarm.raised' : 'alarm.changed');
};

/** Clears the open alarm of a source and rule, if there is one. `ruleKeys` undefined: all of the source. */
export const clearAlarms = async (
  tx: Tx,
  of: {
    readonly source: AlarmSource;
    readonly ruleKeys?: readonly string[];
    readonly atMs: number;
    readonly value?: Value;
  },
): Promise<LiveEvent[]> => {
  const { source } = of;
  const at = new Date(of.atMs);
  const { rows } = await tx.$client.query<{ id: string }>(
    `UPDATE alarms SET cleared_at = greatest($3, raised_at), version = version + 1
     WHERE tenant_id = $1 AND coalesce(device_id, unit_id) = $2 AND cleared_at IS NULL AND ($4::text[] IS NULL OR rule_key = ANY($4)) RETURNING id`,
    [source.tenantId, sourceId(source), at, of.ruleKeys ?? null],
  );
  for (const { id } of rows) {
    await addStep(tx, { source, alarmId: id, step: 'cleared', at, value: of.value ?? null });
  }
  return announce(
    tx,
    source.tenantId,
    rows.map(({ id }) => id),
    'alarm.cleared',
  );
};

export const addStep = async (
  tx: Tx,
  step: {
    readonly source: Pick<AlarmSource, 'tenantId'>;
    readonly alarmId: string;
    readonly step: 'raised' | 'acknowledged' | 'noted' | 'cleared';
    readonly at: Date;
    readonly by?: string | null;
    readonly note?: string | null;
    readonly value?: Value;
  },
): Promise<void> => {
  await tx.$client.query(
    `INSERT INTO alarm_steps (tenant_id, alarm_id, id, step, at, by_name, note, value) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      ...[step.source.tenantId, step.alarmId, uuidv7(), step.step, step.at, step.by ?? null, step.note ?? null],
      JSON.stringify(step.value ?? null),
    ],
  );
};

const announce = async (
  tx: Tx,
  tenantId: string,
  ids: readonly string[],
  type: 'alarm.raised' | 'alarm.changed' | 'alarm.cleared',
): Promise<LiveEvent[]> => {
  if (ids.length === 0) return [];
  const alarms = await readAlarms(tx, { tenantId, where: sql`a.id = ANY(${sql.param([...ids])}::uuid[])` });
  return alarms.map((alarm) => alarmEvent(tenantId, alarm, type));
};

export const alarmEvent = (
  tenantId: string,
  alarm: AlarmDto,
  type: 'alarm.raised' | 'alarm.changed' | 'alarm.cleared',
): LiveEvent => ({
  tenantId,
  hallId: alarm.hallId,
  ...(alarm.deviceId ? { deviceId: alarm.deviceId } : undefined),
  topic: 'alarms',
  type,
  data: { alarm },
});

/** A condition that has to last: written down, so that any process can see it fall due. */
export const watch = async (
  tx: Tx,
  { source, rule, atMs, value }: Occurrence,
  towards: 'raise' | 'clear',
  due: Date,
): Promise<void> => {
  if (!(await stillStands(tx, { source, rule }))) return;
  await tx.$client.query(
    `INSERT INTO alarm_watches AS w (tenant_id, source_id, rule_key, towards, hall_id, unit_id, device_id, rule, severity, message, value, since, due_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     ON CONFLICT (tenant_id, source_id, rule_key) DO UPDATE SET towards = excluded.towards, rule = excluded.rule, severity = excluded.severity,
       message = excluded.message, value = excluded.value, since = excluded.since, due_at = excluded.due_at`,
    [
      ...[source.tenantId, sourceId(source), rule.key, towards, source.hallId, source.unitId, source.deviceId],
      ...[JSON.stringify(rule), rule.severity, JSON.stringify(rule.label), JSON.stringify(value), new Date(atMs), due],
    ],
  );
};

export const unwatch = async (tx: Tx, source: AlarmSource, ruleKeys?: readonly string[]): Promise<void> => {
  await tx.$client.query(
    'DELETE FROM alarm_watches WHERE tenant_id = $1 AND source_id = $2 AND ($3::text[] IS NULL OR rule_key = ANY($3))',
    [source.tenantId, sourceId(source), ruleKeys ?? null],
  );
};
