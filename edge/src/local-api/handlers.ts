import { basename } from 'node:path';
import { HubError as Failure, type HubError, uuidv7 } from '@hallhub/shared';
import { maskPersonalFields } from '@hallhub/shared/thing';
import { isFinalCommandState } from '@hallhub/shared/wire';
import type { z } from 'zod';
import type { Agent } from '../agent.js';
import { matchIdentity, readProperties } from '../devices/index.js';
import { drillHandlers } from '../drill/drill-handlers.js';
import type { unitMetrics } from '../observe/unit-metrics.js';
import type { Adapter } from '../ports/index.js';
import { readOwnProof } from '../proof/own-proof.js';
import { agentStatus, identityStatus, laneStatus, linkStatus, runwayStatus, spaceStatus } from '../status/index.js';
import type { CommandRecord } from '../store/schema.js';
import { faceHandlers } from '../vision/faces/face-handlers.js';
import { visionHandlers } from '../vision/vision-handlers.js';
import type { LocalItem, LocalMethod, LocalResult, LocalStream, localMethods } from './contract.js';
import { asideItem, commandStatus, deviceDetail, deviceSummary, rowAsideItem, watchItem } from './describe.js';
import { doctorChecks } from './doctor.js';
import { profileDetail, profileList } from './profiles.js';
import { resolveDevice } from './resolve-device.js';

type Params<M extends LocalMethod> = z.output<(typeof localMethods)[M]['params']>;
interface Stream<M extends LocalMethod> {
  readonly signal: AbortSignal;
  readonly item: (item: M extends LocalStream ? LocalItem<M> : never) => void;
}
export type LocalHandlers = {
  [M in LocalMethod]: (params: Params<M>, stream: Stream<M>) => Promise<LocalResult<M>> | LocalResult<M>;
};

const defaultReadTimeoutMs = 10_000;
const commandGraceMs = 5_000;
const maxRowsAside = 50;

/** What each method of the contract does. */
export const localHandlers = (agent: Agent): LocalHandlers => {
  const device = (ref: string) => resolveDevice(agent.registry, ref);
  const summary = (deviceId: string) => deviceSummary(agent, device(deviceId));
  const joinPolicy = () => agent.policy.current;
  // Loaded once somebody asks: most units are never asked, and memory is scarce.
  let metrics: ReturnType<typeof unitMetrics> | undefined;
  const loadMetrics = async () => {
    const { unitMetrics: make } = await import('../observe/unit-metrics.js');
    metrics ??= make(agent);
    return metrics;
  };
  return {
    status: () => agentStatus(agent),
    enrol: (request, { signal }) => agent.enrol(request, signal),
    'identity.renew': async () => {
      await agent.identity.renew();
      return identityStatus(agent);
    },
    doctor: async () => ({ checks: await doctorChecks(agent) }),
    'devices.list': ({ state }) => ({
      devices: agent.registry
        .list()
        .filter((one) => state === undefined || one.state === state)
        .map((one) => deviceSummary(agent, one)),
    }),
    'devices.show': ({ device: ref, all }) => deviceDetail(agent, device(ref), all),
    'devices.approve': async ({ device: ref, ...approval }) =>
      summary((await agent.desk.approve(device(ref).deviceId, approval)).deviceId),
    'devices.refuse': async ({ device: ref, reason }) =>
      summary((await agent.desk.refuse(device(ref).deviceId, reason)).deviceId),
    'devices.update': async ({ device: ref, ...change }) =>
      summary((await agent.desk.update(device(ref).deviceId, change)).deviceId),
    'devices.retire': async ({ device: ref }) => summary((await agent.desk.retire(device(ref).deviceId)).deviceId),
    'devices.rotate': async ({ device: ref }) => {
      const { deviceId } = device(ref);
      return { deviceId, ...(await agent.rotation.rotate(deviceId)) };
    },
    'devices.read': async ({ device: ref, properties }, { signal }) => {
      const one = device(ref);
      const adapter = adapterOf(agent, one.adapterId);
      const limit = AbortSignal.any([signal, AbortSignal.timeout(defaultReadTimeoutMs)]);
      const known = agent.registry.values(one.deviceId);
      const options = { wanted: properties, known, signal: limit };
      const reading = await readProperties(adapter, one, options).catch((error) => {
        throw limit.aborted && !signal.aborted
          ? new Failure('timeout', 'the device did not answer in time', { cause: error })
          : error;
      });
      return {
        at: reading.at ?? agent.options.clock.now(),
        values: maskPersonalFields(one.profile?.document.thing.properties ?? [], reading.values),
        quality: { ...reading.quality },
      };
    },
    'devices.write': ({ device: ref, values }, { signal }) =>
      runCommand(
        agent,
        { deviceId: device(ref).deviceId, name: 'property.write', input: { values }, timeoutMs: 20_000 },
        signal,
      ),
    'devices.command': ({ device: ref, command, input, timeoutMs }, { signal }) => {
      const { deviceId, profile } = device(ref);
      const model = profile?.document.thing.commands.find(({ id }) => id === command);
      const limitMs = timeoutMs ?? (model?.timeoutMs ?? defaultReadTimeoutMs) + commandGraceMs;
      return runCommand(agent, { deviceId, name: command, input, timeoutMs: limitMs }, signal);
    },
    'devices.watch': async ({ device: ref, all }, { signal, item }) => {
      const only = ref === undefined ? undefined : device(ref).deviceId;
      const wanted = (deviceId: string | undefined) => only === undefined || deviceId === only;
      const now = () => agent.options.clock.now();
      const stops = [
        agent.intake.onItem((one) => {
          const shown = wanted(one.deviceId) ? watchItem(agent, one, all) : undefined;
          if (shown) item(shown);
        }),
        agent.registry.onChange(
          ({ device: one }) =>
            wanted(one.deviceId) && item({ kind: 'device', at: now(), device: deviceSummary(agent, one) }),
        ),
        agent.inbox.onStep(
          (one) =>
            wanted(one.deviceId ?? undefined) && item({ kind: 'command', at: now(), command: commandStatus(one) }),
        ),
        agent.aside.onEntry(
          (entry) => wanted(entry.deviceId) && item({ kind: 'aside', at: entry.at, entry: asideItem(entry) }),
        ),
      ];
      await aborted(signal);
      for (const stop of stops) stop();
      return {};
    },
    'profiles.list': () => profileList(agent),
    'profiles.show': (params) => profileDetail(agent, params),
    'profiles.reload': async () => {
      const { added, changed, removed, kept, devices, issues } = await agent.keeper.reload();
      return {
        ...{ added: [...added], changed: [...changed], removed: [...removed], kept: [...kept] },
        devices: [...devices],
        issues: [...issues],
      };
    },
    scan: async (params, stream) => {
      await scan(agent, params, stream);
      return {};
    },
    outbox: () => ({
      lanes: laneStatus(agent),
      asideCount: agent.aside.count,
      runwayMs: agent.link.runway.wire.runwayMs,
      link: linkStatus(agent),
      space: spaceStatus(agent),
      rowsAside: agent.outbox.rowsAside(maxRowsAside).map(rowAsideItem),
    }),
    runway: () => runwayStatus(agent),
    ...drillHandlers(agent),
    ...visionHandlers(agent),
    ...faceHandlers(agent),
    'proof.own': (span) => readOwnProof((lane) => agent.outbox.commitOf(lane).db, span),
    'evidence.add': async ({ device: ref, file, eventId, name }) => {
      const added = { deviceId: device(ref).deviceId, file, eventId, name: name ?? basename(file) };
      return await agent.files.evidence.put(added);
    },
    'evidence.list': ({ limit }) => {
      const { evidence, uploader } = agent.files;
      const { waiting, room } = evidence;
      const sending = uploader?.current ? { ...uploader.current } : null;
      const line = agent.link.budget.lowData ? uploader?.spared : undefined;
      const spared = line ? { ...line.limits, leftBytes: Math.max(0, Math.round(line.leftBytes)) } : null;
      return { waiting: { ...waiting }, roomBytes: room.bytes, sending, spared, files: evidence.latest(limit) };
    },
    'bundle.export': async (to) => {
      const { left, ...made } = await agent.files.bundles.export(to);
      return { ...made, left: { ...left } };
    },
    'bundle.import': async ({ receipt }) => {
      const { streams, commands, ...taken } = await agent.files.bundles.import(receipt);
      return { ...taken, streams: streams.map((one) => ({ ...one })), commands: { ...commands } };
    },
    'bundle.list': () => ({ bundles: agent.files.bundles.latest(50) }),
    metrics: async () => ({ text: await (await loadMetrics()).render() }),
    'outbox.aside': ({ limit }) => ({ entries: agent.aside.latest(limit).map(asideItem) }),
    logs: async ({ lines, level, follow }, { signal, item }) => {
      const rank = ['debug', 'info', 'warn', 'error'];
      const send = (line: ReturnType<typeof agent.log.tail>[number]) =>
        item({ ...line, fields: JSON.parse(JSON.stringify(line.fields)) });
      for (const line of agent.log.tail(lines, level)) send(line);
      if (!follow) return {};
      const stop = agent.log.follow((line) => rank.indexOf(line.level) >= rank.indexOf(level) && send(line));
      await aborted(signal);
      stop();
      return {};
    },
    'join.get': joinPolicy,
    'join.set': async ({ policy, untilMs }) => {
      if (policy === 'window' && untilMs === undefined)
        throw new Failure('invalid_input', 'a window needs an end', { hint: 'hub join window --for 30m' });
      await agent.policy.set({ policy, ...(untilMs === undefined ? {} : { until: untilMs }) });
      return joinPolicy();
    },
  };
};

const adapterOf = (agent: Agent, adapterId: string): Adapter => {
  const adapter = agent.board.get(adapterId);
  if (!adapter)
    throw new Failure('unavailable', `the adapter ${adapterId} does not run`, { hint: 'hub status says why.' });
  return adapter;
};

/** As a persisted command, like those of the cloud; resolves with its final state. */
const runCommand = async (
  agent: Agent,
  command: { deviceId: string; name: string; input: Record<string, unknown>; timeoutMs: number },
  signal: AbortSignal,
) => {
  const { deviceId, name, input, timeoutMs } = command;
  const commandId = uuidv7(agent.options.clock.now());
  let stop = () => {};
  const finished = new Promise<CommandRecord>((resolve, reject) => {
    stop = agent.inbox.onStep((one) => one.commandId === commandId && isFinalCommandState(one.state) && resolve(one));
    signal.addEventListener('abort', () => reject(signal.reason as HubError), { once: true });
  });
  try {
    await agent.runner.submit({ commandId, origin: 'local', deviceId, name, input, remainingMs: timeoutMs });
    return commandStatus(await finished);
  } finally {
    stop();
  }
};

const scan = async (agent: Agent, params: Params<'scan'>, stream: Stream<'scan'>): Promise<void> => {
  const { protocol, adapterId, wide, timeoutMs } = params;
  const adapters = agent.board
    .list()
    .filter((one) => (!protocol || one.protocol === protocol) && (!adapterId || one.id === adapterId));
  if (adapterId && adapters.length === 0) throw new Failure('not_found', `there is no adapter ${adapterId}`);
  const signal = AbortSignal.any([stream.signal, AbortSignal.timeout(timeoutMs)]);
  const failures: unknown[] = [];
  await Promise.all(
    adapters.map(async (adapter) => {
      try {
        for await (const found of adapter.discover({ signal, wide })) {
          const known = agent.registry.findByAddress(adapter.id, found.address);
          const profileId = found.profileId ?? matchIdentity(agent.profiles, adapter.protocol, found.identity)?.id;
          const { address, identity, certainty, detail } = found;
          // One that waits for its profile has it as soon as somebody looks.
          if (known?.state === 'quarantined' && !known.profile && profileId !== undefined) {
            await agent.desk.found(adapter.id, adapter.protocol, found);
          }
          stream.item({
            adapterId: adapter.id,
            protocol: adapter.protocol,
            address,
            identity,
            certainty,
            profileId,
            detail,
            deviceId: known?.deviceId,
            state: known?.state,
          });
        }
      } catch (error) {
        if (!signal.aborted) failures.push(error);
      }
    }),
  );
  // What the others found was shown; only where every one failed is the scan a failure.
  if (failures.length > 0 && failures.length === adapters.length) throw failures[0];
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
