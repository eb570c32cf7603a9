import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, HubError } from '@hallhub/shared';
import type { DbLogger } from '../logger.js';

/** Written on the server's command line, so whoever finds it can tell an orphan from a server in use. */
export const ownerSetting = 'hallhub.owner_pid';

export interface RunningServer {
  readonly pid: number;
  readonly parentPid: number;
  /** The process that started it, where HallHub did. */
  readonly ownerPid: number | undefined;
}

const readOrNothing = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

const linkOrNothing = (path: string): string | undefined => {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
};

const parentOf = (pid: number): number | undefined => {
  const stat = readOrNothing(`/proc/${pid}/stat`);
  if (!stat) return undefined;
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' ? undefined : Number(parent);
};

/** Every postgres process works in its data folder: that, not a pid in a file, is the proof that a process is of this database. */
const isOfThisData = (pid: number, pgData: string): boolean =>
  linkOrNothing(`/proc/${pid}/cwd`) === pgData &&
  /\/postgres( \(deleted\))?$/.test(linkOrNothing(`/proc/${pid}/exe`) ?? '');

const processesOf = (pgData: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isOfThisData(pid, pgData));

const ownerOf = (pid: number): number | undefined => {
  const argument = (readOrNothing(`/proc/${pid}/cmdline`) ?? '')
    .split('\0')
    .find((text) => text.startsWith(`${ownerSetting}=`));
  return argument ? Number(argument.slice(ownerSetting.length + 1)) : undefined;
};

/** The live server of a data folder, verified by its process; a stale or foreign `postmaster.pid` finds nothing. */
export const findRunningServer = (pgData: string): RunningServer | undefined => {
  const pid = Number(readOrNothing(join(pgData, 'postmaster.pid'))?.split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 0 || !isOfThisData(pid, realpathSync(pgData))) return undefined;
  const parentPid = parentOf(pid);
  return parentPid === undefined ? undefined : { pid, parentPid, ownerPid: ownerOf(pid) };
};

/** `ready` on line 8 is written once connections are taken. */
export const isReady = (pgData: string, pid: number): boolean => {
  const lines = readOrNothing(join(pgData, 'postmaster.pid'))?.split('\n') ?? [];
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
};

/** A lock file of a dead server whose pid now belongs to somebody else would keep the next one from starting. */
export const hasStaleLock = (pgData: string): boolean => {
  if (readOrNothing(join(pgData, 'postmaster.pid')) === undefined) return false;
  return processesOf(realpathSync(pgData)).length === 0;
};

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

export interface StopOrphanOptions {
  readonly clock: Clock;
  readonly logger: DbLogger;
  readonly fastMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Ends a server whose HallHub was killed, and what such a server left behind. Fast first, then immediate (its log is
 * replayed at the next start); throws `store_busy` where a living process still owns it.
 */
export const stopOrphan = async (pgData: string, options: StopOrphanOptions): Promise<void> => {
  const { clock, logger, fastMs = 15_000 } = options;
  const data = realpathSync(pgData);
  const server = findRunningServer(data);
  if (server) {
    if (server.ownerPid === undefined) {
      throw new HubError(
        'store_busy',
        `the data folder ${pgData} is in use by a PostgreSQL server that HallHub did not start (pid ${server.pid})`,
        {
          hint: 'stop that server, or choose another folder with --data DIR',
        },
      );
    }
    if (server.parentPid === server.ownerPid) {
      throw new HubError(
        'store_busy',
        `the data folder ${pgData} is in use by another HallHub process (pid ${server.ownerPid})`,
        {
          context: { ownerPid: server.ownerPid, serverPid: server.pid },
          hint: 'stop that process first, or choose another folder with --data DIR',
        },
      );
    }
    logger.warn(
      { pid: server.pid, formerOwner: server.ownerPid },
      'a database server was left running by a killed process: stopping it',
    );
    signal(server.pid, 'SIGINT');
  }
  const startMs = clock.monotonicMs();
  let step: 'fast' | 'immediate' | 'kill' = 'fast';
  for (;;) {
    const left = processesOf(data);
    if (left.length === 0) return;
    const passedMs = clock.monotonicMs() - startMs;
    if (step === 'fast' && passedMs > (server ? fastMs : 5_000)) {
      step = 'immediate';
      for (const pid of left) signal(pid, 'SIGQUIT');
    } else if (step === 'immediate' && passedMs > fastMs + 5_000) {
      step = 'kill';
      logger.error({ pids: left }, 'database processes ignore their shutdown: killing them');
      for (const pid of left) signal(pid, 'SIGKILL');
    } else if (passedMs > fastMs + 10_000) {
      throw new HubError('store_busy', `database processes of ${pgData} cannot be ended (pids ${left.join(', ')})`);
    }
    await clock.sleep(20, options.signal);
  }
};
