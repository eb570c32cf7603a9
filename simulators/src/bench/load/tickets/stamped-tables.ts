import type { Database } from '../../../../../cloud/src/db/index.js';
import type { TicketStamp } from './ticket-stamps.js';

type Pool = Database['ownerPool'];

/** Tables that hold a ticket, and by which column. Columns that are not copied as they were: see `seed`. */
export const stampedTables = {
  tickets: 'id',
  ticket_words: 'ticket_id',
  ticket_history: 'ticket_id',
  ticket_tasks: 'ticket_id',
  ticket_doers: 'ticket_id',
  ticket_clocks: 'ticket_id',
  ticket_clock_events: 'ticket_id',
  ticket_facts: 'ticket_id',
  assist_tickets: 'ticket_id',
} as const;
export type StampedTable = keyof typeof stampedTables;

interface Column {
  readonly name: string;
  readonly type: string;
}

/** What each column of a copy is made of, where it is not what the walked ticket has. `s` is the copy's seed, `t` its text, `x` the stamp. */
const special: Readonly<Partial<Record<StampedTable, Readonly<Record<string, string>>>>> = {
  tickets: {
    number: 's.number',
    requester: 's.requester',
    lon: 's.lon',
    lat: 's.lat',
  },
  ticket_words: {
    words: `x.words || t.words || s.own_words || array_to_tsvector(ARRAY[ticket_week_word(x.tenant_id::uuid, ticket_week(to_timestamp(s.ms / 1000.0)))])`,
  },
  ticket_clock_events: {
    noted_at: `CASE WHEN to_timestamp((s.ms + x.at) / 1000.0) <= $3 THEN to_timestamp((s.ms + x.at) / 1000.0) END`,
  },
  ticket_facts: {
    made_day: `(to_timestamp(s.ms / 1000.0) AT TIME ZONE 'Asia/Shanghai')::date`,
    made_hour: `extract(hour FROM to_timestamp(s.ms / 1000.0) AT TIME ZONE 'Asia/Shanghai')::smallint`,
    ended_day: `(to_timestamp((s.ms + x.ended_after) / 1000.0) AT TIME ZONE 'Asia/Shanghai')::date`,
  },
  assist_tickets: {
    words: 't.assist_words || s.rare',
    requester: 's.requester',
    lon: 's.lon',
    lat: 's.lat',
    taught: `CASE WHEN x.taught IS NOT NULL THEN jsonb_build_object('labels', format(x.taught, VARIADIC s.a)::jsonb, 'words', t.taught_words) END`,
  },
};

const columnsOf = async (pool: Pool, table: string): Promise<Column[]> => {
  const { rows } = await pool.query<Column>(
    `SELECT column_name AS name, data_type AS type FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position`,
    [table],
  );
  return rows;
};

/** How a column lies in the table of stamps. */
const stampType = ({ type }: Column): string => {
  if (type === 'timestamp with time zone') return 'bigint';
  if (type === 'uuid' || type === 'jsonb' || type === 'text') return 'text';
  return type === 'ARRAY' ? 'text[]' : type;
};

const copyOf = (table: StampedTable, column: Column): string => {
  const said = special[table]?.[column.name];
  if (said !== undefined) return said;
  const at = `x.${column.name}`;
  switch (column.type) {
    case 'timestamp with time zone':
      // Beyond all times: never due.
      return `CASE WHEN ${at} > 1e15 THEN 'infinity'::timestamptz ELSE to_timestamp((s.ms + ${at}) / 1000.0) END`;
    case 'uuid':
    case 'jsonb':
      return `format(${at}, VARIADIC s.a)::${column.type}`;
    case 'text':
      return `CASE WHEN strpos(${at}, '%') = 0 THEN ${at} ELSE format(${at}, VARIADIC s.a) END`;
    default:
      return at;
  }
};

/** The statement that copies a table's rows for seeds from `$1` to `$2`; `$3` is now. */
export const copyStatement = async (pool: Pool, table: StampedTable): Promise<string> => {
  const columns = await columnsOf(pool, table);
  const needsText = table === 'ticket_words' || table === 'assist_tickets';
  return `INSERT INTO ${table} (${columns.map(({ name }) => name).join(', ')})
    SELECT ${columns.map((column) => copyOf(table, column)).join(', ')}
    FROM bench_seeds s JOIN bench_stamp_${table} x ON x.stamp = s.stamp ${needsText ? 'JOIN bench_texts t ON t.n = s.text' : ''}
    WHERE s.n BETWEEN $1 AND $2 AND $3::timestamptz IS NOT NULL`;
};

const instantDelta = (value: unknown, madeAt: number): number | null => {
  if (value === null || value === undefined) return null;
  return value === 'infinity' ? 9e15 : Date.parse(String(value)) - madeAt;
};

/** Puts what a walked ticket left in one table among the stamps. */
export const keepStamps = async (
  pool: Pool,
  table: StampedTable,
  walked: readonly {
    readonly nth: number;
    readonly id: string;
    readonly madeAt: number;
    readonly stamp: TicketStamp;
  }[],
): Promise<void> => {
  const columns = await columnsOf(pool, table);
  const extra = table === 'ticket_facts' ? ', ended_after bigint' : '';
  await pool.query(
    `CREATE UNLOGGED TABLE bench_stamp_${table} (stamp int, ${columns.map((one) => `${one.name} ${stampType(one)}`).join(', ')}${extra})`,
  );
  const { rows } = await pool.query<{ row: Record<string, unknown>; ended_at: Date | null }>(
    `SELECT to_jsonb(x) AS row, t.ended_at FROM ${table} x JOIN tickets t ON t.id = x.${stampedTables[table]} WHERE t.id = ANY($1::uuid[])`,
    [walked.map(({ id }) => id)],
  );
  const byId = new Map(walked.map((one) => [one.id, one]));
  const stamped = rows.map(({ row, ended_at }) => {
    const of = byId.get(String(row[stampedTables[table]]));
    if (!of) throw new Error('a row of no walked ticket');
    const entries = columns.map(({ name, type }): [string, unknown] => {
      const value = row[name];
      if (type === 'timestamp with time zone') return [name, instantDelta(value, of.madeAt)];
      if (value === null || value === undefined) return [name, null];
      if (name === 'taught') return [name, of.stamp.json((value as { labels: unknown }).labels)];
      if (type === 'jsonb') return [name, of.stamp.json(value)];
      if (type === 'uuid' || type === 'text') return [name, of.stamp.text(String(value))];
      return [name, value];
    });
    const endedAfter = ended_at === null ? null : ended_at.getTime() - of.madeAt;
    return { stamp: of.nth, ended_after: endedAfter, ...Object.fromEntries(entries) };
  });
  const names = ['stamp', ...columns.map(({ name }) => name), ...(extra ? ['ended_after'] : [])];
  await pool.query(
    `INSERT INTO bench_stamp_${table} (${names.join(', ')}) SELECT ${names.join(', ')} FROM jsonb_populate_recordset(NULL::bench_stamp_${table}, $1::jsonb)`,
    [JSON.stringify(stamped)],
  );
  await pool.query(`ANALYZE bench_stamp_${table}`);
};
