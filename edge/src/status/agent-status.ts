import { laneNames } from '@hallhub/shared/wire';
import type { Agent } from '../agent.js';
import { identityStatus } from './identity-status.js';
import type { AgentStatus, LaneStatus, LinkStatus, RunwayStatus, SpaceStatus } from './status-contract.js';
import { visionFigures } from './vision-figures.js';

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

export const linkStatus = ({ link: { budget } }: Agent): LinkStatus => ({
  bytesPerSecond: budget.bytesPerSecond ?? null,
  maxBytesPerSecond: budget.maxBytesPerSecond ?? null,
  roundTripMs: budget.roundTripMs === undefined ? null : Math.round(budget.roundTripMs),
  lowData: budget.lowData,
  sentBytes: budget.sentBytes,
});

/** What went for space or for good since the start: shown wherever the outbox is. */
export const spaceStatus = (agent: Agent): SpaceStatus => {
  const { freeBytes, ...status } = agent.link.space.status;
  return { ...status, freeBytes: freeBytes ?? null, thinned: { ...agent.outbox.thinned } };
};

export const runwayStatus = (agent: Agent): RunwayStatus => {
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
    vision: visionFigures(agent),
  };
};
