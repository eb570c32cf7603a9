import { readFeel } from '../../feel/index.js';
import type { BeginFill, BeginRule } from '../kind/begin-schema.js';
import { fieldProblem, isEmptyValue } from '../kind/check-field.js';
import type { TicketField } from '../kind/field-schema.js';
import { fillable, filledWith } from '../kind/fill-field.js';
import type { TicketKind } from '../kind/kind-schema.js';
import type { TicketState } from './ticket-state.js';

interface Filling {
  readonly from: TicketKind;
  readonly to: TicketKind;
  readonly state: TicketState;
  /** FEEL over the ticket that begins it. */
  readonly valueOf: (expression: string) => unknown;
}

export type FilledTicket =
  | { readonly ok: true; readonly fields: Readonly<Record<string, unknown>>; readonly level: string | null }
  | { readonly ok: false; readonly why: 'field_unfit' | 'unseals'; readonly about: string };

/** Keys of the fields that a filling reads. */
export const fieldsReadBy = (fill: BeginFill, { fields }: Pick<TicketKind, 'fields'>): readonly string[] => {
  if ('field' in fill) return [fill.field];
  if (!('feel' in fill)) return [];
  const read = readFeel(fill.feel, new Set(fields.map(({ key }) => key)));
  return read.ok ? read.inputs : [];
};

/** Whether what lies sealed in the one ticket would lie open in the other. */
export const wouldUnseal = (fill: BeginFill, from: Pick<TicketKind, 'fields'>, to: TicketField): boolean => {
  if (to.personal) return false;
  const personal = new Set(from.fields.flatMap((field) => (field.personal ? [field.key] : [])));
  return fieldsReadBy(fill, from).some((key) => personal.has(key));
};

/** What the begun ticket is made with: nothing that would not fit there, nothing sealed that would lie open. */
export const fillTicket = ({ fields: fills, level }: BeginRule, filling: Filling): FilledTicket => {
  const { from, to, state } = filling;
  const fields: Record<string, unknown> = {};
  for (const [key, fill] of Object.entries(fills)) {
    const field = to.fields.find((one) => one.key === key);
    if (!field) return { ok: false, why: 'field_unfit', about: key };
    if (wouldUnseal(fill, from, field)) return { ok: false, why: 'unseals', about: key };
    const source = 'field' in fill ? from.fields.find((one) => one.key === fill.field) : undefined;
    const value = filledWith(field, rawValue(fill, filling), source);
    if (isEmptyValue(value)) continue;
    // Of two fields of one type the versions may have grown apart since.
    const isApart = source !== undefined && fillable(source, field) === 'no';
    if (isApart || fieldProblem(field, value) !== undefined) return { ok: false, why: 'field_unfit', about: key };
    fields[key] = value;
  }
  const wanted = level === undefined ? null : 'value' in level ? level.value : state.level;
  return { ok: true, fields, level: to.levels.some(({ id }) => id === wanted) ? wanted : null };
};

const rawValue = (fill: BeginFill, filling: Filling): unknown => {
  if ('field' in fill) return filling.state.fields[fill.field];
  return 'feel' in fill ? filling.valueOf(fill.feel) : fill.value;
};
