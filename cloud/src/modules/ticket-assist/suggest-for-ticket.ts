import { HubError } from '@hallhub/shared';
import { categoryOf, type TicketKind, type TicketRow } from '@hallhub/shared/ticket';
import { sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../db/index.js';
import type { VerbContext } from '../access/verb-context.js';
import { PartyBook } from '../offices/party-book.js';
import { readKind } from '../ticket-kinds/kind-book.js';
import { requesterHash } from '../tickets/store/seal-fields.js';
import { partiesOf } from '../tickets/store/ticket-world.js';
import { ticketDeps } from '../tickets/ticket-deps.js';
import { readRows } from '../tickets/verbs/read-rows.js';
import { withinReach } from '../tickets/verbs/ticket-where.js';
import { appointedOffices } from './appointed-offices.js';
import type { Suggestions } from './contract.js';
import { type Described, findAlike, findAnswers } from './find-alike.js';
import { answerFields, textOfTicket, wordsOfTicket } from './learn/what-it-says.js';
import { readLessons } from './read-lessons.js';
import { readSensitive } from './sensitive-book.js';
import { purposesOf, suggestLabels } from './suggest-labels.js';
import { organisationsIn, scopesIn } from './text/organisations.js';

export interface SuggestFor {
  readonly kind: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly hallId: string | null;
  readonly deviceId: string | null;
  readonly ticketId: string | null;
}

const brief = ({ id, number, title, kind, state, light, madeAt, endedAt }: TicketRow) => ({
  ...{ id, number, title, kind, state, light, madeAt, endedAt },
});

const placeIn = (kind: TicketKind, fields: SuggestFor['fields']): Described['place'] => {
  for (const { key, type, personal } of kind.fields) {
    const value = type === 'place' && !personal ? (fields[key] as { lon?: unknown; lat?: unknown } | null) : null;
    if (typeof value?.lon === 'number' && typeof value.lat === 'number') return { lon: value.lon, lat: value.lat };
  }
  return null;
};

/** Of these tickets those that the reader may see, by id. */
const visible = async (
  tx: Tx,
  ctx: VerbContext,
  { ids, book }: { readonly ids: readonly string[]; readonly book: PartyBook },
): Promise<ReadonlyMap<string, TicketRow>> => {
  const now = ctx.clock.now();
  const mine = partiesOf(book, ctx.actor.userId, now);
  const reach = withinReach({ actor: ctx.actor, mine, now }) ?? sql`true`;
  const { rows } = (await tx.execute(
    sql`SELECT t.id FROM tickets t WHERE t.tenant_id = ${ctx.actor.tenantId} AND t.id = ANY(${sql.param([...ids])}::uuid[]) AND ${reach}`,
  )) as unknown as { rows: { id: string }[] };
  const shown = await readRows(
    tx,
    rows.map(({ id }) => id),
    { tenantId: ctx.actor.tenantId, book, mine, now },
  );
  return new Map(shown.map((row) => [row.id, row]));
};

/** Of a ticket that is there: whoever asks may see its number masked, and the mask is nobody's number. */
const requesterOf = async (
  tx: Tx,
  ctx: VerbContext,
  { ticketId, book }: { readonly ticketId: string | null; readonly book: PartyBook },
): Promise<Buffer | null> => {
  if (ticketId === null) return null;
  const seen = await visible(tx, ctx, { ids: [ticketId], book });
  if (!seen.has(ticketId)) throw new HubError('not_found', 'There is no such ticket');
  const { rows } = await tx.$client.query<{ requester: Buffer | null }>(
    'SELECT requester FROM tickets WHERE tenant_id = $1 AND id = $2',
    [ctx.actor.tenantId, ticketId],
  );
  return rows[0]?.requester ?? null;
};

/** What was answered then, of fields that are not personal. */
const readAnswers = async (
  tx: Tx,
  tenantId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Suggestions['answers'][number]['answer']>> => {
  const { rows } = await tx.$client.query<{
    id: string;
    kind: string;
    version: number;
    fields: Record<string, unknown>;
  }>(
    `SELECT id, kind, kind_version AS version, state->'fields' AS fields FROM tickets WHERE tenant_id = $1 AND id = ANY($2::uuid[])`,
    [tenantId, ids],
  );
  const answers = new Map<string, Suggestions['answers'][number]['answer']>();
  for (const { id, kind: code, version, fields } of rows) {
    const kind = (await readKind(tx, tenantId, code, version))?.kind;
    const answer = (kind ? answerFields(kind) : []).flatMap((key) => {
      const [field, text] = [kind?.fields.find((one) => one.key === key), fields[key]];
      return field && typeof text === 'string' && text.trim() !== '' ? [{ field: key, label: field.label, text }] : [];
    });
    if (answer.length > 0) answers.set(id, answer);
  }
  return answers;
};

/** All that helps whoever registers or dispatches a ticket, of what it says so far. Nothing is written. Errors: `not_found` (kind). */
export const suggestForTicket = async (ctx: VerbContext, input: SuggestFor): Promise<Suggestions> => {
  const { tenantId } = ctx.actor;
  const { sealing } = ticketDeps(ctx.db);
  return withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const published = await readKind(tx, tenantId, input.kind);
      if (!published) throw new HubError('not_found', 'There is no such kind of ticket');
      const { kind } = published;
      const words = wordsOfTicket(kind, input.fields);
      const book = await PartyBook.load(tx, tenantId, undefined, { asksForSkills: false });
      const lessons = await readLessons(tx, tenantId, { purposes: purposesOf(kind), words });
      const about: Described = {
        ...{ ticketId: input.ticketId, words, hallId: input.hallId, deviceId: input.deviceId },
        requester:
          (await requesterOf(tx, ctx, { ticketId: input.ticketId, book })) ??
          // Who registers types numbers that they were told. Others could try numbers until one fits a masked one.
          (ctx.actor.canAnywhere('ticket.make')
            ? requesterHash(sealing, { tenantId, kind, fields: input.fields })
            : null),
        ...{ place: placeIn(kind, input.fields), category: categoryOf(kind, input.fields) },
      };
      const found = { now: ctx.clock.now(), days: kind.duplicatesWithinDays, lessons: lessons.get('words') };
      const alike = words.length + Number(about.requester !== null) > 0 ? await findAlike(tx, about, found) : [];
      const answered = words.length > 0 ? await findAnswers(tx, about, found) : [];
      const rows = await visible(tx, ctx, { ids: [...alike, ...answered].map(({ ticketId }) => ticketId), book });
      const answers = await readAnswers(
        tx,
        tenantId,
        answered.map(({ ticketId }) => ticketId).filter((id) => rows.has(id)),
      );
      const text = textOfTicket(kind, input.fields);
      const { hallId, fields } = input;
      return {
        appointed: await appointedOffices(tx, tenantId, { kind, fields, hallId, place: about.place, book }),
        ...(await suggestLabels(tx, tenantId, { kind, words, lessons, book })),
        alike: alike.flatMap(({ ticketId, as, score, because }) => {
          const row = rows.get(ticketId);
          return row ? [{ as, score, because: [...because], ticket: brief(row) }] : [];
        }),
        answers: answered.flatMap(({ ticketId, likeness }) => {
          const [row, answer] = [rows.get(ticketId), answers.get(ticketId)];
          return row && answer ? [{ ticket: brief(row), likeness, answer }] : [];
        }),
        sensitive: await sensitiveIn(tx, tenantId, { kind, fields: input.fields }),
        against: organisationsIn(text).slice(0, 5),
        scope: scopesIn(text).map((one) => ({ ...one, count: one.count ?? null })),
      };
    },
    { readOnly: true },
  );
};

const sensitiveIn = async (
  tx: Tx,
  tenantId: string,
  { kind, fields }: { readonly kind: TicketKind; readonly fields: SuggestFor['fields'] },
): Promise<Suggestions['sensitive']> => {
  const words = await readSensitive(tx, tenantId);
  return kind.fields.flatMap(({ key, type }) => {
    const text = type === 'text' || type === 'longText' ? fields[key] : undefined;
    return typeof text === 'string' ? words.find(text.slice(0, 20_000)).map((hit) => ({ field: key, ...hit })) : [];
  });
};
