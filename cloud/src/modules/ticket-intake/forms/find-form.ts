import { HubError, type Label } from '@hallhub/shared';
import type { TicketField, TicketKind } from '@hallhub/shared/ticket';
import { and, eq, isNull } from 'drizzle-orm';
import { type Database, type Tx, withSystem, withTenant } from '../../../db/index.js';
import { readKind } from '../../ticket-kinds/kind-book.js';
import { type FormRow, ticketForms } from '../tables.js';

/** Types that somebody outside can answer: the rest names things of the house. */
const askable = new Set<TicketField['type']>([
  ...(['text', 'longText', 'number', 'yesNo', 'choice', 'choices', 'category', 'date', 'phone'] as const),
  ...(['identityNumber', 'place', 'files'] as const),
]);

export interface CategoryChoice {
  readonly path: readonly string[];
  readonly label: string;
  /** Of each code of the path. */
  readonly labels: readonly Label[];
}

/** Of a tree, on a page: more than these nobody finds in a list. */
export const mostShownCategories = 500;

export interface OpenForm {
  readonly form: FormRow;
  readonly organisation: string;
  readonly kind: TicketKind;
  readonly fields: readonly TicketField[];
  readonly required: ReadonlySet<string>;
  /** By tree, each by its whole path: all of them to check answers, the first `mostShownCategories` to show. */
  readonly categories: ReadonlyMap<string, readonly CategoryChoice[]>;
}

/** What a form may ask of a kind: what its first step may write and anybody can answer. */
export const askableFields = (kind: TicketKind): readonly TicketField[] => {
  const start = kind.steps.find(({ id }) => id === kind.start);
  return kind.fields.filter(({ key, type }) => start?.fields.edit.includes(key) && askable.has(type));
};

/** What the first step cannot do without and anybody can answer. */
export const neededFields = (kind: TicketKind): readonly string[] => {
  const start = kind.steps.find(({ id }) => id === kind.start);
  const askable = new Set(askableFields(kind).map(({ key }) => key));
  return [...new Set([kind.title, ...(start?.fields.required ?? [])])].filter((key) => askable.has(key));
};

/** A form with all that its page shows; `toAnswer`: with all that answers are checked by. */
export const openForm = async (
  tx: Tx,
  { form, kind, toAnswer = false }: { readonly form: FormRow; readonly kind: TicketKind; readonly toAnswer?: boolean },
): Promise<OpenForm> => {
  const known = new Map(askableFields(kind).map((field) => [field.key, field]));
  const fields = form.fields.flatMap((key) => known.get(key) ?? []);
  const trees = new Set(fields.flatMap((field) => (field.type === 'category' ? [field.tree] : [])));
  const categories = new Map<string, readonly CategoryChoice[]>();
  const most = toAnswer ? null : mostShownCategories;
  for (const tree of trees) categories.set(tree, await choicesOf(tx, { tenantId: form.tenantId, tree, most }));
  const organisation = await organisationOf(tx, form.tenantId);
  return { form, organisation, kind, fields, required: new Set(neededFields(kind)), categories };
};

/** Errors: `not_found`, also of a form that is switched off or whose kind takes no tickets. */
export const findOpenForm = async (
  database: Database,
  slug: string,
  { toAnswer = false }: { readonly toAnswer?: boolean } = {},
): Promise<OpenForm> => {
  const [form] = await withSystem(
    database,
    (tx) =>
      tx
        .select()
        .from(ticketForms)
        .where(and(eq(ticketForms.slug, slug), isNull(ticketForms.archivedAt), eq(ticketForms.enabled, true))),
    { readOnly: true },
  );
  if (!form) throw noSuchForm();
  return withTenant(
    database,
    form,
    async (tx) => {
      const published = await readKind(tx, form.tenantId, form.kind);
      if (!published) throw noSuchForm();
      return openForm(tx, { form, kind: published.kind, toAnswer });
    },
    { readOnly: true },
  );
};

/** The name under which it is known outside. */
export const organisationOf = async (tx: Tx, tenantId: string): Promise<string> => {
  const { rows } = await tx.$client.query<{ name: string }>('SELECT name FROM tenants WHERE id = $1', [tenantId]);
  return rows[0]?.name ?? '';
};

const noSuchForm = () => new HubError('not_found', 'There is no such form');

const choicesOf = async (
  tx: Tx,
  { tenantId, tree, most }: { readonly tenantId: string; readonly tree: string; readonly most: number | null },
): Promise<readonly CategoryChoice[]> => {
  const { rows } = await tx.$client.query<{ path: string[]; labels: Label[] }>(
    `WITH RECURSIVE down AS (
       SELECT code, ARRAY[code] AS path, ARRAY[label] AS labels, ARRAY[position] AS place FROM categories
       WHERE tenant_id = $1 AND tree = $2 AND parent IS NULL AND retired_at IS NULL
       UNION ALL
       SELECT c.code, d.path || c.code, d.labels || c.label, d.place || c.position FROM categories c JOIN down d ON c.parent = d.code
       WHERE c.tenant_id = $1 AND c.tree = $2 AND c.retired_at IS NULL AND cardinality(d.path) < 6)
     SELECT path, labels FROM down ORDER BY place, path LIMIT $3`,
    [tenantId, tree, most],
  );
  return rows.map(({ path, labels }) => ({ path, labels, label: labels.map(({ zh }) => zh).join(' / ') }));
};
