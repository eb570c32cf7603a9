import type { Hello } from '@hallhub/shared/wire';
import type { Tx } from '../../db/index.js';
import { type CloudStep, recordSteps } from './command-steps.js';

interface Place {
  readonly tenantId: string;
  readonly hallId: string;
  readonly unitId: string;
  readonly at: Date;
}

interface Doubted {
  id: string;
  device_id: string | null;
}

/**
 * The unit's inbox is not the one that was told of these commands (its disk was rolled back, lost, or is another machine's): what
 * had left may have run, and sent again it would run twice. It ends as `unknown`; rows that still come may tell the truth.
 */
export const doubtCommands = async (tx: Tx, place: Place): Promise<CloudStep[]> => {
  const { tenantId, unitId, hallId, at } = place;
  const { rows } = await tx.$client.query<Doubted>(
    `UPDATE commands SET state = 'unknown', provisional = true, finished_at = $3, next_send_at = NULL, version = version + 1,
       error = $4 WHERE id IN (SELECT id FROM commands WHERE tenant_id = $1 AND unit_id = $2 AND state IN ('sent', 'received', 'running') ORDER BY id FOR UPDATE)
     RETURNING id, device_id`,
    [tenantId, unitId, at, JSON.stringify({ code: 'inbox_lost', message: 'The unit lost its memory of this command' })],
  );
  const steps = rows.map(
    (row): CloudStep => ({
      ...{ tenantId, hallId, commandId: row.id, deviceId: row.device_id },
      ...{ state: 'unknown', provisional: true, at },
    }),
  );
  await recordSteps(tx, steps);
  return steps;
};

/** True where this hello can only come from an inbox that is older than, or another than, the one the cloud has heard from. */
export const isAnotherInbox = async (
  tx: Tx,
  { tenantId, hello }: { readonly tenantId: string; readonly hello: Hello },
): Promise<boolean> => {
  const events = hello.streams.find(({ lane }) => lane === 'events');
  if (!events) return false;
  const { rows } = await tx.$client.query<{ epoch: string; cursor: string; closed: boolean }>({
    name: 'inbox-of-unit',
    text: `SELECT epoch, cursor, closed_at IS NOT NULL AS closed FROM streams WHERE tenant_id = $1 AND unit_id = $2 AND lane = 'events'`,
    values: [tenantId, hello.unitId],
  });
  const own = rows.find(({ epoch }) => epoch === events.epoch);
  if (!own) return rows.some(({ cursor }) => Number(cursor) > 0);
  return own.closed || Number(own.cursor) > events.head;
};
