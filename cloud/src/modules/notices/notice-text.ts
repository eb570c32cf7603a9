import type { Label } from '@hallhub/shared';
import type { TicketKind } from '@hallhub/shared/ticket';

export interface TextFacts {
  readonly number: string;
  readonly title: string;
  readonly kind: Pick<TicketKind, 'fields' | 'states' | 'steps'>;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly stateId?: string;
  readonly step?: string;
  /** Epoch ms. */
  readonly dueAt?: number | null;
  /** Where `{due}` is read. */
  readonly zone?: string;
}

type Language = 'zh' | 'en';
const mostCharacters = 500;
const placeholder = /\{([A-Za-z][A-Za-z0-9]*)\}/g;

/** To make one costs more than to use it a hundred times. */
const dueFormats = new Map<string, Intl.DateTimeFormat>();

const dueFormat = (zone: string, language: Language): Intl.DateTimeFormat => {
  const key = `${zone} ${language}`;
  const known = dueFormats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
    ...{ timeZone: zone, month: language === 'zh' ? 'numeric' : 'short', day: 'numeric' },
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  });
  dueFormats.set(key, made);
  return made;
};

const dueText = ({ dueAt, zone = 'Asia/Shanghai' }: TextFacts, language: Language): string =>
  dueAt == null ? '' : dueFormat(zone, language).format(dueAt);

const labelOf = (
  of: readonly { readonly id: string; readonly label: Label }[],
  id: string | undefined,
  language: Language,
) => {
  const label = of.find((one) => one.id === id)?.label;
  return label ? (label[language] ?? label.zh) : '';
};

/** What is known of the ticket itself. `{link}` is filled in by whoever sends: in the console there is none. */
const ownWord = (name: string, facts: TextFacts, language: Language): string | undefined => {
  switch (name) {
    case 'number':
      return facts.number;
    case 'title':
      return facts.title;
    case 'state':
      return labelOf(facts.kind.states, facts.stateId, language);
    case 'step':
      return labelOf(facts.kind.steps, facts.step, language);
    case 'due':
      return dueText(facts, language);
    default:
      return undefined;
  }
};

const wordOf = (name: string, language: Language, facts: TextFacts): string => {
  const own = ownWord(name, facts, language);
  if (own !== undefined) return own;
  const field = facts.kind.fields.find(({ key }) => key === name);
  // Nobody learns by a notice what the page would mask.
  if (!field || field.personal) return '***';
  const value = facts.fields[name];
  if (field.type === 'choice') {
    const label = field.choices.find((one) => one.value === value)?.label;
    return label ? (label[language] ?? label.zh) : '';
  }
  if (field.type === 'place') return (value as { text?: string } | undefined)?.text ?? '';
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};

const filled = (text: Label, facts: TextFacts, keepsLink: boolean): Label => {
  const fill = (template: string, language: Language) =>
    template
      .replace(placeholder, (whole, name: string) =>
        name === 'link' ? (keepsLink ? whole : '') : wordOf(name, language, facts),
      )
      .trim()
      .slice(0, mostCharacters);
  return { zh: fill(text.zh, 'zh'), ...(text.en === undefined ? {} : { en: fill(text.en, 'en') }) };
};

/** `{number}`, `{title}` and `{field}` filled in, personal fields never; plain text, whoever shows it escapes it. */
export const fillNotice = (text: Label, facts: TextFacts): Label => filled(text, facts, false);

/** The same for what leaves the house: `{link}` stays for whoever sends it. */
export const fillOutward = (text: Label, facts: TextFacts): Label => filled(text, facts, true);

/** What providers fill their own templates with: the text’s names and what they stand for. */
export const paramsOf = (text: Label, facts: TextFacts): Record<string, string> =>
  Object.fromEntries(
    [...text.zh.matchAll(placeholder)]
      .map(([, name = '']) => name)
      .filter((name) => name !== 'link')
      .map((name) => [name, wordOf(name, 'zh', facts).slice(0, mostCharacters)]),
  );

export const putLink = (text: string, link: string | null): string => text.replaceAll('{link}', link ?? '').trim();
