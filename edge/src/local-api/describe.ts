import { shownThing } from '@hallhub/shared/thing';
import type { Agent } from '../agent.js';
import { type AsideEntry, type IntakeItem, withoutInternal } from '../devices/index.js';
import type { RowAside } from '../outbox/index.js';
import type { DeviceView } from '../ports/index.js';
import type { CommandRecord } from '../store/schema.js';
import type { LocalResult, WatchItem } from './contract.js';

type DeviceSummary = LocalResult<'devices.list'>['devices'][number];

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
