import type { SampleRow, Value } from '@hallhub/shared/wire';
import type { DeviceFacts } from '../fleet/claim-devices.js';
import type { LiveEvent } from '../live/live-port.js';
import type { IngestContext } from '../streams/ingest-context.js';
import type { ThresholdRule } from './active-rule.js';
import { type AlarmSource, clearAlarms, raiseAlarm, unwatch, watch } from './alarm-ledger.js';
import type { RuleBook } from './rule-book.js';
import { stepThreshold, type ThresholdState } from './step-threshold.js';

interface Reading {
  readonly value: Value;
  readonly atMs: number;
}

/** Readings of the properties that some rule is about, by device and rule, in the stream's order. */
type Readings = Map<string, Map<ThresholdRule, Reading[]>>;

/** Takes the threshold rules of these devices through a live batch, reading by reading. */
export const watchSamples = async (
  context: IngestContext,
  rules: RuleBook,
  samples: readonly SampleRow[],
  devices: ReadonlyMap<string, DeviceFacts>,
): Promise<LiveEvent[]> => {
  const readings = await readingsUnderRules(context, rules, samples, devices);
  if (readings.size === 0) return [];
  const states = await readStates(context, [...readings.keys()]);
  const events: LiveEvent[] = [];
  for (const [deviceId, byRule] of readings) {
    const source: AlarmSource = { ...placeOf(context), deviceId };
    for (const [rule, list] of byRule) {
      const before = states.get(`${deviceId} ${rule.key}`) ?? { phase: 'normal' };
      events.push(...(await takeThrough(context, source, rule, before, list)));
    }
  }
  return events;
};

const placeOf = ({ tenantId, hallId, unitId }: IngestContext) => ({ tenantId, hallId, unitId });

const readingsUnderRules = async (
  context: IngestContext,
  book: RuleBook,
  samples: readonly SampleRow[],
  devices: ReadonlyMap<string, DeviceFacts>,
): Promise<Readings> => {
  const concerned = new Set(samples.map(({ deviceId }) => deviceId));
  const rules = await book.ofDevices(
    context.tx,
    context,
    [...devices.values()].filter(({ id }) => concerned.has(id)),
  );
  const readings: Readings = new Map();
  for (const row of samples) {
    for (const rule of rules.get(row.deviceId) ?? []) {
      if (rule.kind !== 'threshold' || !Object.hasOwn(row.values, rule.property)) continue;
      // A reading that the device itself calls bad says nothing about the world.
      if (row.quality?.[rule.property] === 'bad') continue;
      const byRule = readings.get(row.deviceId) ?? new Map<ThresholdRule, Reading[]>();
      readings.set(row.deviceId, byRule);
      const list = byRule.get(rule) ?? [];
      byRule.set(rule, list);
      list.push({ value: row.values[rule.property] ?? null, atMs: context.correctedMs(row.at) });
    }
  }
  return readings;
};

/** Where each rule of these devices stands; what is not there is normal. */
const readStates = async (
  context: IngestContext,
  deviceIds: readonly string[],
): Promise<Map<string, ThresholdState>> => {
  const { rows } = await context.tx.$client.query<{
    source_id: string;
    rule_key: string;
    towards: 'raise' | 'clear' | null;
    since: Date | null;
  }>({
    name: 'alarm-states',
    text: `SELECT coalesce(a.device_id, a.unit_id) AS source_id, a.rule_key, NULL AS towards, NULL::timestamptz AS since FROM alarms a
      WHERE a.tenant_id = $1 AND coalesce(a.device_id, a.unit_id) = ANY($2::uuid[]) AND a.cleared_at IS NULL
      UNION ALL SELECT w.source_id, w.rule_key, w.towards, w.since FROM alarm_watches w WHERE w.tenant_id = $1 AND w.source_id = ANY($2::uuid[])`,
    values: [context.tenantId, deviceIds],
  });
  const states = new Map<string, ThresholdState>();
  for (const row of rows) {
    const key = `${row.source_id} ${row.rule_key}`;
    if (row.towards === null) {
      if (states.get(key)?.phase !== 'clearing') states.set(key, { phase: 'open' });
    } else {
      const sinceMs = row.since!.getTime();
      states.set(key, row.towards === 'raise' ? { phase: 'pending', sinceMs } : { phase: 'clearing', sinceMs });
    }
  }
  return states;
};

const takeThrough = async (
  context: IngestContext,
  source: AlarmSource,
  rule: ThresholdRule,
  before: ThresholdState,
  readings: readonly Reading[],
): Promise<LiveEvent[]> => {
  const { tx } = context;
  const events: LiveEvent[] = [];
  let state = before;
  for (const reading of readings) {
    const step = stepThreshold(state, rule, reading);
    const occurrence = { source, rule, ...reading };
    if (step.action === 'raise' || step.action === 'again') events.push(...(await raiseAlarm(tx, occurrence)));
    if (step.action === 'clear') events.push(...(await clearAlarms(tx, { ...occurrence, ruleKeys: [rule.key] })));
    state = step.state;
  }
  const last = readings.at(-1)!;
  if (state.phase === 'pending' || state.phase === 'clearing') {
    const isSame = before.phase === state.phase && before.sinceMs === state.sinceMs;
    const lastsMs = state.phase === 'pending' ? rule.forMs : rule.clearForMs;
    const left = Math.max(0, lastsMs - (last.atMs - state.sinceMs));
    // Without another reading the job raises (or clears) it once it has lasted: report-on-change says nothing more.
    if (!isSame) {
      const due = new Date(context.receivedAt.getTime() + left);
      await watch(
        tx,
        { source, rule, atMs: state.sinceMs, value: last.value },
        state.phase === 'pending' ? 'raise' : 'clear',
        due,
      );
    }
  } else if (before.phase === 'pending' || before.phase === 'clearing') {
    await unwatch(tx, source, [rule.key]);
    // The job may have raised it while this waited for the row: nobody would clear it, for the value is back already.
    if (state.phase === 'normal') {
      events.push(...(await clearAlarms(tx, { source, ruleKeys: [rule.key], atMs: last.atMs, value: last.value })));
    }
  }
  return events;
};
