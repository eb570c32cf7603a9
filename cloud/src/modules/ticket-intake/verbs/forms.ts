import { HubError, uuidv7 } from '@hallhub/shared';
import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import { isForeignKeyViolation, isUniqueViolation, type Tx, withTenant } from '../../../db/index.js';
import { versionConflict } from '../../../verb-kit/version-conflict.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit, differences } from '../../audit/audit.js';
import { readKind } from '../../ticket-kinds/kind-book.js';
import type { CreateForm, EditForm, TicketForm } from '../contract.js';
import { askableFields, neededFields } from '../forms/find-form.js';
import { type FormRow, ticketForms } from '../tables.js';

interface Sent {
  readonly submitted: number;
  readonly lastAt: string | null;
}
const none: Sent = { submitted: 0, lastAt: null };

const toForm = (row: FormRow, { submitted, lastAt }: Sent): TicketForm => ({
  ...{ id: row.id, slug: row.slug, kind: row.kind, title: row.title, intro: row.intro, fields: row.fields },
  ...{ answers: row.answers, hallId: row.hallId, enabled: row.enabled, source: row.source, path: `/form/${row.slug}` },
  ...{ version: row.version, createdAt: row.createdAt.toISOString(), submitted, lastAt },
});

/** How many tickets each form has made, and when the last: the first 48 bits of its id (UUIDv7) say so. */
const readSent = async (tx: Tx, tenantId: string): Promise<ReadonlyMap<string, Sent>> => {
  const { rows } = await tx.$client.query<{ form_id: string; submitted: number; last: string }>(
    'SELECT form_id, count(*)::int AS submitted, max(ticket_id::text) AS last FROM ticket_pins WHERE tenant_id = $1 GROUP BY form_id',
    [tenantId],
  );
  const timeOf = (id: string) => new Date(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toISOString();
  return new Map(rows.map(({ form_id, submitted, last }) => [form_id, { submitted, lastAt: timeOf(last) }]));
};

export const listForms = (ctx: VerbContext): Promise<{ items: TicketForm[] }> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const rows = await tx
        .select()
        .from(ticketForms)
        .where(isNull(ticketForms.archivedAt))
        .orderBy(asc(ticketForms.slug));
      const sent = await readSent(tx, ctx.actor.tenantId);
      return { items: rows.map((row) => toForm(row, sent.get(row.id) ?? none)) };
    },
    { readOnly: true },
  );

const requireRight = ({ actor }: VerbContext): void => actor.require('ticketkind.write', 'tenant');

const invalid = (path: string, message: string) =>
  new HubError('invalid_input', message, { context: { errors: [{ path: `body.${path}`, message }] } });

/** The kind has to be there, and to ask for what the form asks. */
export const checkForm = async (tx: Tx, ctx: VerbContext, input: EditForm): Promise<void> => {
  const published = await readKind(tx, ctx.actor.tenantId, input.kind);
  if (!published) throw invalid('kind', 'There is no published kind of this code');
  const { kind } = published;
  const askable = new Set(askableFields(kind).map(({ key }) => key));
  const wrong = input.fields.find((key) => !askable.has(key));
  if (wrong !== undefined) throw invalid('fields', `The first step cannot ask for ${wrong}`);
  const missing = neededFields(kind).find((key) => !input.fields.includes(key));
  if (missing !== undefined) throw invalid('fields', `The first step needs ${missing}`);
  const answer = input.answers.find((key) => !kind.fields.some((field) => field.key === key && !field.personal));
  if (answer !== undefined) throw invalid('answers', `${answer} is no field that may be shown`);
};

const refuse = (error: unknown): never => {
  if (isUniqueViolation(error)) throw new HubError('conflict', 'There is a form at this address', { cause: error });
  if (isForeignKeyViolation(error)) throw invalid('hallId', 'There is no such hall');
  throw error;
};

/** Errors: `invalid_input`, `conflict` where the address is taken. */
export const createForm = (ctx: VerbContext, input: CreateForm): Promise<TicketForm> => {
  requireRight(ctx);
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    await checkForm(tx, ctx, input);
    const at = new Date(ctx.clock.now());
    const [row] = await tx
      .insert(ticketForms)
      .values({ ...input, id: uuidv7(), tenantId: ctx.actor.tenantId, createdAt: at, updatedAt: at })
      .returning();
    if (!row) throw new HubError('bug', 'the form just made is not there');
    await audit(tx, ctx, {
      action: 'ticketform.created',
      target: { kind: 'ticketform', id: row.id, name: row.slug },
      ...{ hallId: row.hallId, after: { ...input } },
    });
    return toForm(row, none);
  }).catch(refuse);
};

interface Named {
  readonly formId: string;
  readonly version: number;
}

const lockForm = async (tx: Tx, { formId, version }: Named): Promise<FormRow> => {
  const [row] = await tx
    .select()
    .from(ticketForms)
    .where(and(eq(ticketForms.id, formId), isNull(ticketForms.archivedAt)))
    .for('update');
  if (!row) throw new HubError('not_found', 'There is no such form');
  if (row.version !== version) throw versionConflict(row.version);
  return row;
};

export const editForm = (ctx: VerbContext, input: Named & { readonly change: EditForm }): Promise<TicketForm> => {
  requireRight(ctx);
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const before = await lockForm(tx, input);
    await checkForm(tx, ctx, input.change);
    const [row] = await tx
      .update(ticketForms)
      .set({ ...input.change, updatedAt: new Date(ctx.clock.now()), version: sql`${ticketForms.version} + 1` })
      .where(eq(ticketForms.id, before.id))
      .returning();
    if (!row) throw new HubError('bug', 'the form just locked is gone');
    await audit(tx, ctx, {
      action: 'ticketform.changed',
      target: { kind: 'ticketform', id: row.id, name: row.slug },
      hallId: row.hallId,
      ...differences(before, row, ['kind', 'title', 'intro', 'fields', 'answers', 'hallId', 'enabled', 'source']),
    });
    return toForm(row, (await readSent(tx, ctx.actor.tenantId)).get(row.id) ?? none);
  }).catch(refuse);
};

/** The page is gone; who asked on it still comes to their tickets. */
export const archiveForm = (ctx: VerbContext, input: Named): Promise<void> => {
  requireRight(ctx);
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const before = await lockForm(tx, input);
    await tx
      .update(ticketForms)
      .set({ archivedAt: new Date(ctx.clock.now()), version: sql`${ticketForms.version} + 1` })
      .where(eq(ticketForms.id, before.id));
    await audit(tx, ctx, {
      action: 'ticketform.archived',
      target: { kind: 'ticketform', id: before.id, name: before.slug },
      hallId: before.hallId,
    });
  });
};
