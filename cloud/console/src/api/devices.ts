import type { Label } from '@hallhub/shared';
import type { ThingModel, ThingValue } from '@hallhub/shared/thing';
import type { DeviceState } from '@hallhub/shared/wire';
import { queryOptions } from '@tanstack/react-query';
import type { Command } from './commands.js';
import { etagOf } from './etag.js';
import { listing } from './listing.js';
import type { DevicePresence, PresenceEvidence, PresenceStep } from './presence.js';
import { get, patch, post, type Query } from './request.js';
import type { Time } from './time.js';

export interface PrimaryValue {
  property: string;
  label: Label | string;
  value: ThingValue | null;
  unit: string | null;
  decimals: number | null;
  valueLabel: Label | null;
  at: Time | null;
}

export interface DeviceSummary {
  id: string;
  name: Label | string | null;
  vendor: string;
  model: string;
  serial: string;
  deviceClass: string;
  classLabel: Label | string | null;
  profileLabel: Label | null;
  /** Devices with the same one have the same thing model. */
  profileHash: string | null;
  protocol: string;
  unitId: string;
  unitName: Label | string;
  hallId: string;
  hallName: Label | string;
  counterId: string | null;
  state: DeviceState;
  presence: DevicePresence;
  presenceReason: string | null;
  presenceSince: Time | null;
  /** When the unit first registered it. */
  createdAt: Time;
  stale: boolean;
  staleSince: Time | null;
  openAlarms: number;
  primary: PrimaryValue[];
}

export interface LatestValue {
  property: string;
  value: ThingValue | null;
  quality: 'good' | 'uncertain' | 'bad' | null;
  at: Time;
  receivedAt?: Time;
}

export interface Device extends DeviceSummary {
  identity: Record<string, unknown>;
  address: unknown;
  profile: { id: string; version: string; hash: string; name: Label | string | null } | null;
  thing: ThingModel | null;
  values: LatestValue[];
  presenceDetail: string | null;
  presenceEvidence: PresenceEvidence[];
  reason: string | null;
  revision: number;
  version: number;
}

export interface HistoryPoint {
  at: Time;
  value?: ThingValue | null;
  min?: number | null;
  max?: number | null;
  avg?: number | null;
  count?: number;
}

export interface History {
  property: string;
  resolution: 'raw' | 'hour' | 'bucket';
  /** What it was when the range began. */
  before: { at: Time; value: ThingValue | null } | null;
  /** There was more than could be sent. */
  truncated: boolean;
  points: HistoryPoint[];
  gaps: { from: Time; to: Time }[];
}

export const devicesQuery = (query: Query) => listing<DeviceSummary>('devices', '/devices', query);

export const deviceQuery = (id: string) =>
  queryOptions({
    queryKey: ['devices', 'one', id],
    queryFn: ({ signal }) => get<Device>(`/devices/${id}`, { signal }),
  });

/** The devices in use in a hall, for choosing one. */
export const devicesOfHallQuery = (hallId: string) =>
  queryOptions({
    queryKey: ['devices', 'of-hall', hallId],
    staleTime: 60_000,
    queryFn: ({ signal }) =>
      get<{ items: DeviceSummary[] }>('/devices', { query: { hallId, state: 'active', limit: 200 }, signal }).then(
        (answer) => answer.items,
      ),
  });

/** How many devices wait for a person; asked only with the right to decide. */
export const pendingCountQuery = queryOptions({
  queryKey: ['devices', 'pending-count'],
  refetchInterval: 60_000,
  queryFn: async ({ signal }) => {
    const answer = await get<{ items: unknown[]; total?: number; nextCursor: string | null }>('/devices', {
      query: { state: 'quarantined', limit: 100 },
      signal,
    });
    return answer.total ?? answer.items.length;
  },
});

/** How much of the past: the last so many milliseconds, rolling with the clock, or a fixed span. */
export type HistoryRange = { lastMs: number } | { from: string; to: string };

/** The live stream appends to rolling histories; a fixed span stays as it was read. */
export const historyQuery = (id: string, property: string, range: HistoryRange, maxPoints = 600) =>
  queryOptions({
    queryKey: ['history', id, property, 'lastMs' in range ? 'rolling' : 'fixed', range],
    staleTime: 30_000,
    queryFn: ({ signal }) => {
      const now = Date.now();
      const span =
        'lastMs' in range
          ? { from: new Date(now - range.lastMs).toISOString(), to: new Date(now).toISOString() }
          : { from: range.from, to: range.to };
      return get<History>(`/devices/${id}/history`, { query: { property, ...span, maxPoints }, signal });
    },
  });

export const devicePresenceQuery = (id: string, from: string, to: string) =>
  queryOptions({
    queryKey: ['devices', 'presence', id, from, to],
    queryFn: ({ signal }) =>
      get<{ items: PresenceStep[] }>(`/devices/${id}/presence`, { query: { from, to }, signal }).then((a) => a.items),
  });

export const changeDevice = (device: Device, input: { name?: string; counterId?: string | null }) =>
  patch<{ device: Device; command: Command }>(`/devices/${device.id}`, input, { ifMatch: etagOf(device) });
export const approveDevice = (id: string, input: { name?: string; counterId?: string; profileId?: string }) =>
  post<Command>(`/devices/${id}/approve`, input);
export const refuseDevice = (id: string, input: { reason?: string }) => post<Command>(`/devices/${id}/refuse`, input);
export const retireDevice = (id: string) => post<Command>(`/devices/${id}/retire`);
