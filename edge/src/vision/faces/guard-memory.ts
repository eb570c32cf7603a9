import { writeFileSync } from 'node:fs';
import os from 'node:os';

const behind = 5;

/**
 * For a process that holds pictures of people: no core dump takes them to a disk, and where memory runs out it is the one to go. Handed on to what it
 * starts. Where a system has no such switch, or does not allow it, everything works without.
 */
export const guardMemory = (processFolder = '/proc/self'): void => {
  attempt(() => os.setPriority(behind));
  // No kind of memory goes into a dump.
  attempt(() => writeFileSync(`${processFolder}/coredump_filter`, '0'));
  // As a service the agent is spared (OOMScoreAdjust), and what it starts inherits that.
  attempt(() => writeFileSync(`${processFolder}/oom_score_adj`, '1000'));
};

const attempt = (act: () => void): void => {
  try {
    act();
  } catch {
    // Not here, or not allowed.
  }
};
