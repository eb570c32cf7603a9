import type { Label } from '@hallhub/shared';
import { queryOptions } from '@tanstack/react-query';
import type { Alarm } from './alarms.js';
import type { HallEvent } from './events.js';
import type { UnitPresence } from './presence.js';
import { get } from './request.js';
import type { Time } from './time.js';

export interface Overview {
  serverTime: Time;
  /** `neverSeen`: made, but never connected so far. */
  units: { online: number; neverSeen: number; total: number };
  devices: { online: number; degraded: number; offline: number; stale: number; quarantined: number; total: number };
  alarms: { critical: number; warning: number; notice: number; info: number };
  latestEvents: HallEvent[];
  openAlarms: Alarm[];
  uplinks: {
    unitId: string;
    unitName: Label | string;
    /** `new`: it has never connected. */
    state: 'new' | 'active';
    presence: UnitPresence;
    since: Time | null;
    pending: number | null;
    oldestAt: Time | null;
  }[];
  messages: { at: Time; count: number }[];
}

export const overviewQuery = (hallId: string | undefined) =>
  queryOptions({
    queryKey: ['overview', hallId ?? null],
    refetchInterval: 30_000,
    queryFn: ({ signal }) => get<Overview>('/overview', { query: { hallId }, signal }),
  });
