import { laneNames } from '@hallhub/shared/wire';
import type { Agent } from '../agent.js';
import type { DrillKind, DrillLook, DrillReport } from './drill-contract.js';

/** What `hub drill` asks of the agent (local-api/contract.ts). */
export const drillHandlers = (agent: Agent) => ({
  'drill.list': async () => ({
    drills: await agent.drills.offers(),
    objections: agent.drills.objections,
    state: agent.drills.state ?? null,
  }),
  'drill.begin': (order: { kind: DrillKind; forMs: number; force: boolean }) => agent.drills.begin(order),
  'drill.end': async () => ({ state: await agent.drills.end() }),
  'drill.settle': async () => {
    await agent.drills.settle();
    return {};
  },
  'drill.look': () => ({ look: lookAt(agent), state: agent.drills.state ?? null }),
  'drill.keep': ({ report }: { report: DrillReport }) => ({ file: agent.drills.keep(report) }),
  'drill.reports': ({ limit }: { limit: number }) => ({ reports: agent.drills.files.reports(limit) }),
});

const lookAt = (agent: Agent): DrillLook => {
  const { clock } = agent.options;
  const lanes = laneNames.map((lane) => agent.outbox.lane(lane));
  const oldest = lanes.flatMap((lane) => lane.oldestAt() ?? []);
  return {
    at: clock.now(),
    uplink: agent.uplinkStatus().state,
    pending: lanes.reduce((sum, { rows }) => sum + rows, 0),
    oldestMs: Math.max(0, ...oldest.map((at) => clock.now() - at)),
    memoryBytes: process.memoryUsage.rss(),
    freeBytes: agent.link.space.freeBytes ?? null,
    online: agent.registry.list().filter(({ state, presence }) => state === 'active' && presence === 'online').length,
    lanes: laneNames.map((lane) => {
      const { epoch, head, base } = agent.outbox.lane(lane);
      return { lane, epoch, head: head.seq, confirmed: base.seq };
    }),
  };
};
