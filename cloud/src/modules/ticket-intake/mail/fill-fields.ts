import type { TicketField, TicketKind } from '@hallhub/shared/ticket';
import { storableText } from '../../../db/index.js';
import type { Letter } from './read-letter.js';
import type { MailboxRow } from './tables.js';

/** Files of a letter that are kept, and names of those that are not. */
export interface Kept {
  readonly ids: readonly string[];
  readonly refused: readonly string[];
}

/** What a letter says, with what of it could not be kept. */
export const textOf = ({ text }: Letter, { refused }: Kept): string =>
  storableText(
    [text, ...refused.map((name) => `（附件「${name}」不能接收：类型不允许或为空）`)].filter(Boolean).join('\n'),
  );

/** The field of a category that whoever registers a ticket fills in. */
export const categoryField = (kind: TicketKind): Extract<TicketField, { type: 'category' }> | undefined => {
  const first = new Set(kind.steps.find(({ id }) => id === kind.start)?.fields.edit);
  return kind.fields.find(
    (field): field is Extract<TicketField, { type: 'category' }> => field.type === 'category' && first.has(field.key),
  );
};

/** Values of a new ticket’s fields, by the mailbox’s mapping. */
export const fieldsOf = (
  kind: TicketKind,
  { mapping }: MailboxRow,
  { letter, kept }: { letter: Letter; kept: Kept },
): Record<string, unknown> => {
  const fields: Record<string, unknown> = {};
  const put = (key: string | null, text: string) => {
    const field = kind.fields.find((one) => one.key === key);
    if (!field || text === '' || (field.type !== 'text' && field.type !== 'longText')) return;
    const line = field.type === 'text' ? text.replace(/\s+/g, ' ') : text;
    const chars = Array.from(storableText(line));
    fields[field.key] =
      line.length <= field.maxLength
        ? storableText(line)
        : `${chars.slice(0, Math.floor(field.maxLength / 2)).join('')}…`;
  };
  const subject = letter.subject.replace(/^(?:(?:re|fwd?|回复|转发|答复)\s*[:：]\s*)+/i, '');
  put(mapping.title, subject || letter.text.split('\n')[0]?.slice(0, 60) || '（无主题邮件）');
  put(mapping.text, textOf(letter, kept) || subject || '（无文字）');
  put(mapping.requester, letter.fromName || letter.from);
  put(mapping.email, letter.from);
  const category = categoryField(kind);
  if (category && mapping.category) fields[category.key] = [...mapping.category];
  const files = kind.fields.find(({ key }) => key === mapping.files);
  if (files?.type === 'files' && kept.ids.length > 0) fields[files.key] = kept.ids.slice(0, files.most);
  return fields;
};
