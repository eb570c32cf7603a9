import { readdirSync, readFileSync } from 'node:fs';

/** What the kernel counts times in (USER_HZ), the same on every Linux machine. */
const ticksPerSecond = 100;

interface ProcessStat {
  readonly parent: number;
  /** Own time and that of children that ended, in seconds. */
  readonly cpuS: number;
}

const readStat = (pid: number): ProcessStat | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name may hold spaces and brackets: what counts begins after the last one.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
    return { parent: Number(fields[1]), cpuS: ticks / ticksPerSecond };
  } catch {
    return undefined;
  }
};

/** CPU seconds of one process, user and system; its living children are not in it. */
export const cpuSecondsOf = (pid: number): number => readStat(pid)?.cpuS ?? 0;

/** A process's living descendants, without itself. */
const descendantsOf = (pid: number): Map<number, ProcessStat> => {
  const stats = new Map<number, ProcessStat>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : undefined;
    if (stat) stats.set(Number(name), stat);
  }
  const found = new Map<number, ProcessStat>();
  for (const [child, stat] of stats) {
    for (let at = child; at > 1 && stats.has(at); at = (stats.get(at) as ProcessStat).parent) {
      if (at !== child && at === pid) found.set(child, stat);
      if (at === pid) break;
    }
  }
  return found;
};

/** CPU seconds of a process's living descendants, without its own. */
export const cpuSecondsBelow = (pid: number): number =>
  [...descendantsOf(pid).values()].reduce((sum, { cpuS }) => sum + cpuS, 0);

/** Resident bytes of a process's living descendants, without its own. */
export const residentBytesBelow = (pid: number): number =>
  [...descendantsOf(pid).keys()].reduce((sum, child) => {
    try {
      return sum + (residentMemoryOf(child).nowBytes || 0);
    } catch {
      // It ended meanwhile.
      return sum;
    }
  }, 0);

export interface ResidentMemory {
  readonly nowBytes: number;
  readonly peakBytes: number;
}

export const residentMemoryOf = (pid: number): ResidentMemory => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) * 1024;
  return { nowBytes: bytes('VmRSS'), peakBytes: bytes('VmHWM') };
};

/** CPU seconds that the whole machine has spent working, over all its cores. */
export const machineBusySeconds = (): number => {
  const fields = (/^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? '').split(' ').map(Number);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = fields;
  return (user + nice + system + irq + softIrq) / ticksPerSecond;
};
