import { queryOptions } from '@tanstack/react-query';
import { listing } from './listing.js';
import { get, post, type Query } from './request.js';
import type { Alarm } from './types.js';

export const alarmsQuery = (query: Query) => listing<Alarm>('alarms', '/alarms', query);

export const alarmQuery = (id: string) =>
  queryOptions({ queryKey: ['alarms', 'one', id], queryFn: ({ signal }) => get<Alarm>(`/alarms/${id}`, { signal }) });

export const acknowledgeAlarm = (id: string, input: { note?: string }) =>
  post<Alarm>(`/alarms/${id}/acknowledge`, input);
