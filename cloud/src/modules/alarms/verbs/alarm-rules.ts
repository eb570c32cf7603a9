import { HubError, uuidv7 } from '@hallhub/shared';
import { z } from '@hono/zod-openapi';
import { and, eq, gt, isNull, sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../../../verb-kit/pagination.js';
import { versionConflict } from '../../../verb-kit/version-conflict.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit, differences } from '../../audit/audit.js';
import { type PropertyName, readPropertyNames } from '../../fleet/property-names.js';
import { devices } from '../../fleet/tables.js';
import type { LiveEvent } from '../../live/live-port.js';
import { clearAlarms, unwatch } from '../alarm-ledger.js';
import type { AlarmRuleDto, CreateAlarmRule, UpdateAlarmRule } from '../contract.js';
import { requireHallForRules } from '../hall-of-rule.js';
import type { RuleBook } from '../rule-book.js';
import { alarmRules } from '../tables.js';
import { isUnitRuleKind } from '../unit-rules.js';

export interface AlarmDeps {
  readonly rules: RuleBook;
}

type RuleRow = typeof alarmRules.$inferSelect;

const toDto = (row: RuleRow, named?: PropertyName): AlarmRuleDto => ({
  id: row.id,
  hallId: row.hallId,
  deviceId: row.deviceId,
  profileId: row.profileId,
  kind: row.kind,
  property: row.property,
  propertyLabel: named?.label ?? null,
  propertyUnit: named?.unit ?? null,
  op: row.op,
  limit: row.limitValue,
  clearLimit: row.clearLimit,
  forMs: row.forMs,
  severity: row.severity,
  label: row.label,
  enabled: row.enabled,
  version: row.version,
});

/** Rules as they are shown: with what the devices' profiles call their properties. */
const toDtos = async (tx: Tx, rows: readonly RuleRow[]): Promise<AlarmRuleDto[]> => {
  const names = await readPropertyNames(
    tx,
    rows[0]?.tenantId ?? '',
    rows.flatMap(({ id, hallId, deviceId, profileId, property }) =>
      property === null ? [] : [{ key: id, hallId, deviceId, profileId, property }],
    ),
  );
  return rows.map((row) => toDto(row, names.get(row.id)));
};

const shown = async (tx: Tx, row: RuleRow): Promise<AlarmRuleDto> => (await toDtos(tx, [row]))[0] ?? toDto(row);

const audited = ['op', 'limitValue', 'clearLimit', 'forMs', 'severity', 'label', 'enabled'] as const;

const broken = (path: string, message: string): HubError =>
  new HubError('invalid_input', message, { context: { errors: [{ path: `body.${path}`, message }] } });

/** A rule must be able to fire and to end. */
const checkRule = (rule: Pick<RuleRow, 'kind' | 'property' | 'op' | 'limitValue' | 'clearLimit'>): void => {
  if (isUnitRuleKind(rule.kind)) {
    const { limitValue, clearLimit } = rule;
    if (limitValue !== null && clearLimit !== null && clearLimit < limitValue) {
      throw broken('clearLimit', 'It has to lie on the good side of the limit');
    }
    return;
  }
  if (rule.kind !== 'threshold') return;
  if (rule.property === null) throw broken('property', 'A threshold is about a property');
  if (rule.op === null) throw broken('op', 'A threshold is greater or less than its limit');
  if (rule.limitValue === null) throw broken('limit', 'A threshold has a limit');
  if (rule.clearLimit === null) return;
  const wrongSide = rule.op === 'gt' ? rule.clearLimit > rule.limitValue : rule.clearLimit < rule.limitValue;
  if (wrongSide) throw broken('clearLimit', 'It has to lie on the good side of the limit');
};

export const listAlarmRules = async (
  ctx: VerbContext,
  filter: PageQuery & { readonly hallId?: string | undefined; readonly deviceId?: string | undefined },
): Promise<Page<AlarmRuleDto>> => {
  const after = decodeCursor(filter.cursor, z.tuple([z.uuid()]));
  const rows = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const found = await tx
      .select()
      .from(alarmRules)
      .where(
        and(
          isNull(alarmRules.archivedAt),
          inReach(alarmRules.hallId, ctx.actor, 'alarm.read'),
          filter.hallId ? eq(alarmRules.hallId, filter.hallId) : undefined,
          filter.deviceId ? eq(alarmRules.deviceId, filter.deviceId) : undefined,
          after ? gt(alarmRules.id, after[0]) : undefined,
        ),
      )
      .orderBy(alarmRules.id)
      .limit(filter.limit + 1);
    return toDtos(tx, found);
  });
  return toPage(rows, filter.limit, { item: (rule) => rule, key: ({ id }) => [id] });
};

export const createAlarmRule = async (
  ctx: VerbContext,
  deps: AlarmDeps,
  input: CreateAlarmRule,
): Promise<AlarmRuleDto> => {
  const { limit: limitValue, ...rest } = input;
  const dto = await withTenant(ctx.db, ctx.actor, async (tx) => {
    await requireHallForRules(tx, ctx, input.hallId);
    if (input.deviceId) await requireDevice(tx, input.hallId, input.deviceId);
    const row = { ...rest, limitValue, id: uuidv7(), tenantId: ctx.actor.tenantId };
    checkRule(row);
    const [created] = await tx.insert(alarmRules).values(row).returning();
    if (!created) throw new HubError('bug', 'INSERT … RETURNING returned no row');
    await audit(tx, ctx, {
      action: 'alarm_rule.created',
      target: { kind: 'alarm_rule', id: created.id, name: created.label.zh },
      hallId: created.hallId,
      after: toDto(created),
    });
    return shown(tx, created);
  });
  deps.rules.forget(dto.hallId);
  return dto;
};

const requireDevice = async (tx: Tx, hallId: string, deviceId: string): Promise<void> => {
  const [device] = await tx
    .select()
    .from(devices)
    .where(and(eq(devices.id, deviceId), eq(devices.hallId, hallId)));
  if (!device) throw broken('deviceId', 'Must be a device of the same hall');
};

const lockRule = async (tx: Tx, ctx: VerbContext, ruleId: string, version: number): Promise<RuleRow> => {
  const [rule] = await tx
    .select()
    .from(alarmRules)
    .where(
      and(
        eq(alarmRules.id, ruleId),
        isNull(alarmRules.archivedAt),
        inReach(alarmRules.hallId, ctx.actor, 'alarm.read'),
      ),
    )
    .for('update');
  if (!rule) throw new HubError('not_found', 'There is no such rule');
  ctx.actor.require('alarm.write', { hallId: rule.hallId });
  if (rule.version !== version) throw versionConflict(rule.version);
  return rule;
};

export const updateAlarmRule = async (
  ctx: VerbContext,
  deps: AlarmDeps,
  input: UpdateAlarmRule & { readonly ruleId: string; readonly version: number },
): Promise<AlarmRuleDto> => {
  const { ruleId, version, limit, ...change } = input;
  const { dto, events } = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const before = await lockRule(tx, ctx, ruleId, version);
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    const after: RuleRow = { ...before, ...given, limitValue: limit ?? before.limitValue };
    checkRule(after);
    const [changed] = await tx
      .update(alarmRules)
      .set({
        ...{ op: after.op, limitValue: after.limitValue, clearLimit: after.clearLimit, forMs: after.forMs },
        ...{ severity: after.severity, label: after.label, enabled: after.enabled },
        ...{ updatedAt: new Date(ctx.clock.now()), version: sql`${alarmRules.version} + 1` },
      })
      .where(eq(alarmRules.id, ruleId))
      .returning();
    if (!changed) throw new HubError('bug', 'UPDATE … RETURNING returned no row');
    await audit(tx, ctx, {
      action: 'alarm_rule.changed',
      target: { kind: 'alarm_rule', id: ruleId, name: after.label.zh },
      hallId: after.hallId,
      ...differences(before, after, audited),
    });
    const events = after.enabled ? [] : await endOpen(tx, ctx, after);
    return { dto: await shown(tx, changed), events };
  });
  deps.rules.forget(dto.hallId);
  for (const event of events) ctx.live.publish(event);
  return dto;
};

/** Takes a rule out of use; alarms it had open are over. */
export const deleteAlarmRule = async (
  ctx: VerbContext,
  deps: AlarmDeps,
  { ruleId, version }: { readonly ruleId: string; readonly version: number },
): Promise<void> => {
  const { hallId, events } = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const rule = await lockRule(tx, ctx, ruleId, version);
    const now = new Date(ctx.clock.now());
    await tx
      .update(alarmRules)
      .set({ archivedAt: now, updatedAt: now, version: sql`${alarmRules.version} + 1` })
      .where(eq(alarmRules.id, ruleId));
    await audit(tx, ctx, {
      action: 'alarm_rule.archived',
      target: { kind: 'alarm_rule', id: ruleId, name: rule.label.zh },
      hallId: rule.hallId,
    });
    return { hallId: rule.hallId, events: await endOpen(tx, ctx, rule) };
  });
  deps.rules.forget(hallId);
  for (const event of events) ctx.live.publish(event);
};

/** What a rule has open or pending ends with it. */
const endOpen = async (tx: Tx, ctx: VerbContext, rule: RuleRow): Promise<LiveEvent[]> => {
  const key = `rule:${rule.id}`;
  const { tenantId } = ctx.actor;
  const { rows } = await tx.$client.query<{ hall_id: string; unit_id: string; device_id: string | null }>(
    `SELECT hall_id, unit_id, device_id FROM alarms WHERE tenant_id = $1 AND rule_key = $2 AND cleared_at IS NULL
     UNION SELECT hall_id, unit_id, device_id FROM alarm_watches WHERE tenant_id = $1 AND rule_key = $2`,
    [tenantId, key],
  );
  const events: LiveEvent[] = [];
  for (const row of rows) {
    const source = { tenantId, hallId: row.hall_id, unitId: row.unit_id, deviceId: row.device_id };
    await unwatch(tx, source, [key]);
    events.push(...(await clearAlarms(tx, { source, ruleKeys: [key], atMs: ctx.clock.now() })));
  }
  return events;
};
