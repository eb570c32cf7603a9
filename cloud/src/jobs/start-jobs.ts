import { HubError, toHubError } from '@hallhub/shared';
import type { Pool } from 'pg';
import PgBoss from 'pg-boss';
import type { DbLogger } from '../db/index.js';
import { beatMs, renewLease, takeUpLost } from './run-lease.js';

export interface JobDefinition<Data extends object = object> {
  /** `module.verb`, stable: it names the queue in the database. */
  readonly name: string;
  /** Five fields, UTC. Left out: runs only when sent. */
  readonly cron?: string;
  /** A run past this is given up and tried again; its signal is aborted. */
  readonly expireInSeconds?: number;
  readonly retryLimit?: number;
  run(data: Data, signal: AbortSignal): Promise<unknown>;
}

export interface Jobs {
  /** Queues a run now; null where one is already waiting. `data` must fit JSON. */
  send(name: string, data?: object): Promise<string | null>;
  /** Aborts what runs, waits for it (at most 5 s), stops polling. */
  close(): Promise<void>;
}

export interface StartJobsOptions {
  readonly database: { readonly ownerPool: Pool };
  readonly logger: DbLogger;
  readonly jobs: readonly JobDefinition[];
  /** How soon a due run is noticed; idle cost goes down as it goes up. */
  readonly pollingSeconds?: number;
}

const stopMs = 5_000;
const lookoutMs = 10_000;
const setUpLock = 4_702_111_237;

/**
 * Background work over all processes of a database: of each job one run is active and one waiting at most, wherever it
 * runs. A run whose process was killed is taken up by another within a minute. Jobs must bear being run twice.
 */
export const startJobs = async ({ database, logger, jobs, pollingSeconds = 15 }: StartJobsOptions): Promise<Jobs> => {
  const stopping = new AbortController();
  const boss = new PgBoss({
    db: { executeSql: (text, values) => database.ownerPool.query(text, values) },
    schema: 'jobs',
    cronWorkerIntervalSeconds: Math.min(45, Math.max(pollingSeconds, 1)),
    cronMonitorIntervalSeconds: Math.min(45, Math.max(pollingSeconds, 1)),
    maintenanceIntervalSeconds: 300,
    archiveCompletedAfterSeconds: 3_600,
    deleteAfterDays: 7,
  });
  let lastComplaintMs = 0;
  boss.on('error', (error) => {
    if (stopping.signal.aborted) return;
    // While the database is away every poll fails: one line a minute says it.
    if (Date.now() - lastComplaintMs < 60_000) return;
    lastComplaintMs = Date.now();
    logger.warn({ err: error }, 'background jobs cannot reach the database');
  });
  const running = new Set<Promise<unknown>>();
  const workers = new Map<string, string>();
  const setUp = async (): Promise<void> => {
    await boss.start();
    for (const job of jobs) {
      await boss.createQueue(job.name, queueOf(job));
      await boss.updateQueue(job.name, queueOf(job));
    }
    await schedule(boss, jobs);
  };
  await oneProcessAtATime(database.ownerPool, setUp);
  for (const job of jobs) {
    const { expireInSeconds } = queueOf(job);
    const handle = async (batch: { id: string; data: object }[]): Promise<void> => {
      for (const { id, data } of batch) {
        const timeout = AbortSignal.timeout(expireInSeconds * 1000);
        const run = underLease({ pool: database.ownerPool, logger, name: job.name, id }, (lost) =>
          runOnce(job, { data, signal: AbortSignal.any([stopping.signal, timeout, lost]), logger }),
        );
        running.add(run);
        await run.finally(() => running.delete(run));
      }
    };
    workers.set(job.name, await boss.work(job.name, { pollingIntervalSeconds: pollingSeconds, batchSize: 1 }, handle));
  }
  const names = jobs.map(({ name }) => name);
  let looking: Promise<void> = Promise.resolve();
  const lookout = setInterval(() => {
    looking = takeUpLost(database.ownerPool, names).then(
      (taken) => {
        for (const name of taken) {
          logger.warn({ job: name }, 'a job whose process ended is taken up');
          boss.notifyWorker(workers.get(name)!);
        }
      },
      (error: unknown) => logger.debug({ err: error }, 'lost jobs could not be looked for'),
    );
  }, lookoutMs);

  return {
    send: (name, data = {}) => {
      if (!jobs.some((job) => job.name === name)) throw new HubError('bug', `no job is named ${name}`);
      return boss.send(name, data);
    },
    close: async () => {
      stopping.abort(new HubError('cancelled', 'stopping'));
      clearInterval(lookout);
      await looking;
      await boss.stop({ graceful: true, wait: true, timeout: stopMs, close: false });
      await Promise.allSettled([...running]);
    },
  };
};

const queueOf = (job: JobDefinition) => ({
  name: job.name,
  policy: 'stately' as const,
  expireInSeconds: job.expireInSeconds ?? 600,
  retryLimit: job.retryLimit ?? 2,
  retryDelay: 30,
  retryBackoff: true,
});

/** Queues are tables: two processes that make them at the same moment would lock each other out. */
const oneProcessAtATime = async (pool: Pool, work: () => Promise<void>): Promise<void> => {
  const client = await pool.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [setUpLock]);
    await work();
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [setUpLock]).catch(() => undefined);
    client.release();
  }
};

/** Keeps the run's lease while it lasts; `lost` aborts where another process has taken it over. */
const underLease = async (
  of: { readonly pool: Pool; readonly logger: DbLogger; readonly name: string; readonly id: string },
  work: (lost: AbortSignal) => Promise<void>,
): Promise<void> => {
  const lost = new AbortController();
  const renew = (): Promise<void> =>
    renewLease(of.pool, of).then(
      (kept) => {
        if (!kept) lost.abort(new HubError('cancelled', 'another process has taken this run over'));
      },
      (error: unknown) => of.logger.debug({ err: error, job: of.name }, 'the lease of a job could not be renewed now'),
    );
  await renew();
  const timer = setInterval(() => void renew(), beatMs);
  try {
    await work(lost.signal);
  } finally {
    clearInterval(timer);
  }
};

/** Schedules live in the database: those of jobs that are gone or no longer timed are removed. */
const schedule = async (boss: PgBoss, jobs: readonly JobDefinition[]): Promise<void> => {
  for (const { name } of await boss.getSchedules()) {
    if (!jobs.some((job) => job.name === name && job.cron)) await boss.unschedule(name);
  }
  for (const job of jobs) if (job.cron) await boss.schedule(job.name, job.cron, {}, { tz: 'UTC' });
};

const runOnce = async (
  job: JobDefinition,
  { data, signal, logger }: { readonly data: object; readonly signal: AbortSignal; readonly logger: DbLogger },
): Promise<void> => {
  const startMs = performance.now();
  try {
    const result = await job.run(data, signal);
    logger.debug({ job: job.name, durationMs: Math.round(performance.now() - startMs), result }, 'job done');
  } catch (error) {
    const hubError = toHubError(error);
    if (hubError.code === 'cancelled') logger.debug({ job: job.name }, 'job stopped');
    else logger.error({ job: job.name, err: hubError, hint: hubError.hint }, `job ${job.name} failed`);
    throw error;
  }
};
