import type { ExchangeAct, ExchangeSide } from '@hallhub/shared/exchange';
import { type Tx, withTenant } from '../../../db/index.js';
import { openBody } from '../channel/message-seal.js';
import type { ExchangeDeps } from '../exchange-deps.js';
import { Refused } from '../receive/refused.js';
import type { ChannelRow } from '../tables.js';
import { contentOf, lineOf, type PulledRow, pulledRows } from './read-tickets.js';

const mostActs = 500;

interface Said {
  readonly at?: number;
  readonly by?: string;
  readonly step?: string;
  readonly words?: string;
  readonly code?: string;
  readonly files?: readonly { readonly sha256: string; readonly name: string }[];
}

/** One ticket whole: what it is about, all that was said of it, its attachments. Throws `Refused` (`no_such_ticket`). */
export const readTicket = (
  { database, sealing }: ExchangeDeps,
  channel: ChannelRow,
  { owner, number }: { readonly owner: ExchangeSide; readonly number: string },
): Promise<object> =>
  withTenant(
    database,
    channel,
    async (tx) => {
      const { rows } = await tx.$client.query<PulledRow>(
        `${pulledRows} WHERE k.channel_id = $1 AND k.owner = $2 AND k.number = $3`,
        [channel.id, owner, number],
      );
      const [row] = rows;
      if (!row) throw new Refused('no_such_ticket', 'The ticket is not known');
      const content = contentOf(sealing, row);
      return {
        ...{ v: 1, ...lineOf(row, content), text: content.text ?? '', requester: content.requester ?? null },
        ...{ fields: content.fields ?? {}, acts: await actsOf(tx, sealing, row.id) },
        attachments: await attachmentsOf(tx, row.id),
      };
    },
    { readOnly: true },
  );

const actsOf = async (tx: Tx, sealing: ExchangeDeps['sealing'], linkId: string) => {
  const { rows } = await tx.$client.query<{ id: string; direction: 'in' | 'out'; act: ExchangeAct; body: Buffer }>(
    `SELECT id, direction, act, body FROM exchange_messages WHERE link_id = $1
       AND (state = 'accepted' OR (direction = 'out' AND state = 'waiting')) ORDER BY made_at, id LIMIT ${mostActs}`,
    [linkId],
  );
  return rows.map(({ id, direction, act, body }) => {
    const said = JSON.parse(openBody(sealing, id, body)) as Said;
    return {
      ...{ from: direction === 'in' ? 'platform' : 'hub', act, at: said.at ?? 0, by: said.by ?? null },
      ...{ step: said.step ?? null, words: said.words ?? null, code: said.code ?? null, files: said.files ?? [] },
    };
  });
};

const attachmentsOf = async (tx: Tx, linkId: string) => {
  const { rows } = await tx.$client.query(
    `SELECT sha256, name, CASE direction WHEN 'in' THEN 'platform' ELSE 'hub' END AS from, state, code
     FROM exchange_ticket_files WHERE link_id = $1 ORDER BY at, name, sha256 LIMIT 400`,
    [linkId],
  );
  return rows;
};
