import type { Clock } from '@hallhub/shared';
import type { Heartbeat, WireClock } from '@hallhub/shared/wire';
import { and, inArray, isNull } from 'drizzle-orm';
import { type Database, type Tx, withSystem } from '../../db/index.js';
import type { LiveEvent, LivePublisher } from '../live/live-port.js';
import type { HallRule } from './active-rule.js';
import { type AlarmSource, clearAlarms, raiseAlarm, unwatch, watch } from './alarm-ledger.js';
import { alarmRules, unitRuleKinds } from './tables.js';
import { type Standing, standingOf, type UnitFacts, type UnitRule, unitRulesOf, valueFor } from './unit-rules.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A difference stays an alarm for a day after it was found; the proof's own page keeps it for good. */
const sealAlarmMs = dayMs;

interface FactRow {
  tenant_id: string;
  hall_id: string;
  unit_id: string;
  presence: 'online' | 'offline';
  runway_ms: number | null;
  runway: Heartbeat['runway'] | null;
  certificate_ends_at: string | null;
  clock: WireClock | null;
  seals_differ: boolean;
  fault_at: Date | null;
}

interface Known {
  readonly key: string;
  readonly open: boolean;
}

/**
 * Looks at what every unit last said of itself and moves its alarms; run once a minute, by one process at a time. All state is in
 * the database, so a missed minute costs a minute.
 */
export const watchUnits = async (deps: {
  readonly database: Database;
  readonly clock: Clock;
  readonly live: LivePublisher;
}): Promise<number> => {
  const now = new Date(deps.clock.now());
  const events = await withSystem(deps.database, async (tx) => {
    const rules = await hallRules(tx);
    const known = await knownAlarms(tx);
    const moved: LiveEvent[] = [];
    for (const row of await readFacts(tx, now)) {
      const facts = toFacts(row, now);
      const source = { tenantId: row.tenant_id, hallId: row.hall_id, unitId: row.unit_id, deviceId: null };
      const own = rules.get(row.hall_id);
      const active = own ? unitRulesOf(own) : standardRules;
      const held = known.get(row.unit_id) ?? [];
      for (const rule of active) {
        const state = held.find(({ key }) => key === rule.key);
        moved.push(...(await move(tx, { source, rule, state, facts, standing: standingOf(rule, facts), now })));
      }
      // A rule that is no more, or was replaced by the hall's own, ends what it had.
      const gone = held.filter(({ key }) => !active.some((rule) => rule.key === key)).map(({ key }) => key);
      if (gone.length > 0) {
        await unwatch(tx, source, gone);
        moved.push(...(await clearAlarms(tx, { source, ruleKeys: gone, atMs: now.getTime() })));
      }
    }
    return moved;
  });
  for (const event of events) deps.live.publish(event);
  return events.length;
};

const standardRules = unitRulesOf([]);

interface Step {
  readonly source: AlarmSource;
  readonly rule: UnitRule;
  readonly state: Known | undefined;
  readonly facts: UnitFacts;
  readonly standing: Standing;
  readonly now: Date;
}

const move = async (tx: Tx, { source, rule, state, facts, standing, now }: Step): Promise<LiveEvent[]> => {
  const atMs = now.getTime();
  const value = valueFor(rule, facts);
  if (standing === 'beyond' && state === undefined) {
    if (rule.forMs === 0) return raiseAlarm(tx, { source, rule, atMs, value });
    await watch(tx, { source, rule, atMs, value }, 'raise', new Date(atMs + rule.forMs));
    return [];
  }
  if ((standing === 'back' || standing === 'between') && state !== undefined && !state.open) {
    await unwatch(tx, source, [rule.key]);
    return [];
  }
  if (standing === 'back' && state?.open) return clearAlarms(tx, { source, ruleKeys: [rule.key], atMs, value });
  return [];
};

const hallRules = async (tx: Tx): Promise<Map<string, HallRule[]>> => {
  const rows = await tx
    .select()
    .from(alarmRules)
    .where(and(inArray(alarmRules.kind, [...unitRuleKinds]), isNull(alarmRules.archivedAt)))
    .orderBy(alarmRules.id);
  const halls = new Map<string, HallRule[]>();
  for (const row of rows) halls.set(row.hallId, [...(halls.get(row.hallId) ?? []), row]);
  return halls;
};

const knownAlarms = async (tx: Tx): Promise<Map<string, Known[]>> => {
  const { rows } = await tx.$client.query<{ unit_id: string; rule_key: string; open: boolean }>(
    `SELECT unit_id, rule_key, true AS open FROM alarms WHERE device_id IS NULL AND cleared_at IS NULL AND rule->>'kind' = ANY($1)
     UNION ALL SELECT unit_id, rule_key, false FROM alarm_watches WHERE device_id IS NULL AND rule->>'kind' = ANY($1) ORDER BY 3 DESC`,
    [unitRuleKinds],
  );
  const units = new Map<string, Known[]>();
  for (const { unit_id, rule_key: key, open } of rows) {
    units.set(unit_id, [...(units.get(unit_id) ?? []), { key, open }]);
  }
  return units;
};

const readFacts = async (tx: Tx, now: Date): Promise<FactRow[]> => {
  const { rows } = await tx.$client.query<FactRow>(
    `SELECT u.tenant_id, u.hall_id, u.id AS unit_id, l.presence, (l.heartbeat->>'runwayMs')::float8 AS runway_ms, l.heartbeat->'runway' AS runway,
       l.heartbeat->>'certificateEndsAt' AS certificate_ends_at, l.clock,
       EXISTS (SELECT 1 FROM seals s WHERE s.tenant_id = u.tenant_id AND s.unit_id = u.id AND s.verdict = 'different' AND s.judged_at > $1) AS seals_differ,
       (SELECT max(f.at) FROM unit_faults f WHERE f.tenant_id = u.tenant_id AND f.unit_id = u.id AND f.at > $2) AS fault_at
     FROM units u JOIN unit_links l ON l.unit_id = u.id WHERE u.archived_at IS NULL AND l.hello_at IS NOT NULL ORDER BY u.id`,
    [new Date(now.getTime() - sealAlarmMs), new Date(now.getTime() - dayMs)],
  );
  return rows;
};

const toFacts = (row: FactRow, now: Date): UnitFacts => {
  const online = row.presence === 'online';
  const runwayMs = row.runway?.telemetryMs ?? row.runway_ms;
  return {
    runwayHours: online && runwayMs !== null ? runwayMs / hourMs : undefined,
    certificateDays:
      row.certificate_ends_at === null ? undefined : (Number(row.certificate_ends_at) - now.getTime()) / dayMs,
    clockTrusted: online && row.clock ? row.clock.state === 'trusted' : undefined,
    sealsDiffer: row.seals_differ,
    faultMinutes: row.fault_at === null ? undefined : Math.max(0, now.getTime() - row.fault_at.getTime()) / 60_000,
  };
};
