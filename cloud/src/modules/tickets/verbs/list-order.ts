import { type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Tx } from '../../../db/index.js';
import type { PartyBook } from '../../offices/party-book.js';
import type { TicketFilter } from '../contract.js';
import type { WhereOf } from './ticket-where.js';

export const cursorSchema = z.tuple([z.string().max(40), z.uuid()]);
export type Key = z.output<typeof cursorSchema>;

export interface Keyed {
  readonly key: string;
  readonly id: string;
}

export interface Asked extends WhereOf {
  readonly tenantId: string;
  readonly book: PartyBook;
  readonly filter: TicketFilter;
  readonly after: Key | null;
  /** One more than a page has. */
  readonly limit: number;
}

/** `few`: all tickets with the words, where they are not many; otherwise each ticket is looked at as the list comes to it. */
export type InOrder = Asked & { readonly few: readonly string[] | undefined };

export const run = async (tx: Tx, query: SQL): Promise<Keyed[]> =>
  ((await tx.execute(query)) as unknown as { rows: Keyed[] }).rows;

/** Beyond the last row of the page before. */
export const beyond = (of: { key: SQL; id: SQL; after: Key | null; isDown: boolean }): SQL => {
  if (of.after === null) return sql`true`;
  const [key, id] = of.after;
  return sql`(${of.key}, ${of.id}) ${sql.raw(of.isDown ? '<' : '>')} (${key}::timestamptz, ${id}::uuid)`;
};

export const sortOf = ({ filter }: Asked): 'due' | 'made' | '-made' =>
  filter.sort ?? (filter.view === 'todo' ? 'due' : '-made');

/** The filter but for words that have been looked for. */
export const withoutFew = ({ filter: { q, ...filter }, few }: InOrder): TicketFilter =>
  few !== undefined || q === undefined ? filter : { ...filter, q };
