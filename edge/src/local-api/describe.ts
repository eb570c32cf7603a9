import { shownThing } from '@hallhub/shared/thing';
import { laneNames } from '@hallhub/shared/wire';
import type { Agent } from '../agent.js';
import { type AsideEntry, type IntakeItem, withoutInternal } from '../devices/index.js';
import type { RowAside } from '../outbox/index.js';
import type { DeviceView } from '../ports/index.js';
import type { CommandRecord } from '../store/schema.js';
import type { AgentStatus, LocalResult, WatchItem } from './contract.js';
import { identityStatus } from './identity-status.js';

type LaneStatus = AgentStatus['lanes'][number];
type DeviceSummary = LocalResult<'devices.list'>['devices'][number];

export const laneStatus = (agent: Agent): LaneStatus[] =>
  laneNames.map((lane) => {
    const store = agent.outbox.lane(lane);
    const sender = agent.uplink?.laneState(lane);
    return {
      lane,
      epoch: store.epoch,
      oldest: store.oldest,
      head: store.head.seq,
      acknowledged: store.base.seq,
      pending: store.rows,
      pendingBytes: store.bytes,
      oldestAt: store.oldestAt(),
      inFlight: sender?.inFlight ?? null,
      batchRows: sender?.batchRows ?? 0,
      gaps: store.gaps.map(({ fromSeq, toSeq, reason }) => ({ fromSeq, toSeq, reason })),
      unchained: store.unchained,
      ...agent.outbox.limits[lane],
    };
  });

export const linkStatus = ({ link: { budget } }: Agent): LocalResult<'outbox'>['link'] => ({
  bytesPerSecond: budget.bytesPerSecond ?? null,
  maxBytesPerSecond: budget.maxBytesPerSecond ?? null,
  roundTripMs: budget.roundTripMs === undefined ? null : Math.round(budget.roundTripMs),
  lowData: budget.lowData,
  sentBytes: budget.sentBytes,
});

/** What went for space or for good since the start: shown wherever the outbox is. */
export const spaceStatus = (agent: Agent): LocalResult<'outbox'>['space'] => {
  const { freeBytes, ...status } = agent.link.space.status;
  return { ...status, freeBytes: freeBytes ?? null, thinned: { ...agent.outbox.thinned } };
};

export const runwayStatus = (agent: Agent): LocalResult<'runway'> => {
  const { runway, alarm } = agent.link.runway;
  return { ...runway, kinds: [...runway.kinds], alarm: { belowMs: alarm.alarmMs, isRaised: alarm.isRaised } };
};

export const agentStatus = (agent: Agent): AgentStatus => {
  const { config } = agent.loaded;
  const devices = { active: 0, quarantined: 0, online: 0, offline: 0, degraded: 0 };
  for (const { state, presence } of agent.registry.list()) {
    if (state === 'quarantined') devices.quarantined += 1;
    if (state !== 'active') continue;
    devices.active += 1;
    devices[presence] += 1;
  }
  const brokerState = config.broker.external ? 'external' : agent.broker ? 'running' : 'failed';
  return {
    unitId: agent.credential?.unitId,
    name: config.name,
    software: agent.options.software,
    pid: process.pid,
    bootId: agent.bootId,
    startedAt: agent.startedAt,
    dataDir: agent.options.dataDir,
    uplink: agent.uplinkStatus(),
    identity: identityStatus(agent),
    clock: agent.segments.wire(),
    clockReason: agent.segments.reason,
    lanes: laneStatus(agent),
    broker: {
      state: brokerState,
      url: agent.mqttUrl ?? `mqtt://${config.broker.host}:${config.broker.port}`,
      clients: agent.broker?.clients.length ?? 0,
      reason: agent.brokerFailure,
    },
    adapters: agent.board.statuses().map(({ id, protocol, status }) => ({ id, protocol, ...status })),
    store: agent.store.status,
    join: agent.policy.current,
    devices,
    profiles: { loaded: agent.profiles.list().length, broken: agent.profiles.issues.length },
    memoryBytes: process.memoryUsage.rss(),
    disk: agent.link.space.freeBytes === undefined ? null : { freeBytes: agent.link.space.freeBytes },
    runwayMs: agent.link.runway.wire.runwayMs,
    link: linkStatus(agent),
  };
};

export const deviceSummary = (agent: Agent, device: DeviceView): DeviceSummary => {
  const record = agent.registry.record(device.deviceId);
  const presence = agent.intake.presence.get(device.deviceId);
  return {
    deviceId: device.deviceId,
    revision: device.revision,
    state: device.state,
    reason: device.reason,
    identity: device.identity,
    deviceClass: device.deviceClass,
    name: device.name,
    counterId: device.counterId,
    protocol: device.protocol,
    adapterId: device.adapterId,
    address: device.address,
    profile:
      record?.profileId && record.profileVersion && record.profileHash
        ? { id: record.profileId, version: record.profileVersion, hash: record.profileHash }
        : undefined,
    presence: presence?.state ?? device.presence,
    presenceReason: presence?.reason ?? record?.presenceReason,
    presenceSince: presence?.since ?? record?.presenceSince,
    lastHeardAt: presence?.lastHeardAt,
  };
};

/** `all`: with the values that are but inputs of others. */
export const deviceDetail = (agent: Agent, device: DeviceView, all = false): LocalResult<'devices.show'> => {
  const personal = personalProperties(device);
  const known = Object.fromEntries(agent.registry.values(device.deviceId));
  return {
    ...deviceSummary(agent, device),
    values: Object.fromEntries(
      Object.entries(all ? known : withoutInternal(device.profile, known)).map(([id, last]) => [
        id,
        personal.has(id) ? { ...last, value: masked } : last,
      ]),
    ),
    evidence: agent.intake.presence.get(device.deviceId)?.evidence ?? [],
    thing:
      device.profile &&
      JSON.parse(JSON.stringify(all ? device.profile.document.thing : shownThing(device.profile.document.thing))),
    commands: agent.inbox.latest(device.deviceId, 10).map(commandStatus),
    aside: agent.aside.latest(10, device.deviceId).map(asideItem),
    conflict: agent.registry.record(device.deviceId)?.conflict ?? undefined,
  };
};

export const commandStatus = (command: CommandRecord): LocalResult<'devices.command'> => ({
  commandId: command.commandId,
  deviceId: command.deviceId ?? undefined,
  name: command.name,
  state: command.state,
  at: command.updatedAt,
  output: (command.output ?? undefined) as LocalResult<'devices.command'>['output'],
  error: command.errorCode === null ? undefined : { code: command.errorCode, message: command.errorMessage ?? '' },
});

export const asideItem = ({
  at,
  deviceId,
  source,
  reason,
  payload,
}: AsideEntry): LocalResult<'outbox.aside'>['entries'][number] => {
  const text = payload.toString('utf8');
  const binary = Buffer.compare(Buffer.from(text), payload) !== 0;
  return { at, deviceId, source, reason, payload: binary ? payload.toString('base64') : text, binary };
};

export const rowAsideItem = ({ lane, epoch, seq, at, putAt, reason, body }: RowAside) => ({
  ...{ lane, epoch, seq, at, putAt, reason },
  row: body.toString('utf8', 0, 4_096),
});

const masked = '***';

const personalProperties = (device: DeviceView | undefined): ReadonlySet<string> =>
  new Set(device?.profile?.document.thing.properties.filter(({ personal }) => personal).map(({ id }) => id));

/** Data about people is not shown on an engineer's terminal; what is internal only with `all`. Undefined: nothing is left. */
export const watchItem = (agent: Agent, item: IntakeItem, all: boolean): WatchItem | undefined => {
  const device = agent.registry.get(item.deviceId);
  if (item.kind === 'reading') {
    const personal = personalProperties(device);
    const shown = all ? item.values : withoutInternal(device?.profile, item.values);
    if (Object.keys(shown).length === 0) return undefined;
    return { ...item, values: mapValues({ ...shown }, (id, value) => (personal.has(id) ? masked : value)) };
  }
  if (item.kind === 'presence') return item;
  const fields = device?.profile?.document.thing.events.find(({ id }) => id === item.event)?.fields ?? [];
  const personal = new Set(fields.filter((field) => field.personal).map(({ id }) => id));
  return {
    ...item,
    data: mapValues(item.data as Record<string, never>, (id, value) => (personal.has(id) ? masked : value)),
  };
};

const mapValues = <T, U>(record: Record<string, T>, map: (key: string, value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(key, value)]));
