import { wouldUnseal } from '../engine/fill-ticket.js';
import type { BeginFill, BeginRule } from '../kind/begin-schema.js';
import { fieldProblem } from '../kind/check-field.js';
import type { TicketField } from '../kind/field-schema.js';
import { fillable } from '../kind/fill-field.js';
import type { TicketKind } from '../kind/kind-schema.js';
import type { KindFaults } from './kind-fault.js';

/** Published kinds by their code; left out: they are not known, and nothing is said of them. */
export type OtherKinds = ReadonlyMap<string, TicketKind>;

/** Linked processes that would never begin, begin with what does not fit, or begin one another for ever. */
export const lintBegins = (faults: KindFaults, others: OtherKinds | undefined): void => {
  const { kind } = faults;
  for (const rule of kind.begins) {
    const path = `begins.${rule.id}`;
    lintTrigger(faults, rule, path);
    faults.feel(path, rule.when);
    for (const { step, action } of rule.holds) lintHeld(faults, { step, action }, path);
    for (const [key, fill] of Object.entries(rule.fields)) {
      if ('field' in fill) faults.field(`${path}.fields.${key}`, fill.field);
      if ('feel' in fill) faults.feel(`${path}.fields.${key}`, fill.feel);
    }
    const to = rule.kind === kind.code ? kind : others?.get(rule.kind);
    if (to) lintTarget(faults, { rule, to, path });
    else if (others) faults.add('unknown_kind', path, rule.kind);
  }
  for (const other of others?.values() ?? []) if (other.code !== kind.code) lintBegunBy(faults, other);
  const loop = others && loopOf(kind, others);
  if (loop) faults.add('begins_loop', 'begins', loop.join(' → '), 'warning');
};

const isEnd = ({ steps }: KindFaults, id: string): boolean => steps.get(id)?.end !== undefined;

const lintTrigger = (faults: KindFaults, { on, as }: BeginRule, path: string): void => {
  const step = faults.steps.get(on.step);
  if (!step) {
    faults.add('unknown_step', path, on.step);
    return;
  }
  if (on.on === 'entered') {
    // A part of what is over already: nobody would wait for it.
    if (as === 'child' && step.end) faults.add('child_of_ended', path, step.id);
    return;
  }
  const action = step.actions.find(({ id }) => id === on.action);
  if (!action) faults.add('unknown_action', path, on.action);
  else if (action.act !== 'submit' && action.act !== 'return') faults.add('never_happens', path, action.id);
  else if (as === 'child' && action.to.length > 0 && action.to.every((one) => isEnd(faults, one.step))) {
    faults.add('child_of_ended', path, action.id);
  }
};

const lintHeld = (faults: KindFaults, held: { readonly step: string; readonly action: string }, path: string): void => {
  const step = faults.steps.get(held.step);
  if (!step) faults.add('unknown_step', `${path}.holds`, held.step);
  else if (!step.actions.some(({ id }) => id === held.action)) {
    faults.add('unknown_action', `${path}.holds`, held.action);
  }
};

interface Target {
  readonly rule: BeginRule;
  readonly to: TicketKind;
  readonly path: string;
}

const lintTarget = (faults: KindFaults, { rule, to, path }: Target): void => {
  for (const [key, fill] of Object.entries(rule.fields)) {
    const field = to.fields.find((one) => one.key === key);
    if (field) lintFill(faults, { fill, field, path: `${path}.fields.${key}` });
    else faults.add('unknown_field', `${path}.fields.${key}`, key);
  }
  const { level } = rule;
  if (level && 'value' in level && !to.levels.some(({ id }) => id === level.value)) {
    faults.add('level_unknown', path, level.value);
  }
  const first = to.steps.find(({ id }) => id === to.start);
  for (const key of first?.fields.required ?? []) {
    // Somebody has to write it there before that ticket goes on.
    if (!Object.hasOwn(rule.fields, key)) faults.add('begin_unfilled', `${path}.fields.${key}`, key, 'warning');
  }
};

const lintFill = (
  faults: KindFaults,
  { fill, field, path }: { readonly fill: BeginFill; readonly field: TicketField; readonly path: string },
): void => {
  if (wouldUnseal(fill, faults.kind, field)) faults.add('begin_unseals', path, field.key);
  if ('value' in fill && fieldProblem(field, fill.value) !== undefined) faults.add('begin_type', path, field.key);
  const from = 'field' in fill ? faults.kind.fields.find(({ key }) => key === fill.field) : undefined;
  if (!from) return;
  const fits = fillable(from, field);
  if (fits === 'no') faults.add('begin_type', path, field.key);
  if (fits === 'cut') faults.add('begin_cut', path, field.key, 'warning');
};

/** What another kind fills this one with, and would not any more. */
const lintBegunBy = (faults: KindFaults, other: TicketKind): void => {
  const { kind } = faults;
  for (const rule of other.begins.filter((one) => one.kind === kind.code)) {
    for (const [key, fill] of Object.entries(rule.fields)) {
      const to = kind.fields.find((field) => field.key === key);
      const from = 'field' in fill ? other.fields.find((field) => field.key === fill.field) : undefined;
      const isFit = to && !wouldUnseal(fill, other, to) && !(from && fillable(from, to) === 'no');
      if (!isFit)
        faults.add('begun_by_unfit', `fields.${key}`, `${other.label.zh} · ${rule.label.zh} · ${key}`, 'warning');
    }
  }
};

/** The way by which a kind comes to begin itself again. */
const loopOf = (kind: TicketKind, others: OtherKinds): readonly string[] | undefined => {
  const next = (code: string) =>
    (code === kind.code ? kind : others.get(code))?.begins.map((rule) => rule.kind) ?? ([] as string[]);
  const seen = new Set<string>();
  const ways: string[][] = [[kind.code]];
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    for (const code of next(way.at(-1) ?? '')) {
      if (code === kind.code) return [...way, code];
      if (seen.has(code)) continue;
      seen.add(code);
      ways.push([...way, code]);
    }
  }
  return undefined;
};
