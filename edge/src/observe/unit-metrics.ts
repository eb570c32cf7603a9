import { watchStates } from '@hallhub/shared/vision';
import { laneNames } from '@hallhub/shared/wire';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Agent } from '../agent.js';
import { agentStatus } from '../status/index.js';
import type { UplinkState } from '../uplink/index.js';

type Status = ReturnType<typeof agentStatus>;
type Sample = readonly [labels: Record<string, string>, value: number];

const uplinkStates: readonly UplinkState[] = [
  'disabled',
  'connecting',
  'greeting',
  'online',
  'refused',
  'waiting',
  'stopped',
];
const seconds = (ms: number) => Math.max(0, ms / 1_000);
const one = (value: number | null | undefined): readonly Sample[] =>
  value === null || value === undefined ? [] : [[{}, value]];
const perLane = (status: Status, read: (lane: Status['lanes'][number]) => number): readonly Sample[] =>
  status.lanes.map((lane) => [{ lane: lane.lane }, read(lane)]);

/** Everything a scrape says of the unit: name, help, labels, and how it is read from the unit's status. */
const gauges: readonly {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  readonly read: (status: Status, agent: Agent, now: number) => readonly Sample[];
}[] = [
  {
    name: 'hallhub_unit_info',
    help: 'Always 1; the labels say which unit and software',
    labels: ['unit', 'name', 'version'],
    read: ({ unitId = '', name, software }) => [[{ unit: unitId, name, version: software }, 1]],
  },
  {
    name: 'hallhub_unit_started_seconds',
    help: 'Start of the agent, epoch seconds',
    read: ({ startedAt }) => one(startedAt / 1_000),
  },
  {
    name: 'hallhub_uplink_state',
    help: '1 for the state that the link to the cloud is in',
    labels: ['state'],
    read: ({ uplink }) => uplinkStates.map((state) => [{ state }, state === uplink.state ? 1 : 0]),
  },
  {
    name: 'hallhub_uplink_attempts',
    help: 'Attempts to connect since the last success',
    read: ({ uplink }) => one(uplink.attempts),
  },
  {
    name: 'hallhub_outbox_head',
    help: 'Last number given to a row in the present epoch',
    labels: ['lane'],
    read: (status) => perLane(status, (lane) => lane.head),
  },
  {
    name: 'hallhub_outbox_acknowledged',
    help: 'Last number that the cloud has committed in the present epoch',
    labels: ['lane'],
    read: (status) => perLane(status, (lane) => lane.acknowledged),
  },
  {
    name: 'hallhub_outbox_pending_rows',
    help: 'Rows that wait for the cloud',
    labels: ['lane'],
    read: (status) => perLane(status, (lane) => lane.pending),
  },
  {
    name: 'hallhub_outbox_pending_bytes',
    help: 'Bytes of the rows that wait for the cloud',
    labels: ['lane'],
    read: (status) => perLane(status, (lane) => lane.pendingBytes),
  },
  {
    name: 'hallhub_outbox_limit_bytes',
    help: 'Beyond this the oldest rows of the lane are given up',
    labels: ['lane'],
    read: (status) => perLane(status, (lane) => lane.maxBytes),
  },
  {
    name: 'hallhub_outbox_oldest_age_seconds',
    help: 'Age of the oldest row that waits; 0: none',
    labels: ['lane'],
    read: (status, _agent, now) => perLane(status, ({ oldestAt }) => (oldestAt === null ? 0 : seconds(now - oldestAt))),
  },
  {
    name: 'hallhub_outbox_appended_bytes',
    help: 'Bytes appended since the start of the agent',
    labels: ['lane'],
    read: (_status, agent) => laneNames.map((lane) => [{ lane }, agent.outbox.appendedBytes[lane]]),
  },
  {
    name: 'hallhub_outbox_thinned_rows',
    help: 'Rows given up for want of space since the start of the agent',
    labels: ['lane'],
    read: (_status, agent) => laneNames.map((lane) => [{ lane }, agent.outbox.thinned[lane]]),
  },
  {
    name: 'hallhub_outbox_aside_entries',
    help: 'Messages of devices that were put aside, as far as they are kept',
    read: (_status, agent) => one(agent.aside.count),
  },
  {
    name: 'hallhub_unit_devices',
    help: 'Devices in use by presence, and those that wait for approval',
    labels: ['presence'],
    read: ({ devices }) =>
      (['online', 'degraded', 'offline', 'quarantined'] as const).map((presence) => [{ presence }, devices[presence]]),
  },
  {
    name: 'hallhub_unit_adapters',
    help: 'Adapters and buses by protocol and state',
    labels: ['protocol', 'state'],
    read: ({ adapters }) => {
      const counts = new Map<string, Sample>();
      for (const { protocol, state } of adapters) {
        const key = `${protocol} ${state}`;
        counts.set(key, [{ protocol, state }, (counts.get(key)?.[1] ?? 0) + 1]);
      }
      return [...counts.values()];
    },
  },
  {
    name: 'hallhub_unit_broker_clients',
    help: 'Connections to the broker of the hall',
    read: ({ broker }) => one(broker.clients),
  },
  {
    name: 'hallhub_unit_store_ok',
    help: '1 while the store takes writes',
    read: ({ store }) => one(store.state === 'ok' || store.state === 'recovered' ? 1 : 0),
  },
  {
    name: 'hallhub_unit_disk_free_bytes',
    help: 'Free space where the unit keeps its data',
    read: ({ disk }) => one(disk?.freeBytes),
  },
  {
    name: 'hallhub_unit_runway_seconds',
    help: 'How long the unit can go on without the cloud at its present rate',
    read: ({ runwayMs }) => one(runwayMs === null ? null : seconds(runwayMs)),
  },
  {
    name: 'hallhub_unit_clock_trusted',
    help: '1 while the clock is trusted',
    read: ({ clock }) => one(clock.state === 'trusted' ? 1 : 0),
  },
  {
    name: 'hallhub_unit_clock_offset_seconds',
    help: 'Clock of the cloud minus clock of the unit',
    read: ({ clock }) => one(clock.offsetMs === null ? null : clock.offsetMs / 1_000),
  },
  {
    name: 'hallhub_vision_cameras',
    help: 'Cameras that are set up, by state',
    labels: ['state'],
    read: ({ vision }) =>
      vision ? watchStates.map((state) => [{ state }, vision.cameras[state] ?? 0] satisfies Sample) : [],
  },
  {
    name: 'hallhub_vision_process_up',
    help: '1 while the process that looks at pictures runs',
    read: ({ vision }) => one(vision && (vision.process === 'running' ? 1 : 0)),
  },
  {
    name: 'hallhub_vision_process_restarts',
    help: 'Times that process ended by itself since the start of the agent',
    read: ({ vision }) => one(vision?.restarts),
  },
  {
    name: 'hallhub_vision_memory_bytes',
    help: 'Resident memory of that process, without its ffmpegs',
    read: ({ vision }) => one(vision?.memoryBytes),
  },
  {
    name: 'hallhub_vision_inference_seconds',
    help: 'What the detector takes for a picture',
    labels: ['quantile'],
    read: ({ vision }) =>
      vision?.inference
        ? [
            [{ quantile: '0.5' }, vision.inference.p50Ms / 1_000],
            [{ quantile: '0.95' }, vision.inference.p95Ms / 1_000],
          ]
        : [],
  },
  {
    name: 'hallhub_vision_skipped_pictures',
    help: 'Pictures for which the detector had no time, since that process began',
    read: ({ vision }) => one(vision?.skipped),
  },
  {
    name: 'hallhub_vision_findings_waiting',
    help: 'Findings that wait for pictures, a clip or their end',
    read: ({ vision }) => one(vision?.waiting),
  },
  {
    name: 'hallhub_live_streams',
    help: 'Streams that go up because somebody looks, by form and by what the line carries',
    labels: ['form', 'quality'],
    read: ({ vision }) => {
      const counts = new Map<string, Sample>();
      for (const { form, quality } of vision?.live ?? []) {
        const key = `${form} ${quality}`;
        counts.set(key, [{ form, quality }, (counts.get(key)?.[1] ?? 0) + 1]);
      }
      return [...counts.values()];
    },
  },
  {
    name: 'hallhub_live_sent_bytes',
    help: 'Bytes of live pictures since the start of the agent',
    read: ({ vision }) => one(vision?.liveBytes),
  },
];

/** Text that a Prometheus server reads; made when asked for, so that nobody who does not ask pays. */
export const unitMetrics = (agent: Agent): { render(): Promise<string>; readonly contentType: string } => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const made = gauges.map(({ name, help, labels = [], read }) => ({
    gauge: new Gauge({ name, help, labelNames: [...labels], registers: [registry] }),
    hasLabels: labels.length > 0,
    read,
  }));
  return {
    contentType: registry.contentType,
    render: () => {
      const [status, now] = [agentStatus(agent), agent.options.clock.now()];
      for (const { gauge, hasLabels, read } of made) {
        gauge.reset();
        const samples = read(status, agent, now);
        for (const [labels, value] of samples) gauge.set(labels, value);
        // Not known is no sample, rather than the zero that a gauge without labels starts with.
        if (samples.length === 0 && !hasLabels) gauge.remove();
      }
      return registry.metrics();
    },
  };
};
