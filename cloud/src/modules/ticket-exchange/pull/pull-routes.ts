import { type ExchangeRead, exchangeLists, exchangeSides } from '@hallhub/shared/exchange';
import type { ExchangeDeps } from '../exchange-deps.js';
import type { PeerRoute } from '../receive/peer-routes.js';
import { Refused } from '../receive/refused.js';
import type { ChannelRow } from '../tables.js';
import { readOutbox, takeReceipts } from './outbox.js';
import { readBoundaries } from './read-boundaries.js';
import { readFile } from './read-file.js';
import { readTicket } from './read-ticket.js';
import { readTickets } from './read-tickets.js';

const maxReceiptBytes = 256 * 1024;

const isAmong = <T extends string>(list: readonly T[], value: string): value is T =>
  (list as readonly string[]).includes(value);

/** What a platform may read: its work lists, a ticket whole, attachments, boundaries; and, where it is never called, its messages. */
export const pullRoutes = (deps: ExchangeDeps): readonly PeerRoute[] => [
  {
    ...{ method: 'GET', name: 'tickets' },
    handle: async (channel, { query }) => {
      may(channel, 'tickets');
      const list = query('list') ?? 'all';
      if (!isAmong(exchangeLists, list)) throw new Refused('invalid', `list is one of ${exchangeLists.join(', ')}`);
      return { body: await readTickets(deps, channel, { list, after: query('after') ?? null }) };
    },
  },
  {
    ...{ method: 'GET', name: 'tickets/:owner/:number' },
    handle: async (channel, { param }) => {
      may(channel, 'tickets');
      const owner = param('owner');
      if (!isAmong(exchangeSides, owner)) throw new Refused('invalid', 'The owner is hub or platform');
      return { body: await readTicket(deps, channel, { owner, number: param('number').slice(0, 64) }) };
    },
  },
  {
    ...{ method: 'GET', name: 'files/:sha256', mostAtOnce: 3 },
    handle: async (channel, { param }) => {
      if (channel.baseUrl !== null) may(channel, 'files');
      return { body: await readFile(deps, channel, param('sha256')) };
    },
  },
  {
    ...{ method: 'GET', name: 'boundaries' },
    handle: async (channel, { query }) => {
      may(channel, 'boundaries');
      return { body: await readBoundaries(deps, channel, query('after') ?? null) };
    },
  },
  {
    ...{ method: 'GET', name: 'outbox' },
    handle: async (channel) => {
      isNeverCalled(channel);
      return { body: await readOutbox(deps, channel) };
    },
  },
  {
    ...{ method: 'POST', name: 'receipts', maxBytes: maxReceiptBytes },
    handle: async (channel, { body }) => {
      isNeverCalled(channel);
      return { body: await takeReceipts(deps, channel, body) };
    },
  },
];

const may = (channel: ChannelRow, what: ExchangeRead): void => {
  if (channel.mapping.reads?.includes(what)) return;
  throw new Refused('not_yours', `This channel does not give ${what} out`);
};

const isNeverCalled = ({ baseUrl }: ChannelRow): void => {
  if (baseUrl !== null) throw new Refused('not_yours', 'Messages are sent to the address of the channel');
};
