import type { Lane } from '@hallhub/shared/wire';
import { type Tx, textArray } from '../../db/index.js';
import { seedChain } from './stream-chain.js';

export interface LockedStream {
  readonly tenantId: string;
  readonly hallId: string;
  readonly secretHash: Buffer;
  readonly cursor: number;
  readonly chain: Buffer;
  readonly closed: boolean;
}

interface StreamKey {
  readonly unitId: string;
  readonly lane: Lane;
  readonly epoch: string;
}

interface StreamRow {
  tenant_id: string;
  hall_id: string;
  secret_hash: Buffer;
  cursor: string;
  chain: Buffer;
  closed: boolean;
}

const select = `SELECT u.tenant_id, u.hall_id, u.secret_hash, s.cursor, s.chain, s.closed_at IS NOT NULL AS closed
  FROM units u JOIN streams s ON s.tenant_id = u.tenant_id AND s.unit_id = u.id AND s.lane = $2 AND s.epoch = $3
  WHERE u.id = $1 AND u.archived_at IS NULL FOR UPDATE OF s`;

const insert = `INSERT INTO streams (tenant_id, unit_id, lane, epoch, chain)
  SELECT tenant_id, id, $2, $3, $4 FROM units WHERE id = $1 AND archived_at IS NULL ON CONFLICT DO NOTHING`;

/** A new epoch is known from its hello on, before its first row: the same hello again is no stranger's. */
export const openStream = async (
  tx: Tx,
  unitId: string,
  { lane, epoch }: { lane: Lane; epoch: string },
): Promise<void> => {
  await tx.$client.query(insert, [unitId, lane, epoch, seedChain(unitId, lane, epoch)]);
};

/**
 * Locks the stream's cursor row until the transaction ends, making it where the stream is new. Undefined: no such unit (any
 * more). Needs a `withSystem` transaction.
 */
export const lockStream = async (tx: Tx, { unitId, lane, epoch }: StreamKey): Promise<LockedStream | undefined> => {
  const key = [unitId, lane, epoch];
  const found = await tx.$client.query<StreamRow>({ name: 'lock-stream', text: select, values: key });
  let row = found.rows[0];
  if (!row) {
    await tx.$client.query(insert, [...key, seedChain(unitId, lane, epoch)]);
    row = (await tx.$client.query<StreamRow>({ name: 'lock-stream', text: select, values: key })).rows[0];
    if (!row) return undefined;
  }
  return toStream(row);
};

const toStream = (row: StreamRow): LockedStream => ({
  tenantId: row.tenant_id,
  hallId: row.hall_id,
  secretHash: row.secret_hash,
  cursor: Number(row.cursor),
  chain: row.chain,
  closed: row.closed,
});

const selectMany = `SELECT u.id AS unit_id, s.lane, s.epoch, u.tenant_id, u.hall_id, u.secret_hash, s.cursor, s.chain, s.closed_at IS NOT NULL AS closed
  FROM unnest($1::uuid[], $2::text[], $3::text[]) AS k(unit_id, lane, epoch)
    JOIN units u ON u.id = k.unit_id AND u.archived_at IS NULL
    JOIN streams s ON s.tenant_id = u.tenant_id AND s.unit_id = u.id AND s.lane = k.lane AND s.epoch = k.epoch
  FOR UPDATE OF s SKIP LOCKED`;

export const streamKey = ({ unitId, lane, epoch }: StreamKey): string => `${unitId} ${lane} ${epoch}`;

/**
 * Locks those of these streams that exist and that nobody else holds, by `streamKey`: waits for none, so that no batch is held up by
 * another's. Needs a `withSystem` transaction.
 */
export const lockStreams = async (tx: Tx, keys: readonly StreamKey[]): Promise<ReadonlyMap<string, LockedStream>> => {
  const { rows } = await tx.$client.query<StreamRow & { unit_id: string; lane: Lane; epoch: string }>({
    name: 'lock-streams',
    text: selectMany,
    values: [
      keys.map(({ unitId }) => unitId),
      textArray(keys.map(({ lane }) => lane)),
      textArray(keys.map(({ epoch }) => epoch)),
    ],
  });
  return new Map(
    rows.map((row) => [streamKey({ unitId: row.unit_id, lane: row.lane, epoch: row.epoch }), toStream(row)]),
  );
};
