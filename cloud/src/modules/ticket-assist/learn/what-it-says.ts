import { categoryPath, solvingTasks, type TicketKind, type TicketState } from '@hallhub/shared/ticket';
import { wordsOf } from '../text/words.js';

type Fields = Readonly<Record<string, unknown>>;

const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const place = value as { text?: unknown } | null;
  return typeof place?.text === 'string' ? place.text : '';
};

/** Fields that say what the ticket is about: searched ones that nobody fills in while it is worked on. Never personal ones. */
const tellingFields = (kind: TicketKind) => {
  const start = kind.steps.find(({ id }) => id === kind.start);
  const first = new Set(start?.fields.edit ?? []);
  return kind.fields.filter(({ key, searched, personal }) => searched && !personal && first.has(key));
};

/** The text that a ticket was made with. */
export const textOfTicket = (kind: TicketKind, fields: Fields): string =>
  tellingFields(kind)
    .map(({ key }) => textOf(fields[key]))
    .filter((text) => text !== '')
    .join('\n');

/** Its words, each once, in one order. */
export const wordsOfTicket = (kind: TicketKind, fields: Fields): string[] =>
  [...new Set(wordsOf(textOfTicket(kind, fields)))].sort();

/** Category fields’ purposes are the trees’, so that kinds learn from each other; a choice belongs to its kind. */
export const purposeOf = (kind: TicketKind, field: TicketKind['fields'][number]): string | undefined => {
  if (field.personal) return undefined;
  if (field.type === 'category') return `category:${field.tree}`;
  const first = kind.steps.find(({ id }) => id === kind.start)?.fields.edit ?? [];
  return field.type === 'choice' && first.includes(field.key) ? `choice:${kind.code}.${field.key}` : undefined;
};

export const labelOf = (value: unknown): string | undefined => {
  return typeof value === 'string' ? value : categoryPath(value);
};

/** Which office solved it: whose task ended last by an action that marks `solved`. */
const solvedBy = (kind: TicketKind, state: TicketState): string | undefined =>
  solvingTasks(kind, state).find((task) => task.state === 'done' && task.party.kind === 'office')?.party.id;

/** What a closed ticket teaches: label by purpose. */
export const labelsOf = (kind: TicketKind, state: TicketState): Record<string, string> => {
  const labels: Record<string, string> = {};
  for (const field of kind.fields) {
    const [purpose, label] = [purposeOf(kind, field), labelOf(state.fields[field.key])];
    if (purpose !== undefined && label !== undefined) labels[purpose] = label;
  }
  const office = solvedBy(kind, state);
  return { ...labels, ...(office ? { office } : {}), ...(state.level ? { [`level:${kind.code}`]: state.level } : {}) };
};

/** Fields that hold what was done and answered: long texts of the steps that solve or feed back, not personal. */
export const answerFields = (kind: TicketKind): string[] => {
  const edited = new Set(
    kind.steps
      .filter(({ actions }) => actions.some(({ marks }) => marks.includes('solved') || marks.includes('fed_back')))
      .flatMap(({ fields }) => fields.edit),
  );
  const first = new Set(tellingFields(kind).map(({ key }) => key));
  return kind.fields
    .filter(({ key, type, personal }) => type === 'longText' && !personal && edited.has(key) && !first.has(key))
    .map(({ key }) => key);
};
