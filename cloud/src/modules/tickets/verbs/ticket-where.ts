import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../../../db/index.js';
import type { Actor } from '../../access/actor.js';
import type { Right } from '../../access/rights.js';
import { keyOf } from '../../ticket-statistics/count-tickets.js';
import type { TicketFilter } from '../contract.js';
import { doerOf } from '../store/ticket-world.js';
import { searchQuery } from '../store/words-of.js';

export interface WhereOf {
  readonly actor: Actor;
  /** In whose name the reader has to do with tickets. */
  readonly mine: readonly string[];
  /** Epoch ms. */
  readonly now: number;
}

const uuids = (ids: readonly string[]): SQL => sql`${sql.param([...ids])}::uuid[]`;

/** Tickets `t` in halls and regions within reach of a right, whoever had to do with them. Undefined: all. */
export const withinRight = (actor: Actor, right: Right): SQL | undefined => {
  const halls = actor.scopeFilter(right);
  const regions = actor.regionFilter(right);
  if (halls === 'all' || regions === 'all') return undefined;
  return sql`(t.hall_id = ANY(${uuids(halls)}) OR (t.hall_id IS NULL AND t.region_id = ANY(${uuids(regions)})))`;
};

/** Tickets `t` that the reader may see: in halls and regions within reach, or that they had to do with. Undefined: all. */
export const withinReach = ({ actor, mine }: WhereOf): SQL | undefined => {
  const placed = withinRight(actor, 'ticket.read');
  if (placed === undefined) return undefined;
  return sql`(${placed} OR t.made_by = ${doerOf(actor)} OR ${hadToDo(mine)})`;
};

/** Rows `d` of what somebody once did whose tickets are still within reach. Undefined: all. Few tickets are looked at: of most a task was theirs. */
export const doneWithinReach = ({ actor, mine }: WhereOf): SQL | undefined => {
  const placed = withinRight(actor, 'ticket.read');
  if (placed === undefined) return undefined;
  const theirs = hadToDo(mine, { tenantId: sql`d.tenant_id`, ticketId: sql`d.ticket_id` });
  return sql`(d.had_task OR ${theirs} OR coalesce((SELECT ${placed} OR t.made_by = ${doerOf(actor)} FROM tickets t
    WHERE t.tenant_id = d.tenant_id AND t.id = d.ticket_id), false))`;
};

/** Asked ticket by ticket: as EXISTS, all tickets that they ever had to do with would be gathered first. */
export const hadToDo = (
  mine: readonly string[],
  of: { readonly tenantId: SQL; readonly ticketId: SQL } = { tenantId: sql`t.tenant_id`, ticketId: sql`t.id` },
): SQL =>
  sql`coalesce((SELECT true FROM ticket_tasks k WHERE k.tenant_id = ${of.tenantId} AND k.ticket_id = ${of.ticketId}
      AND (k.party_id = ANY(${uuids(mine)}) OR k.held_by = ANY(${uuids(mine)})) LIMIT 1), false)`;

/** Of a light as of now; see `lightAt`. */
const hasLight = (light: NonNullable<TicketFilter['light']>, at: Date): SQL => {
  const isRed = sql`t.red_at IS NOT NULL AND (t.red_at <= ${at} OR t.status = 'ended')`;
  const isYellow = sql`t.status <> 'ended' AND t.yellow_at <= ${at}`;
  if (light === 'red') return sql`(${isRed})`;
  if (light === 'yellow') return sql`(${isYellow} AND (t.red_at IS NULL OR t.red_at > ${at}))`;
  return sql`(((t.status = 'ended' AND t.promised) OR t.due_at IS NOT NULL OR t.yellow_at IS NOT NULL) AND NOT coalesce(${isRed}, false)
    AND NOT coalesce(${isYellow}, false))`;
};

/** Of a task `k` that is to do: what its ticket's light is, without looking at the ticket. */
export const taskLight = (light: NonNullable<TicketFilter['light']>, now: number): SQL => {
  const at = new Date(now);
  const isRed = sql`coalesce(k.red_at <= ${at}, false)`;
  const isYellow = sql`coalesce(k.yellow_at <= ${at}, false)`;
  if (light === 'red') return isRed;
  if (light === 'yellow') return sql`(${isYellow} AND NOT ${isRed})`;
  return sql`((k.sort_due <> 'infinity' OR k.yellow_at IS NOT NULL) AND NOT ${isRed} AND NOT ${isYellow})`;
};

/** Each is read from a page of its own; where there are more, a list in its order comes to some soon. */
const mostFew = 2_000;

/** All tickets of the organisation with the words of a filter; undefined: too many, or no words are asked for. */
export const fewWithWords = async (tx: Tx, { q }: TicketFilter): Promise<readonly string[] | undefined> => {
  const query = q === undefined ? null : searchQuery(q);
  if (query === null) return undefined;
  const { rows } = await tx.$client.query<{ few: string[] | null }>(
    'SELECT ticket_search_few($1::tsquery, $2) AS few',
    [query, mostFew],
  );
  return rows[0]?.few ?? undefined;
};

/** Asked ticket by ticket, as the list comes to it. */
const hasWords = (query: string): SQL =>
  sql`coalesce((SELECT w.words @@ ${query}::tsquery FROM ticket_words w WHERE w.tenant_id = t.tenant_id AND w.ticket_id = t.id), false)`;

/** Of what statistics keep of it, so that a figure there and the list behind it are the same tickets. */
const hasFact = (fact: string): SQL => {
  const [name = '', value] = [fact.slice(0, fact.indexOf(':')), fact.slice(fact.indexOf(':') + 1)];
  const [by, choice] = name.split('.') as [Parameters<typeof keyOf>[0]['by'], string | undefined];
  return sql`EXISTS (SELECT 1 FROM ticket_facts f WHERE f.tenant_id = t.tenant_id AND f.ticket_id = t.id
    AND ${keyOf({ by, choice })} = ${value})`;
};

/** Of a ticket that the reader may not see nobody is known. */
const ofRequester = (ticketId: string, of: WhereOf): SQL => {
  const seen = withinReach(of) ?? sql`true`;
  return sql`t.requester = (SELECT t.requester FROM tickets t WHERE t.tenant_id = ${of.actor.tenantId} AND t.id = ${ticketId} AND ${seen})`;
};

/** All of a filter but the view and, where an index does them, the words. Undefined: nothing is asked. */
export const ticketWhere = (
  filter: TicketFilter,
  of: WhereOf,
  { words = true }: { readonly words?: boolean } = {},
): SQL | undefined => {
  const at = new Date(of.now);
  const query = words && filter.q !== undefined ? searchQuery(filter.q) : null;
  const hasTask = (column: SQL, id: string): SQL =>
    sql`EXISTS (SELECT 1 FROM ticket_tasks k WHERE k.tenant_id = t.tenant_id AND k.ticket_id = t.id AND k.state IN ('open', 'signed') AND ${column} = ${id})`;
  const parts = [
    filter.kind && sql`t.kind = ${filter.kind}`,
    filter.state && sql`t.state_id = ${filter.state}`,
    filter.phase && sql`t.phase = ${filter.phase}`,
    filter.level && sql`t.level = ${filter.level}`,
    filter.light && hasLight(filter.light, at),
    filter.source && sql`t.source = ${filter.source}`,
    filter.hallId && sql`t.hall_id = ${filter.hallId}`,
    filter.officeId && filter.view !== 'office' && hasTask(sql`k.party_id`, filter.officeId),
    filter.holderId && hasTask(sql`k.doer_id`, filter.holderId),
    filter.from && sql`t.made_at >= ${filter.from}::timestamptz`,
    filter.to && sql`t.made_at < ${filter.to}::timestamptz`,
    filter.supervised !== undefined && sql`t.supervised = ${filter.supervised}`,
    filter.fact && hasFact(filter.fact),
    filter.requesterOf && ofRequester(filter.requesterOf, of),
    query !== null && hasWords(query),
    // Words were typed, but nothing in them can be looked for.
    filter.q !== undefined && searchQuery(filter.q) === null && sql`false`,
  ].filter((part): part is SQL => typeof part === 'object' && part !== null);
  return parts.length === 0 ? undefined : sql.join(parts, sql` AND `);
};
