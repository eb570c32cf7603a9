import type { ExchangeMapping } from './mapping-schema.js';
import type { ExchangeContent, ExchangeMessage } from './message.js';

type Dispatch = Extract<ExchangeMessage, { act: 'dispatch' }>;
type DispatchContent = Extract<ExchangeContent, { act: 'dispatch' }>;
type Incoming = NonNullable<ExchangeMapping['incoming']>;
type Outgoing = NonNullable<ExchangeMapping['outgoing']>;

/** What no rule of the mapping covers. */
export interface Unmapped {
  readonly unmapped: 'category' | 'level';
  readonly value: string;
}

export interface MappedTicket {
  readonly kind: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly level: string | null;
}

export const isUnmapped = (value: object): value is Unmapped => 'unmapped' in value;

const own = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** The most exact code that has a rule, else the rule for any other. */
const byCode = <T>(table: Readonly<Record<string, T>>, codes: readonly string[]): T | undefined => {
  for (const code of codes.toReversed()) {
    const found = own(table, code);
    if (found !== undefined) return found;
  }
  return own(table, '*');
};

/** A ticket of theirs as one of ours. */
export const ticketOfDispatch = (rule: Incoming, message: Dispatch): MappedTicket | Unmapped => {
  const names = rule.fields;
  const fields: Record<string, unknown> = { [names.title]: message.title };
  const put = (key: string | undefined, value: unknown) => {
    if (key !== undefined && value !== undefined && value !== null && value !== '') fields[key] = value;
  };
  if (names.category !== undefined && message.category.length > 0) {
    const path = byCode(rule.categories, message.category);
    if (path === undefined) return { unmapped: 'category', value: message.category.join('/') };
    fields[names.category] = path;
  }
  let level: string | null = null;
  if (message.level !== null) {
    const found = byCode(rule.levels, [message.level]);
    if (found === undefined) return { unmapped: 'level', value: message.level };
    level = found;
  }
  put(names.text, message.text);
  put(names.place, message.place);
  put(names.requesterName, message.requester?.name);
  put(names.requesterPhone, message.requester?.phone);
  put(names.number, message.ticket.number);
  if (message.dueAt !== null) put(names.dueAt, new Date(message.dueAt).toISOString());
  for (const { theirs, ours } of rule.more) put(ours, own(message.fields, theirs));
  return { kind: rule.kind, fields, level };
};

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** A ticket of ours as they are told of it. */
export const dispatchOfTicket = (
  rule: Outgoing,
  ticket: {
    readonly fields: Readonly<Record<string, unknown>>;
    readonly level: string | null;
    readonly at: number;
    readonly title: string;
  },
): DispatchContent | Unmapped => {
  const { fields } = ticket;
  const names = rule.fields;
  const of = (key: string | undefined): unknown => (key === undefined ? undefined : fields[key]);
  let category: readonly string[] = [];
  const path = of(names.category);
  if (Array.isArray(path) && path.length > 0) {
    const found = byCode(rule.categories, path.map(String));
    if (found === undefined) return { unmapped: 'category', value: path.join('/') };
    category = found;
  }
  let level: string | null = null;
  if (ticket.level !== null && Object.keys(rule.levels).length > 0) {
    const found = byCode(rule.levels, [ticket.level]);
    if (found === undefined) return { unmapped: 'level', value: ticket.level };
    level = found;
  }
  const place = of(names.place) as DispatchContent['place'] | undefined;
  const [name, phone] = [text(of(names.requesterName)), text(of(names.requesterPhone))];
  const due = text(of(names.dueAt));
  const extra = rule.more.flatMap(({ theirs, ours }) => (fields[ours] === undefined ? [] : [[theirs, fields[ours]]]));
  return {
    act: 'dispatch',
    at: ticket.at,
    files: [],
    title: ticket.title.slice(0, 200),
    text: text(of(names.text))?.slice(0, 20_000) ?? '',
    category: [...category],
    level,
    requester:
      name === undefined && phone === undefined ? null : { ...(name ? { name } : {}), ...(phone ? { phone } : {}) },
    place: place ?? null,
    dueAt: due === undefined || Number.isNaN(Date.parse(due)) ? null : Date.parse(due),
    fields: Object.fromEntries(extra),
  };
};
