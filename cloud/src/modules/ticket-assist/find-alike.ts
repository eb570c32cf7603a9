import type { Tx } from '../../db/index.js';
import { familySql } from '../tickets/begin/begun-from.js';
import type { Lessons } from './classify/classifier.js';
import { type Likeness, likenessOf, metresBetween, wordCosine, wordLikeness } from './likeness/likeness.js';
import { weightsOf } from './read-lessons.js';

/** What another ticket is compared with. */
export interface Described {
  readonly ticketId: string | null;
  readonly words: readonly string[];
  readonly requester: Buffer | null;
  readonly hallId: string | null;
  readonly deviceId: string | null;
  readonly place: { readonly lon: number; readonly lat: number } | null;
  readonly category: string | null;
}

interface Kept {
  readonly ticketId: string;
  readonly words: readonly string[];
  readonly requester: Buffer | null;
  readonly hallId: string | null;
  readonly deviceId: string | null;
  readonly lon: number | null;
  readonly lat: number | null;
  readonly category: string | null;
  readonly madeAt: Date;
}

const dayMs = 86_400_000;
/** Looked at of each way of being alike. */
const mostOfEach = 200;
/** Words by which others are looked for: the rarest. */
const tellingWords = 5;
/** A third of a degree of latitude is 37 km; this is about 330 m. */
const nearDegrees = 0.003;
const keptColumns = `a.ticket_id AS "ticketId", a.words, a.requester, a.hall_id AS "hallId", a.device_id AS "deviceId", a.lon, a.lat, a.category, a.made_at AS "madeAt"`;

/** The rarest of its words that were learned, and some that nobody closed a ticket with yet; those of one sign are in everything. */
const telling = (words: readonly string[], lessons: Lessons | undefined): { known: string[]; fresh: string[] } => {
  const weightOf = weightsOf(lessons);
  const long = words.filter((word) => word.length > 1);
  const isKnown = (word: string) => lessons?.counts.has(word) ?? false;
  const sorted = [...(long.length > 0 ? long : words)].sort((a, b) => weightOf(b) - weightOf(a));
  return {
    known: sorted.filter(isKnown).slice(0, tellingWords),
    fresh: sorted.filter((word) => !isKnown(word)).slice(0, tellingWords),
  };
};

export interface Alike extends Likeness {
  readonly ticketId: string;
}

/** Tickets of the last days that may be the same matter, the same event, or worth a look: best first. */
export const findAlike = async (
  tx: Tx,
  about: Described,
  options: {
    readonly now: number;
    readonly days: number;
    readonly lessons: Lessons | undefined;
    readonly most?: number;
  },
): Promise<Alike[]> => {
  const { now, days, lessons, most = 10 } = options;
  const weightOf = weightsOf(lessons);
  const { lon = 0, lat = 0 } = about.place ?? {};
  const { known, fresh } = telling(about.words, lessons);
  const { rows } = await tx.$client.query<Kept>(
    `WITH near AS (
       (SELECT ticket_id FROM assist_tickets_with($1, $2, false, $3))
       UNION (SELECT ticket_id FROM assist_tickets WHERE requester = $4 AND made_at >= $2 ORDER BY made_at DESC LIMIT $3)
       UNION (SELECT ticket_id FROM assist_tickets WHERE device_id = $5 AND made_at >= $2 ORDER BY made_at DESC LIMIT $3)
       UNION (SELECT ticket_id FROM assist_tickets
              WHERE $6 AND lat BETWEEN $7::float8 - $9 AND $7::float8 + $9 AND lon BETWEEN $8::float8 - 2 * $9 AND $8::float8 + 2 * $9
                AND made_at >= $2 ORDER BY made_at DESC LIMIT $3)
     )
     SELECT ${keptColumns} FROM near JOIN assist_tickets a USING (ticket_id) WHERE a.ticket_id IS DISTINCT FROM $10::uuid
       AND a.ticket_id NOT IN (${familySql('$10::uuid')})`,
    [
      ...[[...known, ...fresh], new Date(now - days * dayMs), mostOfEach, about.requester, about.deviceId],
      ...[about.place !== null, lat, lon, nearDegrees, about.ticketId],
    ],
  );
  const own = new Set(about.words);
  return rows
    .flatMap((row): Alike[] => {
      const place = row.lon === null || row.lat === null ? null : { lon: row.lon, lat: row.lat };
      const likeness = likenessOf({
        sameRequester: about.requester !== null && row.requester !== null && about.requester.equals(row.requester),
        metres: about.place && place ? metresBetween(about.place, place) : undefined,
        sameHall: about.hallId !== null && about.hallId === row.hallId,
        sameDevice: about.deviceId !== null && about.deviceId === row.deviceId,
        sameCategory: about.category !== null && about.category === row.category,
        hours: Math.abs(now - row.madeAt.getTime()) / 3_600_000,
        words: wordLikeness(own, new Set(row.words), weightOf),
      });
      return likeness ? [{ ...likeness, ticketId: row.ticketId }] : [];
    })
    .sort((a, b) => b.score - a.score || (a.ticketId < b.ticketId ? 1 : -1))
    .slice(0, most);
};

/** Closed tickets of like words whose answer may help, best first. */
export const findAnswers = async (
  tx: Tx,
  about: Described,
  options: { readonly lessons: Lessons | undefined; readonly most?: number },
): Promise<{ readonly ticketId: string; readonly likeness: number }[]> => {
  const { lessons, most = 5 } = options;
  const weightOf = weightsOf(lessons);
  const { rows } = await tx.$client.query<Pick<Kept, 'ticketId' | 'words' | 'category'>>(
    `SELECT ${keptColumns} FROM assist_tickets_with($1, '-infinity', true, $2) JOIN assist_tickets a USING (ticket_id)
     WHERE a.ticket_id IS DISTINCT FROM $3::uuid`,
    [telling(about.words, lessons).known, 2 * mostOfEach, about.ticketId],
  );
  const own = new Set(about.words);
  return rows
    .map(({ ticketId, words, category }) => {
      const likeness = wordCosine(own, new Set(words), weightOf);
      return { ticketId, likeness: category !== null && category === about.category ? likeness + 0.1 : likeness };
    })
    .filter(({ likeness }) => likeness >= 0.1)
    .sort((a, b) => b.likeness - a.likeness)
    .slice(0, most)
    .map((one) => ({ ...one, likeness: Math.min(1, one.likeness) }));
};
