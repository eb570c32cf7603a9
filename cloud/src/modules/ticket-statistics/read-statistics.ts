import { HubError } from '@hallhub/shared';
import { type SQL, sql } from 'drizzle-orm';
import { withTenant } from '../../db/index.js';
import { inReach } from '../access/in-reach.js';
import type { VerbContext } from '../access/verb-context.js';
import { inRegion } from '../places/in-region.js';
import type { TicketStatistics, TicketStatisticsQuery } from './contract.js';
import { countTickets, keyOf } from './count-tickets.js';
import { nameGroups } from './name-groups.js';

const dayMs = 86_400_000;
const mostDays = 1_100;

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** The same day of the year before; the 29th of February is the 28th. */
const yearBefore = (day: string): string => {
  const [year = '', month, date] = day.split('-');
  return `${Number(year) - 1}-${month}-${month === '02' && date === '29' ? '28' : date}`;
};

/** Tickets of halls within reach; those without a hall only for whom all are. */
const filtered = (ctx: VerbContext, query: TicketStatisticsQuery): SQL => {
  const { kind, source, level, hallId, regionId, officeId, personId, category } = query;
  const parts = [
    sql`f.tenant_id = ${ctx.actor.tenantId}`,
    inReach(sql`f.hall_id`, ctx.actor, 'ticket.read'),
    kind && sql`f.kind = ${kind}`,
    source && sql`f.source = ${source}`,
    level && sql`f.level = ${level}`,
    hallId && sql`f.hall_id = ${hallId}`,
    regionId && inRegion(sql`f.region_id`, regionId),
    officeId && sql`f.office_id = ${officeId}`,
    personId && sql`f.person_id = ${personId}`,
    category && sql`(f.category = ${category} OR starts_with(f.category, ${`${category}/`}))`,
  ].filter((part): part is SQL => typeof part === 'object' && part !== null);
  return sql.join(parts, sql` AND `);
};

/** Tickets made in a span of days and what became of them, by one thing, beside the span before and the year before. */
export const readTicketStatistics = async (
  ctx: VerbContext,
  query: TicketStatisticsQuery,
): Promise<TicketStatistics> => {
  const { from, to, by, choice } = query;
  const days = Math.round((Date.parse(to) - Date.parse(from)) / dayMs) + 1;
  const wrong = (path: string, message: string) =>
    new HubError('invalid_input', message, { context: { errors: [{ path, message }] } });
  if (days < 1) throw wrong('query.to', 'Must not lie before `from`');
  if (days > mostDays) throw wrong('query.to', `At most ${mostDays} days at once`);
  if (by === 'choice' && !choice) throw wrong('query.choice', 'Name the field');
  const where = filtered(ctx, query);
  const within = (first: string, last: string) => sql`${where} AND f.made_day BETWEEN ${first}::date AND ${last}::date`;
  const now = new Date(ctx.clock.now());
  const inOrder = ['hour', 'day', 'week', 'month', 'satisfaction'].includes(by);
  const key = keyOf({ by, choice });
  const start = Date.parse(from);
  const spanBefore = [dayOf(start - days * dayMs), dayOf(start - dayMs)] as const;
  return withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const { total, groups } = await countTickets(tx, { where: within(from, to), key, now, inOrder });
      const earlier = await countTickets(tx, {
        ...{ where: within(...spanBefore), now },
        // Days and weeks of another span have no partner by name.
        ...(inOrder && by !== 'hour' && by !== 'satisfaction' ? {} : { key }),
      });
      const span = [yearBefore(from), yearBefore(to)] as const;
      // Of a whole year they are the same days.
      const isSame = span[0] === spanBefore[0] && span[1] === spanBefore[1];
      const lastYear = isSame ? earlier : await countTickets(tx, { where: within(...span), now });
      const keys = groups.flatMap((one) => (one.key === null ? [] : [one.key]));
      const name = await nameGroups(tx, ctx.actor.tenantId, query, keys);
      const made = new Map(earlier.groups.map((one) => [one.key, one.made]));
      return {
        ...{ from, to, total, before: earlier.total, yearBefore: lastYear.total },
        groups: groups.map((group) => ({
          ...group,
          label: (group.key === null ? undefined : name(group.key)) ?? null,
          before: made.get(group.key) ?? 0,
        })),
      };
    },
    { readOnly: true },
  );
};
