import { queryOptions } from '@tanstack/react-query';
import { etagOf } from './etag.js';
import { listing } from './listing.js';
import { del, get, patch, post, type Query } from './request.js';
import type { Alarm, AlarmDetail, AlarmRule } from './types.js';

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
