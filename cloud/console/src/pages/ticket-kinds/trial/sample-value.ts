import type { TicketField } from '@hallhub/shared/ticket';

const someId = '00000000-0000-7000-8000-00000000abcd';

/** A value that fits a field, so that a trial goes on at a click. `words`: for texts. */
export const sampleValue = (field: TicketField, words: string): unknown => {
  switch (field.type) {
    case 'text':
    case 'longText':
      return words.slice(0, field.maxLength);
    case 'number':
      return field.min ?? (field.max === undefined ? 1 : Math.min(1, field.max));
    case 'money':
      return 10_000;
    case 'yesNo':
      return true;
    case 'choice':
      return field.choices[0]?.value ?? '';
    case 'choices':
      return field.choices.slice(0, 1).map(({ value }) => value);
    case 'category':
      return ['sample'];
    case 'date':
      return '2026-01-05';
    case 'instant':
      return '2026-01-05T01:00:00Z';
    case 'phone':
      return '13800138000';
    case 'identityNumber':
      return '11010519491231002X';
    case 'place':
      return { text: words };
    case 'files':
      return [someId];
    case 'satisfaction':
      return 5;
    case 'signature':
      return { name: words.slice(0, 60), at: '2026-01-05T01:00:00Z' };
    default:
      return someId;
  }
};

/** Types whose values stand for something of the real organisation, which a trial does not have. */
export const isStandIn = ({ type }: TicketField): boolean =>
  ['hall', 'device', 'person', 'office', 'files', 'category'].includes(type);
