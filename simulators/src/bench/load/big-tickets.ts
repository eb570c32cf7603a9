import type { TicketKind } from '@hallhub/shared/ticket';
import type { Database } from '../../../../cloud/src/db/index.js';
import { copyStatement, keepStamps, type StampedTable, stampedTables } from './tickets/stamped-tables.js';
import { makeSeeds, makeTexts, type SeedShape } from './tickets/ticket-seeds.js';
import { TicketStamp } from './tickets/ticket-stamps.js';
import { makeTown, type Town } from './tickets/ticket-town.js';
import { type Cast, castOf, type WalkedTicket, walkTickets } from './tickets/ticket-walks.js';

type Pool = Database['ownerPool'];

export interface BigTickets {
  readonly tickets: number;
  readonly open: number;
  readonly historyLines: number;
  readonly runningClocks: number;
  readonly bytes: number;
  readonly town: Town;
}

interface Progress {
  readonly progress: (text: string) => void;
}

const tables = Object.keys(stampedTables) as StampedTable[];

/**
 * So many tickets with history, tasks, clocks and all that lists, search, statistics and suggestions read of them. Some went
 * their way by the product's own code; the rest are copies, written by SQL, with words, people, places and instants of their own.
 */
export const makeBigTickets = async (
  database: Database,
  { shape, folder, progress }: { readonly shape: SeedShape; readonly folder: string } & Progress,
): Promise<BigTickets> => {
  const pool = database.ownerPool;
  const town = await makeTown(pool);
  const cast = castOf(town);
  const walked = await walkTickets(database, { town, cast, folder });
  progress(`${walked.length} tickets went their way, ${walked.filter(({ hasEnded }) => hasEnded).length} to their end`);
  const stamped = await stampAll(pool, { town, cast, walked });
  const { rows } = await pool.query<{ document: TicketKind }>(
    `SELECT document FROM ticket_kind_versions WHERE code = 'citizen_request' ORDER BY version DESC LIMIT 1`,
  );
  const [kind] = rows;
  if (!kind) throw new Error('there is no kind of requests');
  await makeTexts(pool, { kind: kind.document, count: shape.texts });
  const now = Date.now();
  await makeSeeds(pool, { town, walked: stamped, shape, now });
  progress('what copies have of their own');
  await copyAll(pool, { tickets: shape.tickets, now: new Date(now), progress });
  await learn(pool, town.tenantId);
  const { rows: sums } = await pool.query<{ history: string; clocks: string; bytes: string; open: string }>(
    `SELECT (SELECT count(*) FROM ticket_history) AS history, (SELECT count(*) FROM ticket_clocks WHERE ended_at IS NULL) AS clocks,
       (SELECT count(*) FROM tickets WHERE status <> 'ended') AS open,
       (SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c WHERE c.relname ~ '^(tickets|ticket_|assist_)' AND c.relkind = 'r') AS bytes`,
  );
  const [sum] = sums;
  const names = ['bench_seeds', 'bench_texts', 'bench_walks', ...tables.map((table) => `bench_stamp_${table}`)];
  await pool.query(`DROP TABLE ${names.join(', ')}`);
  return {
    ...{ tickets: shape.tickets, open: Number(sum?.open), historyLines: Number(sum?.history) },
    ...{ runningClocks: Number(sum?.clocks), bytes: Number(sum?.bytes), town },
  };
};

type Stamped = WalkedTicket & { readonly nth: number; readonly prefix: string; readonly stamp: TicketStamp };

const stampAll = async (
  pool: Pool,
  of: { readonly town: Town; readonly cast: Cast; readonly walked: readonly WalkedTicket[] },
): Promise<Stamped[]> => {
  const { town, cast, walked } = of;
  const regionId = town.halls[0]?.regionId ?? '';
  const { rows } = await pool.query<{ id: string; number: string; tasks: string[] }>(
    `SELECT t.id, t.number, array(SELECT k.id::text FROM ticket_tasks k WHERE k.ticket_id = t.id ORDER BY k.id) AS tasks FROM tickets t WHERE id = ANY($1::uuid[])`,
    [walked.map(({ id }) => id)],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  const stamped = walked.map((one, nth): Stamped => {
    const row = byId.get(one.id);
    if (!row) throw new Error('a walked ticket is not there');
    const ticket = { ...one, number: row.number };
    const stamp = new TicketStamp({
      ticket,
      taskIds: row.tasks,
      cast,
      handlingOffices: town.handlingOffices,
      regionId,
    });
    return { ...one, nth, prefix: /^\D*/.exec(row.number)?.[0] ?? '', stamp };
  });
  for (const table of tables) await keepStamps(pool, table, stamped);
  for (const { nth, id } of stamped) {
    const number = byId.get(id)?.number ?? '';
    const digits = number.replace(/^\D+/, '');
    const stood = [
      'zzqtitle',
      'zzqcontent',
      'zzqplace',
      number.toLowerCase(),
      digits,
      digits.slice(-5),
      digits.slice(-4),
    ];
    await pool.query(
      `UPDATE bench_stamp_ticket_words SET words = ts_delete(words, $2::text[] || ARRAY(SELECT w FROM unnest(tsvector_to_array(words)) w WHERE w LIKE '@%'))
       WHERE stamp = $1`,
      [nth, stood],
    );
  }
  return stamped;
};

/** Copies with neither second indexes nor foreign keys; both are made again as the migrations made them. */
const copyAll = async (pool: Pool, of: { readonly tickets: number; readonly now: Date } & Progress): Promise<void> => {
  const { rows: keys } = await pool.query<{ table: string; name: string; text: string }>(
    `SELECT conrelid::regclass::text AS table, conname AS name, pg_get_constraintdef(oid) AS text FROM pg_constraint
     WHERE contype = 'f' AND conrelid = ANY($1::text[]::regclass[])`,
    [tables],
  );
  const { rows: indexes } = await pool.query<{ name: string; text: string; table: string }>(
    `SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS text, i.indrelid::regclass::text AS table FROM pg_index i
     WHERE i.indrelid = ANY($1::text[]::regclass[]) AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)`,
    [tables],
  );
  for (const { table, name } of keys) await pool.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`);
  for (const { name } of indexes) await pool.query(`DROP INDEX ${name}`);
  const parts = 4;
  const copies: Work[] = [];
  for (const table of [
    'tickets',
    'ticket_words',
    'ticket_history',
    'assist_tickets',
    'ticket_tasks',
    'ticket_clocks',
    'ticket_clock_events',
    'ticket_doers',
    'ticket_facts',
  ] as const) {
    const text = await copyStatement(pool, table);
    for (let part = 0; part < parts; part++) {
      const [first, last] = [0, 1].map((end) => Math.floor((of.tickets * (part + end)) / parts)) as [number, number];
      copies.push({ text, values: [first + 1, last, of.now] });
    }
  }
  const beganMs = performance.now();
  const seconds = () => `${Math.round((performance.now() - beganMs) / 1_000)} s`;
  await inTwo(pool, copies);
  of.progress(`copied after ${seconds()}`);
  // The longest first.
  const heavy = [...indexes].sort((a, b) => Number(b.text.includes('gin')) - Number(a.text.includes('gin')));
  await inTwo(
    pool,
    heavy.map(({ text }) => ({ text })),
  );
  of.progress(`indexes after ${seconds()}`);
  await inTwo(
    pool,
    tables.map((table) => ({ text: `VACUUM (FREEZE, ANALYZE) ${table}` })),
  );
  for (const { table, name, text } of keys) await pool.query(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${text}`);
  of.progress(`foreign keys after ${seconds()}`);
};

interface Work {
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** One after the other, over two connections. */
const inTwo = async (pool: Pool, works: readonly Work[]): Promise<void> => {
  const left = [...works];
  const worker = async () => {
    const client = await pool.connect();
    try {
      await client.query(`SET maintenance_work_mem = '1GB'; SET work_mem = '256MB'; SET synchronous_commit = off`);
      for (let work = left.shift(); work; work = left.shift()) await client.query(work.text, [...(work.values ?? [])]);
    } finally {
      client.release(true);
    }
  };
  await Promise.all([worker(), worker()]);
};

/** What suggestions learned of the closed ones: of each text so often as it was copied. */
const learn = async (pool: Pool, tenantId: string): Promise<void> => {
  await pool.query('DELETE FROM assist_waiting WHERE tenant_id = $1', [tenantId]);
  await pool.query(
    `CREATE UNLOGGED TABLE bench_lessons AS SELECT n.label, n.text, n.tickets, t.assist_words FROM
       (SELECT 'matters:' || (s.a)[18] || '/' || (s.a)[19] AS label, s.text, count(*)::int AS tickets FROM bench_seeds s GROUP BY 1, 2) n JOIN bench_texts t ON t.n = n.text`,
  );
  const purposes = [
    ['category:matters', `split_part(label, ':', 2)`],
    ['words', `'all'`],
  ] as const;
  for (const [purpose, label] of purposes) {
    await pool.query(
      `INSERT INTO assist_labels (tenant_id, purpose, label, tickets, words)
       SELECT $1, $2, ${label}, sum(tickets), sum(tickets * cardinality(assist_words)) FROM bench_lessons GROUP BY 3 ON CONFLICT DO NOTHING`,
      [tenantId, purpose],
    );
    await pool.query(
      `INSERT INTO assist_words (tenant_id, purpose, word, label, tickets)
       SELECT $1, $2, w, ${label}, sum(tickets) FROM bench_lessons, unnest(assist_words) w GROUP BY 3, 4 ON CONFLICT DO NOTHING`,
      [tenantId, purpose],
    );
    await pool.query(
      `INSERT INTO assist_purposes (tenant_id, purpose, vocabulary, learned_at)
       SELECT $1, $2, count(DISTINCT word), now() FROM assist_words WHERE tenant_id = $1 AND purpose = $2 ON CONFLICT DO NOTHING`,
      [tenantId, purpose],
    );
  }
  await pool.query('DROP TABLE bench_lessons; ANALYZE assist_words');
};
