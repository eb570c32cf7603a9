import type { InfiniteData, QueryClient, QueryKey } from '@tanstack/react-query';
import type { Command } from './commands.js';
import type { Device, DeviceSummary, History, LatestValue } from './devices.js';
import type { Listing } from './listing.js';
import type { LiveMessage } from './live-stream.js';
import type { DevicePresence, UnitPresence } from './presence.js';
import type { Unit } from './units.js';

const settleMs = 600;
let dirty = new Map<string, QueryKey>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Many changes in a moment are one refetch: a storm of events must not become a storm of requests. */
function refetchSoon(client: QueryClient, ...keys: QueryKey[]): void {
  for (const key of keys) dirty.set(JSON.stringify(key), key);
  timer ??= setTimeout(() => {
    timer = undefined;
    const now = dirty;
    dirty = new Map();
    for (const queryKey of now.values()) void client.invalidateQueries({ queryKey });
  }, settleMs);
}

/** Drops what waits to be refetched, when the person leaves. */
export function forgetLive(): void {
  clearTimeout(timer);
  timer = undefined;
  dirty = new Map();
}

function patchList<T extends { id: string }>(
  client: QueryClient,
  resource: string,
  id: string,
  change: (item: T) => T,
) {
  client.setQueriesData<InfiniteData<Listing<T>>>({ queryKey: [resource, 'list'] }, (data) => {
    if (!data?.pages.some((page) => page.items.some((item) => item.id === id))) return data;
    return {
      ...data,
      pages: data.pages.map((page) => ({
        ...page,
        items: page.items.map((item) => (item.id === id ? change(item) : item)),
      })),
    };
  });
}

/** The newer reading stands; one that came late changes nothing. */
export function mergeValues(old: LatestValue[], fresh: LatestValue[]): LatestValue[] {
  const byProperty = new Map(old.map((value) => [value.property, value]));
  for (const value of fresh) {
    const known = byProperty.get(value.property);
    if (!known || Date.parse(known.at) <= Date.parse(value.at)) byProperty.set(value.property, { ...known, ...value });
  }
  return [...byProperty.values()];
}

function applyValues(client: QueryClient, deviceId: string, values: LatestValue[]): void {
  client.setQueryData<Device>(['devices', 'one', deviceId], (device) =>
    device ? { ...device, values: mergeValues(device.values, values) } : device,
  );
  patchList<DeviceSummary>(client, 'devices', deviceId, (device) => ({
    ...device,
    primary: device.primary.map((one) => {
      const fresh = values.find((value) => value.property === one.property);
      return fresh && (!one.at || Date.parse(one.at) <= Date.parse(fresh.at))
        ? { ...one, value: fresh.value, at: fresh.at, valueLabel: fresh.value === one.value ? one.valueLabel : null }
        : one;
    }),
  }));
  for (const value of values) {
    client.setQueriesData<History>({ queryKey: ['history', deviceId, value.property, 'rolling'] }, (history) =>
      history?.resolution === 'raw' && Date.parse(value.at) > Date.parse(history.points.at(-1)?.at ?? '1970-01-01')
        ? { ...history, points: [...history.points, { at: value.at, value: value.value }] }
        : history,
    );
  }
}

function applyPresence(client: QueryClient, deviceId: string, data: LiveMessage['data']): void {
  const change = <T extends DeviceSummary>(device: T): T => ({
    ...device,
    presence: data.state as DevicePresence,
    presenceReason: (data.reason as string | null) ?? null,
    presenceSince: (data.since as string | null) ?? device.presenceSince,
  });
  client.setQueryData<Device>(['devices', 'one', deviceId], (device) => (device ? change(device) : device));
  patchList<DeviceSummary>(client, 'devices', deviceId, change);
  refetchSoon(client, ['overview'], ['places'], ['devices', 'presence', deviceId]);
}

function applyUnitPresence(client: QueryClient, unitId: string, data: LiveMessage['data']): void {
  const change = (unit: Unit): Unit => ({
    ...unit,
    presence: data.presence as UnitPresence,
    presenceReason: (data.reason as string | null) ?? null,
    presenceSince: (data.since as string | null) ?? unit.presenceSince,
  });
  client.setQueryData<Unit>(['units', 'one', unitId], (unit) => (unit ? change(unit) : unit));
  patchList<Unit>(client, 'units', unitId, change);
  refetchSoon(client, ['units'], ['overview'], ['places'], ['devices', 'list'], ['devices', 'one']);
}

/** Writes one live message into the cache, or marks what it touches for a refetch. */
export function applyLive(client: QueryClient, message: LiveMessage): void {
  const { data } = message;
  const deviceId = typeof data.deviceId === 'string' ? data.deviceId : undefined;
  const unitId = typeof data.unitId === 'string' ? data.unitId : undefined;
  switch (message.type) {
    case 'device.values':
      if (deviceId && Array.isArray(data.values)) applyValues(client, deviceId, data.values as LatestValue[]);
      return;
    case 'device.presence':
      if (deviceId) applyPresence(client, deviceId, data);
      return;
    case 'device.changed':
      refetchSoon(client, ['devices'], ['overview'], ['places']);
      return;
    case 'unit.presence':
      if (unitId) applyUnitPresence(client, unitId, data);
      return;
    case 'unit.heartbeat':
    case 'unit.aside':
    case 'unit.gap':
    case 'unit.fault':
      if (unitId) refetchSoon(client, ['units', 'one', unitId], ['units', 'list'], ['units', 'troubles', unitId]);
      return;
    case 'unit.changed':
      refetchSoon(client, ['units'], ['overview'], ['places']);
      return;
    case 'command.state': {
      const id = data.commandId;
      if (typeof id !== 'string') return;
      client.setQueryData<Command>(['commands', 'one', id], (command) =>
        command
          ? { ...command, state: data.state as Command['state'], provisional: data.provisional === true }
          : command,
      );
      // What a device answered is waited for: it is read at once, lists may settle.
      void client.invalidateQueries({ queryKey: ['commands', 'one', id] });
      refetchSoon(client, ['commands', 'list']);
      return;
    }
    case 'alarm.raised':
    case 'alarm.changed':
    case 'alarm.cleared':
      refetchSoon(client, ['alarms'], ['overview'], ['places'], ['devices', 'list']);
      return;
    case 'review.added':
    case 'review.changed':
    case 'review.decided':
    case 'review.undone':
      refetchSoon(client, ['review', 'list'], ['review', 'one', String(data.itemId)], ['vision', 'list']);
      return;
    case 'review.looked':
      refetchSoon(client, ['review', 'look', String(data.itemId)]);
      return;
    case 'notice.new':
      refetchSoon(client, ['notices']);
      return;
    case 'ticket.changed': {
      const id = String(data.ticketId);
      refetchSoon(
        client,
        ...['list', 'counts'].map((what) => ['tickets', what]),
        ...['one', 'history', 'clocks'].map((what) => ['tickets', what, id]),
      );
      return;
    }
    case 'vision.changed':
      refetchSoon(client, ['vision']);
      return;
    case 'event':
      refetchSoon(client, ['events'], ['overview']);
      return;
  }
}
