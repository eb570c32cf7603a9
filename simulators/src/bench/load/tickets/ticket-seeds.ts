import type { TicketKind } from '@hallhub/shared/ticket';
import type { Database } from '../../../../../cloud/src/db/index.js';
import { wordsOfTicket } from '../../../../../cloud/src/modules/ticket-assist/learn/what-it-says.js';
import { wordsOf } from '../../../../../cloud/src/modules/tickets/store/words-of.js';
import { seededRandom } from '../../../random.js';
import { categories, requestTexts } from '../../tickets/request-texts.js';
import type { TicketStamp } from './ticket-stamps.js';
import type { Town, TownRole } from './ticket-town.js';
import type { WalkedTicket } from './ticket-walks.js';

type Pool = Database['ownerPool'];

export interface SeedShape {
  readonly tickets: number;
  /** Of them. */
  readonly open: number;
  readonly texts: number;
}

/** What of a hundred tickets is of which kind. */
const shares: Readonly<Record<string, number>> = {
  ...{ citizen_request: 60, complaint: 12, repair: 10, video_case: 8, data_feed: 4, incident: 3, supervised_task: 3 },
};

/** Walks by how often they are copied: each as many times as its kind's share has among its like. */
const slotsOf = (walked: readonly WalkedTicket[], hasEnded: boolean): number[] => {
  const like = walked.map((one, nth) => ({ ...one, nth })).filter((one) => one.hasEnded === hasEnded);
  return Object.entries(shares).flatMap(([kind, share]) => {
    const its = like.filter((one) => one.kind === kind);
    if (its.length === 0) throw new Error(`no walk of ${kind} ${hasEnded ? 'was closed' : 'is open'}`);
    return Array.from({ length: share * 6 }, (_, i) => its[i % its.length]?.nth ?? 0);
  });
};

/** Texts with their words as the product finds them: for the search, and for suggestions. */
export const makeTexts = async (pool: Pool, { kind, count }: { readonly kind: TicketKind; readonly count: number }) => {
  const { rows: leaves } = await pool.query<{ root: string; leaf: string }>(
    `SELECT parent AS root, code AS leaf FROM categories WHERE tree = 'matters' AND parent IS NOT NULL ORDER BY position, code`,
  );
  const all = requestTexts(count, seededRandom(7), 0).map(({ text, category }, n) => {
    const place = /(?:路|街|区|园|村|口|场|栋|舍|站|社区)/.exec(text);
    const title = text.slice(0, 24);
    const fields = { title, content: text, place: { text: (place?.input ?? text).slice(0, 6) } };
    const { root, leaf } = leaves[categories.indexOf(category) % leaves.length] ?? { root: 'works', leaf: 'lighting' };
    return {
      ...{ n, title, content: text, place: fields.place.text, root, leaf },
      words: wordsOf('', kind, fields).filter((word) => word !== ''),
      assist: wordsOfTicket(kind, fields),
    };
  });
  await pool.query(
    `CREATE UNLOGGED TABLE bench_texts AS SELECT x.n, x.title, x.content, x.place, x.root, x.leaf, array_to_tsvector(ARRAY(SELECT jsonb_array_elements_text(x.words))) AS words,
       ARRAY(SELECT jsonb_array_elements_text(x.assist)) AS assist_words, x.assist AS taught_words
     FROM jsonb_to_recordset($1::jsonb) AS x(n int, title text, content text, place text, root text, leaf text, words jsonb, assist jsonb)`,
    [JSON.stringify(all)],
  );
  await pool.query('ANALYZE bench_texts');
};

/** A pseudo-random number of a ticket, the same in every run. */
const hash = (salt: number): string => `(hashint8extended(n::bigint, ${salt}) & 9007199254740991)`;
/** Ids and names: nothing in them needs a quote. */
const texts = (all: readonly string[]): string => `'{${all.join(',')}}'::text[]`;
const ints = (all: readonly number[]): string => `'{${all.join(',')}}'::int[]`;
const pick = (all: string, salt: number): string => `(${all})[1 + ${hash(salt)} % cardinality(${all})]`;
const han = (salt: number): string => `chr((19968 + ${hash(salt)} % 6000)::int)`;
const uuidOf = (third: string): string => `left(t, 8) || '-' || right(t, 4) || '-' || ${third} || '-8000-' || low`;

/** What a ticket has of its own: its id, words and place; people of each role; then tasks and instants. */
const ownTexts = ({ people, halls, handlingOffices }: Town): string => {
  const by = (role: TownRole) => people.filter((one) => one.role === role);
  const person = (role: TownRole, salt: number) => [
    pick(texts(by(role).map(({ id }) => id)), salt),
    pick(texts(by(role).map(({ name }) => name)), salt),
  ];
  const handlers = by('handler');
  const each = handlers.length / handlingOffices.length;
  const handler = (all: readonly string[]) => `(${texts(all)})[1 + o * ${each} + ${hash(8)} % ${each}]`;
  return [
    ...['id', 'title', 'content', 'place_text', 'lon::text', 'lat::text'],
    ...[`(${texts(halls.map(({ id }) => id))})[1 + h]`, `(${texts(halls.map(({ regionId }) => regionId))})[1 + h]`],
    `(${texts(handlingOffices)})[1 + o]`,
    ...[...person('reception', 5), ...person('dispatch', 6)],
    ...[handler(handlers.map(({ id }) => id)), handler(handlers.map(({ name }) => name))],
    ...person('visits', 7),
    ...['root', 'leaf', 'number'],
  ].join(', ');
};

const dayMs = 86_400_000;

/**
 * One row a ticket: which walk it copies, when it was made, and all it has of its own. The closed ones over three years, the
 * open ones at the end, newest last, so that the tables lie in the order in which tickets were made.
 */
export const makeSeeds = async (
  pool: Pool,
  of: {
    readonly town: Town;
    readonly walked: readonly (WalkedTicket & { readonly prefix: string; readonly stamp: TicketStamp })[];
    readonly shape: SeedShape;
    readonly now: number;
  },
): Promise<void> => {
  const { town, walked, shape, now } = of;
  await pool.query(
    `CREATE UNLOGGED TABLE bench_walks AS SELECT * FROM jsonb_to_recordset($1::jsonb) AS x(stamp int, prefix text, lasted bigint, tasks int, deltas bigint[])`,
    [
      JSON.stringify(
        walked.map(({ madeAt, lastAt, prefix, stamp }, nth) => ({
          ...{ stamp: nth, prefix, lasted: lastAt - madeAt, tasks: stamp.tasks, deltas: stamp.deltas },
        })),
      ),
    ],
  );
  const closed = shape.tickets - shape.open;
  const [openSlots, closedSlots] = [ints(slotsOf(walked, false)), ints(slotsOf(walked, true))];
  await pool.query(
    `CREATE UNLOGGED TABLE bench_seeds AS
     WITH plain AS MATERIALIZED (
       SELECT n::int AS n, n > ${closed} AS is_open, CASE WHEN n > ${closed} THEN ${pick(openSlots, 1)} ELSE ${pick(closedSlots, 1)} END AS stamp,
         (${hash(2)} % ${shape.texts})::int AS text, (${hash(3)} % ${town.halls.length})::int AS h, (${hash(4)} % ${town.handlingOffices.length})::int AS o,
         power((${hash(9)} % 1000000) / 1000000.0, 2) AS waits
       FROM generate_series(1, ${shape.tickets}) n),
     timed AS (
       SELECT p.*, w.prefix, w.deltas, w.tasks, CASE WHEN is_open THEN ${now}::bigint - w.lasted - (waits * ${4 * dayMs})::bigint
         ELSE ${now - 9 * dayMs}::bigint - ((1 - n::float8 / ${closed}) * ${1_086 * dayMs})::bigint END AS ms
       FROM plain p JOIN bench_walks w ON w.stamp = p.stamp),
     named AS (
       SELECT m.*, ${han(20)} || ${han(21)} || ${han(22)} AS rare_name, (${hash(10)} % 900 + 1)::text AS house,
         prefix || to_char(to_timestamp(ms / 1000.0), 'YYYYMMDD') || lpad((n % 1000000)::text, 6, '0') AS number,
         round((117.0 + (${hash(11)} % 6000) / 10000.0)::numeric, 4)::float8 AS lon, round((31.6 + (${hash(12)} % 5000) / 10000.0)::numeric, 4)::float8 AS lat,
         lpad(to_hex(ms), 12, '0') AS t, lpad(to_hex(n), 12, '0') AS low
       FROM timed m),
     told AS (
       SELECT m.*, x.title || '（' || rare_name || '）' AS title, x.content, x.place || house || '号' AS place_text, x.root, x.leaf, ${uuidOf(`'7000'`)} AS id
       FROM named m JOIN bench_texts x ON x.n = m.text)
     SELECT n, stamp, ms, text, number, lon, lat, ARRAY[rare_name] AS rare,
       decode(md5((${hash(13)} % 600000)::text) || md5((${hash(13)} % 600000)::text), 'hex') AS requester,
       array_to_tsvector(ARRAY[lower(number), substr(number, length(prefix) + 1), right(number, 5), left(rare_name, 2), right(rare_name, 2), right(rare_name, 1), house, '号']) AS own_words,
       ARRAY[${ownTexts(town)}] || (SELECT array_agg(${uuidOf(`'7' || lpad(to_hex(i), 3, '0')`)} ORDER BY i) FROM generate_series(1, tasks) i)
         || (SELECT array_agg((ms + d)::text ORDER BY i) FROM unnest(deltas) WITH ORDINALITY AS y(d, i)) AS a
     FROM told ORDER BY n`,
  );
  await pool.query('ANALYZE bench_seeds');
};
