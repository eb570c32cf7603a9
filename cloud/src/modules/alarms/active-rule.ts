import { HubError, type Label } from '@hallhub/shared';
import type { AlarmRule as ProfileAlarm } from '@hallhub/shared/profile';
import type { Severity, Value } from '@hallhub/shared/wire';
import type { alarmRules } from './tables.js';
import { isUnitRuleKind, type UnitRule } from './unit-rules.js';

interface RuleBase {
  /** `rule:<id>`, `profile:<profile id>/<alarm id>`, `device_offline` or `unit_offline`: one open alarm per source and key. */
  readonly key: string;
  readonly severity: Severity;
  readonly label: Label;
}

export interface ThresholdRule extends RuleBase {
  readonly kind: 'threshold';
  readonly property: string;
  readonly op: 'gt' | 'lt' | 'eq';
  readonly limit: Exclude<Value, null>;
  /** Back at this value (or beyond it on the good side) it is over. */
  readonly clearLimit: Exclude<Value, null>;
  readonly forMs: number;
  readonly clearForMs: number;
}

export interface DeviceOfflineRule extends RuleBase {
  readonly kind: 'device_offline';
  readonly afterMs: number;
}

export interface UnitOfflineRule extends RuleBase {
  readonly kind: 'unit_offline';
  readonly afterMs: number;
}

export interface EventRule extends RuleBase {
  readonly kind: 'event';
  readonly event: string;
  readonly clearBy: string | null;
}

/** A rule as it is evaluated, wherever it was written. */
export type ActiveRule = ThresholdRule | DeviceOfflineRule | UnitOfflineRule | EventRule | UnitRule;

export type HallRule = typeof alarmRules.$inferSelect;

/** Presence has its own hysteresis; this is how long somebody may take to plug it in again. */
export const defaultDeviceOffline: DeviceOfflineRule = {
  key: 'device_offline',
  kind: 'device_offline',
  severity: 'warning',
  label: { zh: '设备离线', en: 'Device offline' },
  afterMs: 60_000,
};

export const defaultUnitOffline: UnitOfflineRule = {
  key: 'unit_offline',
  kind: 'unit_offline',
  severity: 'critical',
  label: { zh: '智能互动单元离线', en: 'Unit offline' },
  afterMs: 30_000,
};

export const fromProfile = (profileId: string, alarm: ProfileAlarm): ActiveRule => {
  const base = { key: `profile:${profileId}/${alarm.id}`, severity: alarm.severity, label: alarm.label };
  if (alarm.kind === 'offline') return { ...base, kind: 'device_offline', afterMs: alarm.afterMs };
  if (alarm.kind === 'event') return { ...base, kind: 'event', event: alarm.event, clearBy: alarm.clearBy ?? null };
  const { property, hysteresis, forMs, clearForMs } = alarm;
  const shared = { ...base, kind: 'threshold' as const, property, forMs, clearForMs };
  if (alarm.above !== undefined)
    return { ...shared, op: 'gt', limit: alarm.above, clearLimit: alarm.above - hysteresis };
  if (alarm.below !== undefined)
    return { ...shared, op: 'lt', limit: alarm.below, clearLimit: alarm.below + hysteresis };
  const equals = alarm.equals ?? 0;
  return { ...shared, op: 'eq', limit: equals, clearLimit: equals };
};

/** Rules about a unit's own state are unit-rules.ts's. */
export const fromHallRule = (rule: HallRule): Exclude<ActiveRule, UnitRule> => {
  const base = { key: `rule:${rule.id}`, severity: rule.severity, label: rule.label };
  if (isUnitRuleKind(rule.kind)) throw new HubError('bug', `${rule.kind} is not a rule of devices`);
  if (rule.kind !== 'threshold') return { ...base, kind: rule.kind, afterMs: rule.forMs };
  const limit = rule.limitValue ?? 0;
  return {
    ...base,
    kind: 'threshold',
    property: rule.property ?? '',
    op: rule.op ?? 'gt',
    limit,
    clearLimit: rule.clearLimit ?? limit,
    forMs: rule.forMs,
    clearForMs: 0,
  };
};

export interface RuledDevice {
  readonly id: string;
  readonly profileId: string | null;
  readonly alarms: readonly ProfileAlarm[];
}

const fits = (rule: HallRule, device: RuledDevice): boolean =>
  (rule.deviceId === null || rule.deviceId === device.id) &&
  (rule.profileId === null || rule.profileId === device.profileId);

const closeness = (rule: HallRule): number => (rule.deviceId ? 2 : 0) + (rule.profileId ? 1 : 0);

/**
 * What holds for a device: its profile's alarms and the hall's rules that fit it. Of the rules about being offline the closest
 * one stands alone (device, profile, hall, then the profile's own, then the default); switched off it means none.
 */
export const rulesOfDevice = (device: RuledDevice, hallRules: readonly HallRule[]): ActiveRule[] => {
  const fitting = hallRules.filter((rule) => fits(rule, device));
  const own = device.alarms.map((alarm) => fromProfile(device.profileId ?? '?', alarm));
  const rules = own.filter(({ kind }) => kind !== 'device_offline');
  for (const rule of fitting) if (rule.enabled && rule.kind === 'threshold') rules.push(fromHallRule(rule));
  const [closest] = fitting
    .filter(({ kind }) => kind === 'device_offline')
    .sort((a, b) => closeness(b) - closeness(a) || (a.id < b.id ? -1 : 1));
  if (closest) {
    if (closest.enabled) rules.push(fromHallRule(closest));
  } else {
    rules.push(own.find(({ kind }) => kind === 'device_offline') ?? defaultDeviceOffline);
  }
  return rules;
};

export const ruleOfUnit = (hallRules: readonly HallRule[]): UnitOfflineRule | undefined => {
  const rule = hallRules.find(({ kind }) => kind === 'unit_offline');
  if (!rule) return defaultUnitOffline;
  const active = rule.enabled ? fromHallRule(rule) : undefined;
  return active?.kind === 'unit_offline' ? active : undefined;
};
