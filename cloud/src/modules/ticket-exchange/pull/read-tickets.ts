import { uuidPattern } from '@hallhub/shared';
import type { ExchangeContent, ExchangeList, ExchangePulledTicket } from '@hallhub/shared/exchange';
import { withTenant } from '../../../db/index.js';
import { openBody } from '../channel/message-seal.js';
import type { ExchangeDeps } from '../exchange-deps.js';
import { Refused } from '../receive/refused.js';
import type { ChannelRow, LinkRow } from '../tables.js';

const pageSize = 100;

/** Whose turn it is: the platform’s, as handler of the hub’s tickets and as owner of its own. */
const theirTurn = `((k.owner = 'hub' AND k.state IN ('dispatched', 'signed') AND NOT k.extension)
  OR (k.owner = 'platform' AND (k.state IN ('finished', 'returned') OR k.extension)))`;
const isOf: Readonly<Record<ExchangeList, string>> = {
  todo: theirTurn,
  handled: `NOT ${theirTurn} AND k.state NOT IN ('closed', 'cancelled')`,
  done: `k.state IN ('finished', 'closed')`,
  closed: `k.state IN ('closed', 'cancelled')`,
  all: 'true',
};

export interface PulledRow {
  id: string;
  owner: LinkRow['owner'];
  number: string;
  ticket_number: string;
  state: LinkRow['state'];
  extension: boolean;
  opened_at: Date;
  updated_at: Date;
  files: number;
  message_id: string | null;
  body: Buffer | null;
}

/** A line of `rows` with the last dispatch that says what it is about. */
export const pulledRows = `SELECT k.id, k.owner, k.number, t.number AS ticket_number, k.state, k.extension, k.opened_at, k.updated_at,
    (SELECT count(*)::int FROM exchange_ticket_files f WHERE f.tenant_id = k.tenant_id AND f.link_id = k.id AND f.state <> 'refused') AS files,
    d.id AS message_id, d.body
  FROM exchange_tickets k JOIN tickets t ON t.tenant_id = k.tenant_id AND t.id = k.ticket_id
  LEFT JOIN LATERAL (SELECT m.id, m.body FROM exchange_messages m WHERE m.tenant_id = k.tenant_id AND m.link_id = k.id
    AND m.act = 'dispatch' AND m.state NOT IN ('refused', 'dropped') ORDER BY m.made_at DESC, m.id DESC LIMIT 1) d ON true`;

/** The platform’s tickets of a list, the one that changed longest ago first: read on from `next`, they tell what has changed since. */
export const readTickets = async (
  { database, sealing }: ExchangeDeps,
  channel: ChannelRow,
  { list, after }: { readonly list: ExchangeList; readonly after: string | null },
): Promise<{ readonly v: 1; readonly items: readonly ExchangePulledTicket[]; readonly next: string | null }> => {
  const [at, id] = after === null ? [null, null] : readCursor(after);
  const { rows } = await withTenant(
    database,
    channel,
    (tx) =>
      tx.$client.query<PulledRow>(
        `${pulledRows} WHERE k.channel_id = $1 AND ${isOf[list]}
           AND ($2::timestamptz IS NULL OR (k.updated_at, k.id) > ($2::timestamptz, $3::uuid))
         ORDER BY k.updated_at, k.id LIMIT ${pageSize}`,
        [channel.id, at, id],
      ),
    { readOnly: true },
  );
  const last = rows.length === pageSize ? rows.at(-1) : undefined;
  return {
    v: 1,
    items: rows.map((row) => lineOf(row, contentOf(sealing, row))),
    next: last ? `${last.updated_at.getTime()}_${last.id}` : null,
  };
};

const readCursor = (text: string): readonly [Date, string] => {
  const [, ms, id] = /^(\d{1,15})_([0-9a-f-]{36})$/.exec(text) ?? [];
  if (!ms || !id || !uuidPattern.test(id)) throw new Refused('invalid', 'after is not one that was given out');
  return [new Date(Number(ms)), id];
};

type Dispatch = Extract<ExchangeContent, { act: 'dispatch' }>;

export const contentOf = (sealing: ExchangeDeps['sealing'], row: PulledRow): Partial<Dispatch> =>
  row.message_id === null || row.body === null ? {} : JSON.parse(openBody(sealing, row.message_id, row.body));

export const lineOf = (row: PulledRow, content: Partial<Dispatch>): ExchangePulledTicket => ({
  ...{ owner: row.owner, number: row.number, hubNumber: row.ticket_number, state: row.state },
  ...{ extension: row.extension, openedAt: row.opened_at.getTime(), changedAt: row.updated_at.getTime() },
  ...{ title: content.title ?? '', category: content.category ?? [], level: content.level ?? null },
  ...{ dueAt: content.dueAt ?? null, place: content.place ?? null, files: row.files },
});
