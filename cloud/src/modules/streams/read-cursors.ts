import type { Hello, StreamCursor } from '@hallhub/shared/wire';
import type { Tx } from '../../db/index.js';
import { closedChain, seedChain } from './stream-chain.js';

/** Where each stream of a hello stands: cursor and chain, 0 and the seed for one never seen, zeros for a closed epoch. */
export const readCursors = async (tx: Tx, tenantId: string, hello: Hello): Promise<StreamCursor[]> => {
  const { rows } = await tx.$client.query<{
    lane: string;
    epoch: string;
    cursor: string;
    chain: Buffer;
    closed: boolean;
  }>({
    name: 'read-cursors',
    text: `SELECT lane, epoch, cursor, chain, closed_at IS NOT NULL AS closed FROM streams
     WHERE tenant_id = $1 AND unit_id = $2 AND epoch = ANY($3)`,
    values: [tenantId, hello.unitId, hello.streams.map(({ epoch }) => epoch)],
  });
  const known = new Map(rows.map((row) => [`${row.lane} ${row.epoch}`, row]));
  return hello.streams.map(({ lane, epoch }) => {
    const stream = known.get(`${lane} ${epoch}`);
    const chain = stream ? (stream.closed ? closedChain : stream.chain) : seedChain(hello.unitId, lane, epoch);
    return { lane, epoch, cursor: stream ? Number(stream.cursor) : 0, chain: chain.toString('hex') };
  });
};
