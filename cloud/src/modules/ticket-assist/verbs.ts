import { HubError } from '@hallhub/shared';
import { type Tx, withTenant } from '../../db/index.js';
import type { VerbContext } from '../access/verb-context.js';
import { audit } from '../audit/audit.js';
import type { AssistState, PlaceSuggestion, TestSensitive } from './contract.js';
import { mostSensitiveWords } from './sensitive-book.js';
import { type SensitiveHit, type SensitiveWord, SensitiveWords } from './text/sensitive.js';

const mostPlaces = 8;
/** So often named, it is nobody's home any more. */
const commonPlace = 3;

/**
 * Places that tickets named before and that hold what was typed, the most named first. Who does not see every ticket is told those alone
 * that several of them name.
 */
export const completePlace = (ctx: VerbContext, { q }: { readonly q: string }): Promise<PlaceSuggestion[]> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const { rows } = await tx.$client.query<PlaceSuggestion>('SELECT * FROM assist_places_like($1, $2)', [
        ...[q, mostPlaces],
      ]);
      return ctx.actor.can('ticket.read', 'tenant') ? rows : rows.filter(({ used }) => used >= commonPlace);
    },
    { readOnly: true },
  );

const readWords = async (tx: Tx, tenantId: string): Promise<SensitiveWord[]> => {
  const { rows } = await tx.$client.query<SensitiveWord>(
    'SELECT word, level, class FROM sensitive_words WHERE tenant_id = $1 ORDER BY level DESC, word',
    [tenantId],
  );
  return rows;
};

export const listSensitiveWords = (ctx: VerbContext): Promise<SensitiveWord[]> =>
  withTenant(ctx.db, ctx.actor, (tx) => readWords(tx, ctx.actor.tenantId), { readOnly: true });

/** Replaces the whole list. Errors: `invalid_input` where there are too many, or one twice. */
export const putSensitiveWords = (
  ctx: VerbContext,
  { words }: { readonly words: readonly SensitiveWord[] },
): Promise<SensitiveWord[]> => {
  const { tenantId } = ctx.actor;
  ctx.actor.require('ticketkind.write', 'tenant');
  const wrong = (message: string) =>
    new HubError('invalid_input', message, { context: { errors: [{ path: 'body.words', message }] } });
  if (words.length > mostSensitiveWords) throw wrong(`At most ${mostSensitiveWords} words`);
  const seen = new Set<string>();
  const twice = words.find(({ word }) => seen.size === seen.add(word).size);
  if (twice) throw wrong(`${twice.word} stands there twice`);
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const before = await readWords(tx, tenantId);
    await tx.$client.query('DELETE FROM sensitive_words WHERE tenant_id = $1', [tenantId]);
    await tx.$client.query(
      `INSERT INTO sensitive_words (tenant_id, word, level, class) SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[])`,
      [...[tenantId, words.map(({ word }) => word), words.map(({ level }) => level)], words.map((one) => one.class)],
    );
    await audit(tx, ctx, {
      action: 'ticket_assist.words_changed',
      target: { kind: 'ticket_assist', id: tenantId, name: 'sensitive words' },
      before: { words: before.length },
      after: { words: words.length },
    });
    return readWords(tx, tenantId);
  });
};

/** Where a text names a word, by its place; `words` left out: those of the list as it is. */
export const testSensitive = async (ctx: VerbContext, { text, words }: TestSensitive): Promise<SensitiveHit[]> =>
  new SensitiveWords(words ?? (await listSensitiveWords(ctx))).find(text, 200);

export const readAssistState = (ctx: VerbContext): Promise<AssistState> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const { rows } = await tx.$client.query<{
        purpose: string;
        labels: number;
        tickets: number;
        vocabulary: number;
        learned_at: Date;
      }>(
        `SELECT p.purpose, p.vocabulary, p.learned_at, count(l.label)::int AS labels, coalesce(sum(l.tickets), 0)::int AS tickets
         FROM assist_purposes p LEFT JOIN assist_labels l USING (tenant_id, purpose) WHERE p.tenant_id = $1 AND p.purpose <> 'words'
         GROUP BY p.purpose, p.vocabulary, p.learned_at ORDER BY p.purpose`,
        [ctx.actor.tenantId],
      );
      const { rows: waiting } = await tx.$client.query<{ count: number }>(
        'SELECT count(*)::int AS count FROM assist_waiting WHERE tenant_id = $1',
        [ctx.actor.tenantId],
      );
      const purposes = rows.map(({ learned_at, ...one }) => ({ ...one, learnedAt: learned_at.toISOString() }));
      return { purposes, waiting: waiting[0]?.count ?? 0 };
    },
    { readOnly: true },
  );

/** Forgets all and learns anew from the closed tickets there are, a few hundred each minute and more. */
export const retrain = (ctx: VerbContext): Promise<void> => {
  const { tenantId } = ctx.actor;
  ctx.actor.require('ticketkind.write', 'tenant');
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    await tx.$client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 4702))', [`assist ${tenantId}`]);
    await tx.$client.query(
      `INSERT INTO assist_waiting (tenant_id, ticket_id, labels, since)
       SELECT tenant_id, ticket_id, taught->'labels', $2 FROM assist_tickets WHERE tenant_id = $1 AND taught IS NOT NULL
       ON CONFLICT DO NOTHING`,
      [tenantId, new Date(ctx.clock.now())],
    );
    await tx.$client.query('UPDATE assist_tickets SET taught = NULL WHERE tenant_id = $1 AND taught IS NOT NULL', [
      tenantId,
    ]);
    for (const table of ['assist_labels', 'assist_words', 'assist_purposes'])
      await tx.$client.query(`DELETE FROM ${table} WHERE tenant_id = $1`, [tenantId]);
    await audit(tx, ctx, {
      action: 'ticket_assist.retrained',
      target: { kind: 'ticket_assist', id: tenantId, name: 'lessons' },
    });
  });
};
