import type { Tx } from '../../db/index.js';
import { defaultZone } from '../calendars/calendar-book.js';
import type { TicketHook, TicketLines } from '../tickets/ticket-hooks.js';
import { factsOf } from './facts-of.js';

const zoneOf = async (tx: Tx, hallId: string | null): Promise<string> => {
  if (hallId === null) return defaultZone;
  const { rows } = await tx.$client.query<{ zone: string }>('SELECT time_zone AS zone FROM halls WHERE id = $1', [
    hallId,
  ]);
  return rows[0]?.zone ?? defaultZone;
};

/** The first time that anybody took it up. */
const signedS = ({ after, events }: TicketLines): number | null => {
  const first = events.find(({ type }) => type === 'signed' || type === 'finished' || type === 'returned');
  return first ? Math.max(0, Math.round((first.at - after.madeAt) / 1_000)) : null;
};

const keepFacts = async (tx: Tx, lines: TicketLines): Promise<void> => {
  const { ticket, kind, after } = lines;
  const facts = factsOf(kind, after, await zoneOf(tx, ticket.hallId));
  const row = {
    ...{
      kind: kind.code,
      source: ticket.source,
      level: after.level,
      hall_id: ticket.hallId,
      region_id: ticket.regionId,
    },
    ...{ category: facts.category, made_day: facts.madeDay, made_hour: facts.madeHour, ended_day: facts.endedDay },
    ...{ outcome: facts.outcome, office_id: facts.officeId, person_id: facts.personId, solved: facts.solved },
    ...{ fed_back: facts.fedBack, confirmed: facts.confirmed, returned: facts.returned, reopened: facts.reopened },
    ...{ extended: facts.extended, supervised: facts.supervised, satisfaction: facts.satisfaction },
    ...{ red_at: facts.endedDay === null || ticket.redAt === null ? null : new Date(ticket.redAt) },
    promised: ticket.promised,
    ...{ signed_s: signedS(lines), solved_s: facts.solvedS, ended_s: facts.endedS },
    choices: JSON.stringify(facts.choices),
  };
  const columns = Object.keys(row);
  const set = columns.map((one) =>
    one === 'signed_s' ? 'signed_s = coalesce(ticket_facts.signed_s, excluded.signed_s)' : `${one} = excluded.${one}`,
  );
  await tx.$client.query(
    `INSERT INTO ticket_facts (tenant_id, ticket_id, ${columns.join(', ')}) VALUES ($1, $2, ${columns.map((_, i) => `$${i + 3}`).join(', ')})
     ON CONFLICT (tenant_id, ticket_id) DO UPDATE SET ${set.join(', ')}`,
    [ticket.tenantId, ticket.id, ...Object.values(row)],
  );
};

/** Keeps what is counted, in the transaction of each act. */
export const statisticsHook: TicketHook = {
  onLines: (tx, _ctx, lines) => keepFacts(tx, lines),
  onSealed: (tx, _ctx, { ticket, kind, after }) => keepFacts(tx, { ticket, kind, before: after, after, events: [] }),
};
