import type { Hello } from '@hallhub/shared/wire';
import type { Tx } from '../../db/index.js';

interface TakeOver {
  readonly tenantId: string;
  readonly hello: Hello;
  readonly at: Date;
}

/** Whether a code for other hardware was used since the unit was last heard from. */
export const wasReplacedSince = async (
  tx: Tx,
  { tenantId, unitId, since }: { readonly tenantId: string; readonly unitId: string; readonly since: Date | null },
): Promise<boolean> => {
  const { rowCount } = await tx.$client.query(
    `SELECT 1 FROM unit_certificates WHERE tenant_id = $1 AND unit_id = $2 AND issued_by = 'replaced' AND issued_at > coalesce($3::timestamptz, '-infinity') LIMIT 1`,
    [tenantId, unitId, since],
  );
  return rowCount === 1;
};

/**
 * The first hello of replacement hardware: streams that it does not have end here. What the old box had not sent stayed on it,
 * and the gap says so. The same box, enrolled anew with such a code, still has its streams and goes on with them.
 */
export const closeLeftStreams = async (tx: Tx, { tenantId, hello, at }: TakeOver): Promise<string[]> => {
  const { rows } = await tx.$client.query<{ lane: string }>(
    `WITH ended AS (UPDATE streams SET closed_at = $3 WHERE tenant_id = $1 AND unit_id = $2 AND closed_at IS NULL AND epoch <> ALL($4)
         RETURNING lane, epoch, cursor)
     INSERT INTO stream_gaps (tenant_id, unit_id, lane, epoch, seq, source, reason, previous_epoch, at, received_at)
     SELECT $1, $2, lane, epoch, cursor + 1, 'row', 'replaced', epoch, $3, $3 FROM ended RETURNING lane`,
    [tenantId, hello.unitId, at, hello.streams.map(({ epoch }) => epoch)],
  );
  return rows.map(({ lane }) => lane);
};
