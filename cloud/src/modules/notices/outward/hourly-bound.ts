import type { Tx } from '../../../db/index.js';
import type { DeliveryRow } from '../tables.js';

const hourMs = 3_600_000;

/** `go`: it may leave now. `carry`: it goes as a summary of these. `until`: not before then. */
export type Turn =
  | { readonly turn: 'go' }
  | { readonly turn: 'carry'; readonly rows: readonly Pick<DeliveryRow, 'id' | 'text' | 'ticketId'>[] }
  | { readonly turn: 'wait'; readonly untilMs: number };

/** Nobody else counts that person’s mails. Taken before any row of theirs is locked: a summary locks others of them. */
export const lockPerson = async (tx: Tx, { channelId, personId }: DeliveryRow): Promise<void> => {
  await tx.$client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 4702111242))', [
    `${channelId} ${personId}`,
  ]);
};

/**
 * At most so many mails a person an hour; what is held meanwhile goes in one summary. Counts and takes under `lockPerson`, so that two
 * processes do not both find room.
 */
export const takeTurn = async (
  tx: Tx,
  { row, most, nowMs }: { readonly row: DeliveryRow; readonly most: number; readonly nowMs: number },
): Promise<Turn> => {
  const of = [row.channelId, row.personId];
  const counted = await tx.$client.query<{ sent_at: Date }>(
    `SELECT sent_at FROM notice_deliveries WHERE channel_id = $1 AND person_id = $2 AND sent_at > $3 AND id <> $4
     AND digest_id IS NULL ORDER BY sent_at DESC LIMIT $5`,
    [...of, new Date(nowMs - hourMs), row.id, most],
  );
  const oldest = counted.rows.at(-1);
  if (counted.rows.length >= most && oldest) return { turn: 'wait', untilMs: oldest.sent_at.getTime() + hourMs };
  if (row.code !== 'held') return { turn: 'go' };
  const { rows } = await tx.$client.query<Pick<DeliveryRow, 'id' | 'text'> & { ticket_id: string | null }>(
    `UPDATE notice_deliveries SET state = 'digested', digest_id = $3, code = NULL, next_at = NULL, done_at = $4
     WHERE channel_id = $1 AND person_id = $2 AND state = 'waiting' AND code = 'held' AND id <> $3
     RETURNING id, text, ticket_id`,
    [...of, row.id, new Date(nowMs)],
  );
  if (rows.length === 0) return { turn: 'go' };
  return { turn: 'carry', rows: rows.map(({ id, text, ticket_id }) => ({ id, text, ticketId: ticket_id })) };
};

/** What a delivery carries besides itself; the same however often it is tried. */
export const carriedBy = async (tx: Tx, id: string): Promise<readonly Pick<DeliveryRow, 'text' | 'ticketId'>[]> => {
  const { rows } = await tx.$client.query<Pick<DeliveryRow, 'text'> & { ticket_id: string | null }>(
    'SELECT text, ticket_id FROM notice_deliveries WHERE digest_id = $1 ORDER BY made_at, id',
    [id],
  );
  return rows.map(({ text, ticket_id }) => ({ text, ticketId: ticket_id }));
};
