import type { Pool } from 'pg';

/** A run whose process says nothing for this long is taken up by another. */
export const leaseMs = 30_000;
export const beatMs = 7_000;

/**
 * pg-boss ends a run at `started_on + expire_in`, which has to be long for long jobs. Here the start is moved along instead, so that
 * the end is always `leaseMs` away: a living run keeps its lease, a dead one loses it within half a minute.
 * False: another process has taken the run over.
 */
export const renewLease = async (pool: Pool, run: { readonly name: string; readonly id: string }): Promise<boolean> => {
  const { rowCount } = await pool.query(
    `UPDATE jobs.job SET started_on = now() - expire_in + $3 * interval '1 millisecond' WHERE name = $1 AND id = $2 AND state = 'active'`,
    [run.name, run.id, leaseMs],
  );
  return rowCount === 1;
};

/**
 * Runs whose lease is over wait again, under a new id: what their first process may still say about them finds nothing. A queue may
 * have one that waits to be retried; a second one, or one that was tried often enough, has failed. Returns the queues concerned.
 */
export const takeUpLost = async (pool: Pool, names: readonly string[]): Promise<string[]> => {
  const { rows } = await pool.query<{ name: string }>(
    `WITH lost AS (
       SELECT j.name, j.id, j.retry_count < j.retry_limit
         AND NOT EXISTS (SELECT 1 FROM jobs.job r WHERE r.name = j.name AND r.state = 'retry') AS again
       FROM jobs.job j WHERE j.name = ANY($1) AND j.state = 'active' AND j.started_on + j.expire_in < now() FOR UPDATE OF j SKIP LOCKED)
     UPDATE jobs.job j SET id = gen_random_uuid(), state = (CASE WHEN lost.again THEN 'retry' ELSE 'failed' END)::jobs.job_state,
       start_after = now(), completed_on = CASE WHEN lost.again THEN NULL ELSE now() END,
       output = '{"message": "the process that ran this ended"}'
     FROM lost WHERE j.name = lost.name AND j.id = lost.id RETURNING j.name`,
    [names],
  );
  return rows.map(({ name }) => name);
};
