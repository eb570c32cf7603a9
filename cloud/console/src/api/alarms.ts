import type { Label } from '@hallhub/shared';
import type { Severity, ThingValue } from '@hallhub/shared/thing';
import { queryOptions } from '@tanstack/react-query';
import { etagOf } from './etag.js';
import { listing } from './listing.js';
import { del, get, patch, post, type Query } from './request.js';
import type { Time } from './time.js';

export interface Alarm {
  id: string;
  hallId: string;
  hallName: Label | string;
  unitId: string;
  unitName: string;
  deviceId: string | null;
  deviceName: string | null;
  rule: {
    /** Who wrote it: people, the device profile, or it holds by default. */
    source?: 'hall' | 'profile' | 'default';
    /** The rule of the hall. */
    id?: string | null;
    kind: AlarmRuleKind | 'event';
    property: string | null;
    op: 'gt' | 'lt' | 'eq' | null;
    limit: ThingValue | null;
    event: string | null;
  };
  state: 'open' | 'acknowledged' | 'cleared';
  severity: Severity;
  message: Label | string;
  value: ThingValue | null;
  raisedAt: Time;
  acknowledgedAt: Time | null;
  acknowledgedBy: string | null;
  note: string | null;
  clearedAt: Time | null;
  count: number;
  version: number;
}

export type AlarmRuleKind =
  | 'threshold'
  | 'device_offline'
  | 'unit_offline'
  | 'unit_runway'
  | 'unit_certificate'
  | 'unit_clock'
  | 'unit_seal'
  | 'unit_fault';

export interface AlarmRule {
  id: string;
  hallId: string;
  deviceId: string | null;
  profileId: string | null;
  kind: AlarmRuleKind;
  property: string | null;
  propertyLabel: Label | null;
  propertyUnit: string | null;
  op: 'gt' | 'lt' | null;
  limit: number | null;
  clearLimit: number | null;
  forMs: number;
  severity: Severity;
  label: Label;
  enabled: boolean;
  version: number;
}

export interface AlarmStep {
  step: 'raised' | 'acknowledged' | 'noted' | 'cleared';
  at: Time;
  by: string | null;
  note: string | null;
  value: ThingValue | null;
}

export interface AlarmDetail extends Alarm {
  steps: AlarmStep[];
}

export const alarmsQuery = (query: Query) => listing<Alarm>('alarms', '/alarms', query);

export const alarmQuery = (id: string) =>
  queryOptions({
    queryKey: ['alarms', 'one', id],
    queryFn: ({ signal }) => get<AlarmDetail>(`/alarms/${id}`, { signal }),
  });

export const acknowledgeAlarm = (id: string, input: { note?: string }) =>
  post<Alarm>(`/alarms/${id}/acknowledge`, input);

export const alarmRulesQuery = (query: Query) => listing<AlarmRule>('alarm-rules', '/alarm-rules', query);

export type AlarmRuleChange = Partial<
  Pick<AlarmRule, 'op' | 'limit' | 'clearLimit' | 'forMs' | 'severity' | 'label' | 'enabled'>
>;
export type NewAlarmRule = Omit<AlarmRule, 'id' | 'version' | 'profileId' | 'propertyLabel' | 'propertyUnit'>;

export const createAlarmRule = (input: NewAlarmRule) => post<AlarmRule>('/alarm-rules', input);
export const changeAlarmRule = (rule: AlarmRule, input: AlarmRuleChange) =>
  patch<AlarmRule>(`/alarm-rules/${rule.id}`, input, { ifMatch: etagOf(rule) });
export const deleteAlarmRule = (rule: AlarmRule) => del<void>(`/alarm-rules/${rule.id}`, { ifMatch: etagOf(rule) });
