import type { Agent } from '../agent.js';
import type { VisionFigures } from './status-contract.js';

/** Vision in numbers; null where no camera is set up. */
export const visionFigures = ({ vision, live }: Pick<Agent, 'vision' | 'live'>): VisionFigures | null => {
  const standings = vision.standings();
  if (standings.length === 0) return null;
  const { state, restarts, memoryBytes, inference } = vision.worker.status;
  const cameras: VisionFigures['cameras'] = {};
  for (const one of standings) cameras[one.state] = (cameras[one.state] ?? 0) + 1;
  return {
    ...{ process: state, restarts, memoryBytes: memoryBytes ?? null, cameras },
    inference: inference ? { p50Ms: inference.p50Ms, p95Ms: inference.p95Ms } : null,
    skipped: inference?.skipped ?? 0,
    waiting: vision.book.waiting().length,
    live: live.standings.map(({ deviceId, form, quality }) => ({ deviceId, form, quality })),
    liveBytes: live.sentBytes,
  };
};
