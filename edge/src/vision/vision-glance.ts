import type { Agent } from '../agent.js';
import type { CameraStanding } from './vision-desk.js';

/** A camera in one line, for whoever keeps an eye on the unit. */
export interface CameraGlance extends Pick<CameraStanding, 'state' | 'name' | 'reason'> {
  readonly id: string;
  readonly people: number;
  /** Of what was found last. */
  readonly last?: { readonly rule: string; readonly startedAt: number };
}

export interface VisionGlance {
  readonly process: 'off' | 'starting' | 'running' | 'waiting';
  readonly reason?: string | undefined;
  /** False: Chinese cannot be written on pictures. */
  readonly hasFont?: boolean | undefined;
  readonly cameras: readonly CameraGlance[];
}

const findingsLookedAt = 20;

/** Made once for an agent; what was found last is read anew only after something was found. */
export const glanceAtVision = ({ vision }: Pick<Agent, 'vision'>): (() => VisionGlance | undefined) => {
  let seal: string | undefined;
  let last = new Map<string, NonNullable<CameraGlance['last']>>();
  return () => {
    const standings = vision.standings();
    if (standings.length === 0) return undefined;
    const now = vision.book.lastSeal();
    if (now !== seal) {
      seal = now;
      last = new Map(
        vision.book
          .latest(findingsLookedAt)
          .reverse()
          .map(({ cameraId, finding: { rule, startedAt } }) => [cameraId, { rule: rule.name, startedAt }]),
      );
    }
    const { state: process, reason, cameras } = vision.worker.status;
    // A camera is told to be stopped until the process that looks is there.
    const stateNow = (state: CameraGlance['state']) =>
      state === 'stopped' && process !== 'waiting' ? 'starting' : state;
    return {
      ...{ process, reason, hasFont: vision.hasFont },
      cameras: standings.map(({ cameraId: id, name, state, reason }) => ({
        ...{ id, name, state: stateNow(state), reason },
        people: cameras.find(({ cameraId }) => cameraId === id)?.people ?? 0,
        ...(last.has(id) ? { last: last.get(id) } : {}),
      })),
    };
  };
};
