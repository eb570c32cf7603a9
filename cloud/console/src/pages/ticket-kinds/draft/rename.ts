import type { TicketKind } from '@hallhub/shared/ticket';

type What = 'step' | 'state' | 'field';
/** Properties whose text names one, wherever they stand. */
const properties: Readonly<Record<What, readonly string[]>> = {
  step: ['step', 'start'],
  state: ['state', 'suspendedState'],
  field: ['field', 'title'],
};
/** Lists of names. */
const lists: Readonly<Record<What, readonly string[]>> = {
  step: [],
  state: ['pausedIn'],
  field: ['edit', 'required', 'hidden', 'rows'],
};

/** Gives a step, state or field another name, and whatever names it too: targets, rights, clocks, notices and expressions. */
export const rename = (
  kind: TicketKind,
  what: What,
  change: { readonly from: string; readonly to: string },
): TicketKind => {
  const { from, to } = change;
  const swap = (name: unknown): unknown => (Array.isArray(name) ? name.map(swap) : name === from ? to : name);
  const word = new RegExp(`(?<![\\w"])${from}(?![\\w"])`, 'g');
  const walk = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') {
      if (properties[what].includes(key)) return swap(value);
      if (what === 'field' && (key === 'when' || key === 'feel')) return value.replace(word, to);
      return value;
    }
    if (Array.isArray(value)) return lists[what].includes(key) ? swap(value) : value.map((one) => walk(one, ''));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, walk(one, name)]));
  };
  const walked = walk(kind, '') as TicketKind;
  const own = <T extends { id: string }>(all: readonly T[]): T[] =>
    all.map((one) => (one.id === from ? { ...one, id: to } : one));
  if (what === 'step') {
    const reopen = walked.reopen?.to === from ? { ...walked.reopen, to } : walked.reopen;
    return { ...walked, steps: own(walked.steps), ...(reopen ? { reopen } : {}) };
  }
  if (what === 'state') return { ...walked, states: own(walked.states) };
  const text = (label: { zh: string; en?: string | undefined }) => ({
    zh: label.zh.replaceAll(`{${from}}`, `{${to}}`),
    ...(label.en === undefined ? {} : { en: label.en.replaceAll(`{${from}}`, `{${to}}`) }),
  });
  return {
    ...walked,
    // The labels of the kind and its print are no field's name.
    ...(kind.print ? { print: kind.print } : {}),
    fields: walked.fields.map((field) => (field.key === from ? { ...field, key: to } : field)),
    notices: walked.notices.map((notice) => ({ ...notice, text: text(notice.text) })),
  };
};

/** A name that none has yet: `step_3`, `field3`. */
export const freeName = (taken: readonly string[], stem: string): string => {
  for (let n = taken.length + 1; ; n++) if (!taken.includes(`${stem}${n}`)) return `${stem}${n}`;
};
