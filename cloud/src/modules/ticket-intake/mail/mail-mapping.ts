import { HubError } from '@hallhub/shared';
import type { TicketKind } from '@hallhub/shared/ticket';
import type { Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { labelsOf } from '../../categories/category-book.js';
import { readKind } from '../../ticket-kinds/kind-book.js';
import { importFields } from '../import/convert/targets.js';
import type { EditMailbox } from './contract.js';
import { categoryField } from './fill-fields.js';
import type { MailboxRow, MailMapping } from './tables.js';

export const invalid = (path: string, message: string): HubError =>
  new HubError('invalid_input', message, { context: { errors: [{ path: `body.${path}`, message }] } });

/** What a letter fills, by what the fields are. */
const guessMapping = (kind: TicketKind): MailMapping => {
  const fields = importFields(kind);
  const find = (fits: (field: (typeof fields)[number]) => boolean) => fields.find(fits)?.key ?? null;
  const email = find(({ type, key }) => type === 'text' && /mail/i.test(key));
  const first = new Set(kind.steps.find(({ id }) => id === kind.start)?.fields.edit);
  return {
    ...{ title: kind.title, text: find(({ type }) => type === 'longText'), email },
    requester: find(({ type, personal, key }) => type === 'text' && personal && key !== email),
    files: kind.fields.find(({ type, key }) => type === 'files' && first.has(key))?.key ?? null,
  };
};

/** What a letter fills; left out, it stays, or is guessed by the kind. Errors: `invalid_input`. */
export const mappingOf = async (
  tx: Tx,
  ctx: VerbContext,
  { kind: code, mapping }: Pick<EditMailbox, 'kind' | 'mapping'>,
  before?: MailboxRow,
): Promise<MailMapping> => {
  const published = await readKind(tx, ctx.actor.tenantId, code);
  if (!published) throw invalid('kind', 'There is no published kind of this code');
  const { kind } = published;
  if (!mapping) return before?.kind === code ? before.mapping : guessMapping(kind);
  const typeOf = (key: string | null) => kind.fields.find((field) => field.key === key)?.type;
  for (const name of ['title', 'text', 'requester', 'email'] as const) {
    const type = typeOf(mapping[name]);
    if (mapping[name] !== null && type !== 'text' && type !== 'longText')
      throw invalid(`mapping.${name}`, 'No such field of text');
  }
  if (mapping.files !== null && typeOf(mapping.files) !== 'files')
    throw invalid('mapping.files', 'No such field of files');
  const category = mapping.category ?? null;
  if (category && !(await isCategory(tx, { tenantId: ctx.actor.tenantId, kind, category })))
    throw invalid('mapping.category', 'There is no such category');
  return { ...mapping, title: kind.title, category };
};

const isCategory = async (
  tx: Tx,
  of: { readonly tenantId: string; readonly kind: TicketKind; readonly category: readonly string[] },
): Promise<boolean> => {
  const field = categoryField(of.kind);
  if (!field) return false;
  const known = await labelsOf(tx, of.tenantId, field.tree);
  return of.category.every((code) => known.has(code));
};
