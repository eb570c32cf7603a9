import type { Platform12345 } from '../../peers/platform-12345/platform.js';
import type { PlatformTicket } from '../../peers/platform-12345/platform-book.js';
import type { ExchangeResult } from './exchange-result.js';

export type Query = <T>(sql: string, values?: unknown[]) => Promise<T[]>;

interface HubTicket {
  owner: 'hub' | 'platform';
  number: string;
  state: string;
  extension: boolean;
  seq_in: number;
  seq_out: number;
  status: string;
  outcome: string | null;
  heard: string[];
  said: string[];
}

type Ends = Pick<
  ExchangeResult,
  | (
      | 'exchanged'
      | 'fromHub'
      | 'fromPlatform'
      | 'repeated'
      | 'refusedHere'
      | 'refusedThere'
      | 'files'
      | 'lost'
      | 'twice'
    )
  | ('differences' | 'endStates')
>;

/** Both ends line by line, from the hub’s tables and the platform’s memory, and not by the hub’s own comparison. */
export const compareEnds = async ({
  query,
  platform,
}: {
  readonly query: Query;
  readonly platform: Platform12345;
}): Promise<Ends> => {
  const hub = await query<HubTicket>(
    `SELECT k.owner, k.number, k.state, k.extension, k.seq_in, k.seq_out, t.status, t.outcome,
       ARRAY(SELECT act FROM exchange_messages m WHERE m.link_id = k.id AND direction = 'in' AND m.state = 'accepted' ORDER BY seq) AS heard,
       ARRAY(SELECT act FROM exchange_messages m WHERE m.link_id = k.id AND direction = 'out' AND m.state = 'accepted' ORDER BY seq) AS said
     FROM exchange_tickets k JOIN tickets t ON t.id = k.ticket_id`,
  );
  const here = new Map(hub.map((row) => [`${row.owner}:${row.number}`, row]));
  const differences: string[] = [];
  let lost = 0;
  const endStates: Record<string, number> = {};
  for (const [key, ticket] of platform.tickets) {
    const row = here.get(key);
    if (!row) {
      lost += 1;
      differences.push(`${key} is not at the hub`);
      continue;
    }
    endStates[ticket.state] = (endStates[ticket.state] ?? 0) + 1;
    const wrong = differenceOf(row, ticket);
    if (wrong) differences.push(`${key}: ${wrong}`);
    lost += Math.max(0, row.said.length - ticket.heard.length) + Math.max(0, ticket.sent.length - row.heard.length);
  }
  for (const key of here.keys()) {
    if (platform.tickets.has(key)) continue;
    lost += 1;
    differences.push(`${key} is not at the platform`);
  }
  const files = await compareFiles(query, platform, differences);
  const [twice] = await query<{ n: number }>(
    `SELECT (SELECT count(*) FROM (SELECT origin_system, origin_key FROM tickets WHERE origin_key IS NOT NULL GROUP BY 1, 2 HAVING count(*) > 1) x)
       + (SELECT count(*) FROM (SELECT ticket_id, sha256 FROM ticket_files WHERE ticket_id IS NOT NULL GROUP BY 1, 2 HAVING count(*) > 1) y)
       + (SELECT count(*) FROM (SELECT link_id, direction, seq FROM exchange_messages WHERE state = 'accepted' GROUP BY 1, 2, 3 HAVING count(*) > 1) z) AS n`,
  );
  const attempts = await query<{ direction: string; code: string; n: number }>(
    `SELECT direction, code, count(*)::int AS n FROM exchange_attempts WHERE code <> 'accepted' GROUP BY 1, 2`,
  );
  const byCode = (direction: string, isRepeated: boolean) =>
    attempts.filter((row) => row.direction === direction && (row.code === 'repeated') === isRepeated);
  const counted = (direction: string) => Object.fromEntries(byCode(direction, false).map(({ code, n }) => [code, n]));
  const repeated = attempts.reduce((sum, { code, n }) => sum + (code === 'repeated' ? n : 0), 0);
  return {
    ...{
      exchanged: [...platform.tickets.keys()].filter((key) => here.has(key)).length,
      lost,
      differences,
      endStates,
      files,
    },
    ...{ fromHub: hub.reduce((sum, { said }) => sum + said.length, 0) },
    ...{ fromPlatform: hub.reduce((sum, { heard }) => sum + heard.length, 0) },
    ...{ refusedHere: counted('in'), refusedThere: counted('out'), repeated, twice: Number(twice?.n ?? 0) },
  };
};

const differenceOf = (row: HubTicket, ticket: PlatformTicket): string | undefined => {
  if (row.state !== ticket.state) return `here ${row.state}, there ${ticket.state}`;
  if (row.extension !== ticket.extension) return 'extension';
  if (row.seq_in !== ticket.fromPlatform || row.seq_out !== ticket.fromHub) {
    return `counts: here ${row.seq_in} and ${row.seq_out}, there ${ticket.fromPlatform} and ${ticket.fromHub}`;
  }
  if (row.said.join() !== ticket.heard.join()) return `said ${row.said}, heard ${ticket.heard}`;
  const sent = ticket.sent.map((body) => (JSON.parse(body) as { act: string }).act);
  if (row.heard.join() !== sent.join()) return `heard ${row.heard}, was sent ${sent}`;
  if (row.status !== 'ended') return `the exchange is ${row.state}, the ticket ${row.status}`;
  const wanted = row.state === 'closed' ? 'closed' : 'cancelled';
  return row.outcome === wanted ? undefined : `the exchange is ${row.state}, the ticket ${row.outcome}`;
};

const compareFiles = async (query: Query, platform: Platform12345, differences: string[]) => {
  const rows = await query<{
    owner: string;
    number: string;
    direction: string;
    sha256: string;
    state: string;
    has: boolean;
  }>(
    `SELECT k.owner, k.number, f.direction, f.sha256, f.state,
       EXISTS (SELECT 1 FROM ticket_files t WHERE t.ticket_id = k.ticket_id AND t.sha256 = f.sha256) AS has
     FROM exchange_ticket_files f JOIN exchange_tickets k ON k.id = f.link_id`,
  );
  const of = { sent: 0, received: 0, leftOut: 0 };
  const came = new Set<string>();
  for (const { owner, number, direction, sha256, state, has } of rows) {
    const ticket = platform.tickets.get(`${owner}:${number}`);
    if (state === 'refused') of.leftOut += 1;
    else if (direction === 'out') {
      of.sent += 1;
      if (!ticket?.files.includes(sha256)) differences.push(`${owner}:${number}: a file that was sent is not there`);
    } else {
      of.received += 1;
      came.add(`${owner}:${number}:${sha256}`);
      if (!has) differences.push(`${owner}:${number}: a file that came is not the ticket’s`);
    }
  }
  for (const [key, ticket] of platform.tickets) {
    const first = JSON.parse(ticket.sent[0] ?? '{}') as { files?: { sha256: string }[] };
    if (ticket.owner !== 'platform') continue;
    for (const { sha256 } of first.files ?? []) {
      if (!came.has(`${key}:${sha256}`)) differences.push(`${key}: a file of the platform’s did not come`);
    }
  }
  return of;
};
