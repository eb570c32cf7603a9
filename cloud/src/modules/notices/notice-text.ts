import type { Label } from '@hallhub/shared';
import type { TicketKind } from '@hallhub/shared/ticket';

interface TextFacts {
  readonly number: string;
  readonly title: string;
  readonly kind: Pick<TicketKind, 'fields'>;
  readonly fields: Readonly<Record<string, unknown>>;
}

const mostCharacters = 500;

const wordOf = (name: string, language: 'zh' | 'en', { number, title, kind, fields }: TextFacts): string => {
  if (name === 'number') return number;
  if (name === 'title') return title;
  const field = kind.fields.find(({ key }) => key === name);
  // Nobody learns by a notice what the page would mask.
  if (!field || field.personal) return '***';
  const value = fields[name];
  if (field.type === 'choice') {
    const label = field.choices.find((one) => one.value === value)?.label;
    return label ? (label[language] ?? label.zh) : '';
  }
  if (field.type === 'place') return (value as { text?: string } | undefined)?.text ?? '';
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};

/** `{number}`, `{title}` and `{field}` filled in, personal fields never; plain text, whoever shows it escapes it. */
export const fillNotice = (text: Label, facts: TextFacts): Label => {
  const fill = (template: string, language: 'zh' | 'en') =>
    template
      .replace(/\{([A-Za-z][A-Za-z0-9]*)\}/g, (_, name: string) => wordOf(name, language, facts))
      .slice(0, mostCharacters);
  return { zh: fill(text.zh, 'zh'), ...(text.en === undefined ? {} : { en: fill(text.en, 'en') }) };
};
