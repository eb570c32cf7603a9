import type { ExchangeBookLine } from '@hallhub/shared/exchange';
import type { Tx } from '../../../db/index.js';

export interface BookPage {
  readonly items: readonly ExchangeBookLine[];
  readonly next: string | null;
}

interface Row {
  id: string;
  owner: ExchangeBookLine['owner'];
  number: string;
  state: ExchangeBookLine['state'];
  extension: boolean;
  seq_in: number;
  seq_out: number;
}

const pageSize = 500;

/** The channel’s book as this end has it, by id: what both have to agree on. */
export const readBook = async (tx: Tx, channelId: string, after: string | null): Promise<BookPage> => {
  const { rows } = await tx.$client.query<Row>(
    `SELECT id, owner, number, state, extension, seq_in, seq_out FROM exchange_tickets
     WHERE channel_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT ${pageSize + 1}`,
    [channelId, after],
  );
  const shown = rows.slice(0, pageSize);
  return {
    items: shown.map(({ owner, number, state, extension, seq_in, seq_out }) => ({
      ...{ owner, number, state, extension, fromPlatform: seq_in, fromHub: seq_out },
    })),
    next: rows.length > pageSize ? (shown.at(-1)?.id ?? null) : null,
  };
};

/** Tickets of which something of ours has not been accepted: their books cannot be equal yet. */
export const underWay = async (tx: Tx, channelId: string): Promise<ReadonlySet<string>> => {
  const { rows } = await tx.$client.query<{ key: string }>(
    `SELECT DISTINCT owner || ':' || number AS key FROM exchange_messages WHERE channel_id = $1 AND direction = 'out' AND state = 'waiting'`,
    [channelId],
  );
  return new Set(rows.map(({ key }) => key));
};
