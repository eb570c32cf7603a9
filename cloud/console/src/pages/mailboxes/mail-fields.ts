import type { TicketField, TicketKind } from '@hallhub/shared/ticket';
import type { MailMapping } from '../../api/mailboxes.js';

type CategoryOf = Extract<TicketField, { type: 'category' }>;

/** Fields that a letter may fill: those of whoever registers a ticket of the kind. */
export const mailFields = (kind: TicketKind) => {
  const first = new Set(kind.steps.find(({ id }) => id === kind.start)?.fields.edit);
  const own = kind.fields.filter(({ key }) => first.has(key) && key !== kind.title);
  return {
    title: kind.fields.find(({ key }) => key === kind.title),
    texts: own.filter(({ type }) => type === 'text' || type === 'longText'),
    files: own.filter(({ type }) => type === 'files'),
    category: own.find((field): field is CategoryOf => field.type === 'category'),
  };
};

/** What is most likely meant; the server guesses the same where nothing is said. */
export const guessMapping = (kind: TicketKind): MailMapping => {
  const { texts, files } = mailFields(kind);
  const email = texts.find(({ type, key }) => type === 'text' && /mail/i.test(key))?.key ?? null;
  return {
    ...{ title: kind.title, email, files: files[0]?.key ?? null, category: null },
    text: texts.find(({ type }) => type === 'longText')?.key ?? null,
    requester: texts.find(({ type, personal, key }) => type === 'text' && personal && key !== email)?.key ?? null,
  };
};
