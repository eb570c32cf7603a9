import { queryOptions } from '@tanstack/react-query';
import { listing } from './listing.js';
import { get, post, type Query } from './request.js';
import type { Alarm, AlarmDetail } from './types.js';

export const alarmsQuery = (query: Query) => listing<Alarm>('alarms', '/alarms', query);

export const alarmQuery = (id: string) =>
  queryOptions({
    queryKey: ['alarms', 'one', id],
    queryFn: ({ signal }) => get<AlarmDetail>(`/alarms/${id}`, { signal }),
  });

export const acknowledgeAlarm = (id: string, input: { note?: string }) =>
  post<Alarm>(`/alarms/${id}/acknowledge`, input);
