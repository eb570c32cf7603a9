import { cpuSecondsOf } from './process-figures.js';

export interface Rate {
  readonly pointsPerSecond: number;
  /** Of one core. */
  readonly ownShare: number;
  readonly serverShare: number;
}

export interface Target {
  readonly port: number;
  readonly unitId: number;
  readonly serverPid: number;
  readonly forMs: number;
}

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Points that this process read in the target's time, by a count that goes on by itself. */
export const measured = async ({ serverPid, forMs }: Target, count: () => number): Promise<Rate> => {
  const [before, cpu, serverCpuS, startMs] = [count(), process.cpuUsage(), cpuSecondsOf(serverPid), performance.now()];
  await pause(forMs);
  const seconds = (performance.now() - startMs) / 1_000;
  const used = process.cpuUsage(cpu);
  return {
    pointsPerSecond: (count() - before) / seconds,
    ownShare: (used.user + used.system) / 1_000_000 / seconds,
    serverShare: (cpuSecondsOf(serverPid) - serverCpuS) / seconds,
  };
};
