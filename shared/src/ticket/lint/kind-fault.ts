import { readFeel } from '../../feel/index.js';
import type { TicketKind } from '../kind/kind-schema.js';
import type { PartyRule } from '../kind/party-schema.js';

/** What expressions may read besides the kind’s own fields. */
export const feelNames = ['level', 'source', 'region', 'hall', 'marks', 'reopened', 'returned', 'now'] as const;

export const kindFaults = [
  'twice',
  'name_taken',
  'unknown_step',
  'unknown_state',
  'unknown_field',
  'unknown_clock',
  'unknown_action',
  'unknown_calendar',
  'feel_broken',
  'feel_unknown_name',
  'feel_unsteady',
  'unreachable',
  'no_way_out',
  'no_end',
  'start_is_end',
  'nobody',
  'no_submit',
  'submit_goes_nowhere',
  'several_submits_of_joint',
  'signers_of_single',
  'end_has_work',
  'phase_of_end',
  'suspend_without_state',
  'extension_without_approver',
  'required_not_editable',
  'title_not_text',
  'no_promise',
  'placeholder_unknown',
  'placeholder_personal',
  'no_address',
  'mark_unknown',
  'field_no_time',
  'field_hidden_required',
  'never_happens',
  'never_reached',
  'free_stays',
  'unknown_kind',
  'level_unknown',
  'begin_type',
  'begin_cut',
  'begin_unseals',
  'begin_unfilled',
  'begins_loop',
  'begun_by_unfit',
  'child_of_ended',
] as const;
export type KindFaultCode = (typeof kindFaults)[number];

/** Something that keeps a kind from being published (`error`) or that its author should think about. */
export interface KindFault {
  readonly code: KindFaultCode;
  readonly severity: 'error' | 'warning';
  /** Where: `steps.handle.actions.done`. */
  readonly path: string;
  /** What is meant: the name that does not exist, what the expression says. */
  readonly about?: string | undefined;
}

/** Collects what is wrong with one kind, and knows its names. */
export class KindFaults {
  readonly all: KindFault[] = [];
  readonly steps;
  readonly states;
  readonly #fields: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;

  constructor(readonly kind: TicketKind) {
    this.steps = new Map(kind.steps.map((step) => [step.id, step]));
    this.states = new Map(kind.states.map((state) => [state.id, state]));
    this.#fields = new Set(kind.fields.map(({ key }) => key));
    this.names = new Set([...feelNames, ...this.#fields]);
  }

  add(code: KindFaultCode, path: string, about?: string, severity: KindFault['severity'] = 'error'): void {
    this.all.push({ code, severity, path, ...(about === undefined ? {} : { about }) });
  }

  once(path: string, ids: readonly string[]): void {
    for (const id of new Set(ids.filter((one, i) => ids.indexOf(one) !== i))) this.add('twice', path, id);
  }

  step(path: string, id: string): void {
    if (!this.steps.has(id)) this.add('unknown_step', path, id);
  }

  field(path: string, key: string): void {
    if (!this.#fields.has(key)) this.add('unknown_field', path, key);
  }

  party(path: string, rule: PartyRule | undefined): void {
    if (rule?.kind === 'field' || rule?.kind === 'categoryOffice') this.field(path, rule.field);
    if (rule?.kind === 'handlerOf') this.step(path, rule.step);
  }

  /** `steady`: it is asked again and again, and what it says must not change with the time of day alone. */
  feel(path: string, expression: string | undefined, steady = false): void {
    if (expression === undefined) return;
    const read = readFeel(expression, this.names);
    if (!read.ok) {
      this.add('feel_broken', path, read.message);
      return;
    }
    for (const name of read.unknown) this.add('feel_unknown_name', path, name);
    if (steady && read.inputs.includes('now')) this.add('feel_unsteady', path, 'now');
    for (const name of read.forbidden) this.add('feel_unsteady', path, name);
  }
}
