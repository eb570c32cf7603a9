import { readFeel } from '../../feel/index.js';
import type { TicketKind, TicketStep } from './kind-schema.js';

/** What expressions may read besides the kind’s own fields. */
export const feelNames = ['level', 'source', 'region', 'hall', 'marks', 'reopened', 'returned', 'now'] as const;

export const kindFaults = [
  'twice',
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

export interface KindSurroundings {
  /** Codes of the organisation’s calendars, besides `always`. */
  readonly calendars: ReadonlySet<string>;
}

const namesOf = ({ fields }: TicketKind): ReadonlySet<string> =>
  new Set([...feelNames, ...fields.map(({ key }) => key)]);

const targetsOf = (step: TicketStep): readonly string[] => step.actions.flatMap(({ to }) => to.map((one) => one.step));

/** Steps that can be come to from one, by what actions say. A return leads only where the ticket was. */
const reach = (from: readonly string[], next: (step: string) => readonly string[]): ReadonlySet<string> => {
  const seen = new Set(from);
  const left = [...from];
  for (let step = left.pop(); step !== undefined; step = left.pop()) {
    for (const one of next(step)) {
      if (seen.has(one)) continue;
      seen.add(one);
      left.push(one);
    }
  }
  return seen;
};

/** All that is wrong with a kind, worst first within the order of its parts. No error: every ticket of it can be ended, and none is ever nobody’s. */
export const lintKind = (kind: TicketKind, { calendars }: KindSurroundings): KindFault[] => {
  const faults: KindFault[] = [];
  const fault = (code: KindFaultCode, path: string, about?: string, severity: KindFault['severity'] = 'error') =>
    faults.push({ code, severity, path, ...(about === undefined ? {} : { about }) });
  const steps = new Map(kind.steps.map((step) => [step.id, step]));
  const fields = new Set(kind.fields.map(({ key }) => key));
  const states = new Map(kind.states.map((state) => [state.id, state]));
  const clocks = new Set(kind.clocks.map(({ id }) => id));
  const actions = new Set(kind.steps.flatMap((step) => step.actions.map(({ id }) => id)));
  const names = namesOf(kind);

  const once = (path: string, ids: readonly string[]) => {
    for (const id of new Set(ids.filter((one, i) => ids.indexOf(one) !== i))) fault('twice', path, id);
  };
  const isStep = (path: string, id: string) => steps.has(id) || fault('unknown_step', path, id) < 0;
  const isField = (path: string, key: string) => fields.has(key) || fault('unknown_field', path, key) < 0;
  const feel = (path: string, expression: string | undefined) => {
    if (expression === undefined) return;
    const read = readFeel(expression, names);
    if (!read.ok) fault('feel_broken', path, read.message);
    else {
      for (const name of read.unknown) fault('feel_unknown_name', path, name);
      for (const name of read.forbidden) fault('feel_unsteady', path, name);
    }
  };

  once(
    'fields',
    kind.fields.map(({ key }) => key),
  );
  once(
    'states',
    kind.states.map(({ id }) => id),
  );
  once(
    'steps',
    kind.steps.map(({ id }) => id),
  );
  once(
    'clocks',
    kind.clocks.map(({ id }) => id),
  );
  once(
    'levels',
    kind.levels.map(({ id }) => id),
  );
  once(
    'notices',
    kind.notices.map(({ id }) => id),
  );
  for (const key of kind.layout.flatMap(({ rows }) => rows.flat())) isField('layout', key);
  once(
    'layout',
    kind.layout.flatMap(({ rows }) => rows.flat()),
  );
  const title = kind.fields.find(({ key }) => key === kind.title);
  if (!title) fault('unknown_field', 'title', kind.title);
  else if (title.type !== 'text' || title.personal) fault('title_not_text', 'title', kind.title);

  for (const step of kind.steps) {
    const path = `steps.${step.id}`;
    const state = states.get(step.state);
    if (!state) fault('unknown_state', `${path}.state`, step.state);
    once(
      `${path}.actions`,
      step.actions.map(({ id }) => id),
    );
    for (const key of [...step.fields.edit, ...step.fields.required, ...step.fields.hidden])
      isField(`${path}.fields`, key);
    for (const key of step.fields.required) {
      // Already there since an earlier step: a warning, as it may be.
      if (!step.fields.edit.includes(key)) fault('required_not_editable', `${path}.fields.required`, key, 'warning');
    }
    for (const { when, to } of step.who) {
      feel(`${path}.who`, when);
      for (const rule of to) {
        if (rule.kind === 'field' || rule.kind === 'categoryOffice') isField(`${path}.who`, rule.field);
        if (rule.kind === 'handlerOf') isStep(`${path}.who`, rule.step);
      }
    }
    for (const action of step.actions) {
      const at = `${path}.actions.${action.id}`;
      feel(at, action.when);
      for (const { when, step: to } of action.to) {
        feel(at, when);
        isStep(at, to);
      }
      if (action.act === 'submit' && action.to.length === 0) fault('submit_goes_nowhere', at);
      if (action.act === 'suspend' && kind.suspendedState === undefined) fault('suspend_without_state', at);
      if (action.act === 'askExtension' && !kind.extension) fault('extension_without_approver', at);
      const isOfSeveral = step.mode === 'joint' || step.mode === 'any' || step.mode === 'ordered';
      if ((action.act === 'addSigners' || action.act === 'removeSigners') && !isOfSeveral)
        fault('signers_of_single', at);
    }
    if (step.end) {
      if (step.actions.length > 0 || step.who.length > 0) fault('end_has_work', path);
      const isRight =
        state &&
        (step.end === 'closed' ? state.phase === 'closed' : state.phase === 'cancelled' || state.phase === 'closed');
      if (state && !isRight) fault('phase_of_end', `${path}.state`, state.phase);
      continue;
    }
    const submits = step.actions.filter(({ act }) => act === 'submit');
    if (submits.length === 0) fault('no_submit', path);
    // With several voices and several ways on, nobody could say which counts.
    if (submits.length > 1 && !step.lead && (step.mode === 'joint' || step.mode === 'ordered'))
      fault('several_submits_of_joint', path);
    if (step.who.length === 0 && !isAlwaysChosen(kind, step.id)) fault('nobody', path);
    else if (step.who.length > 0 && step.who.every(({ when }) => when !== undefined))
      fault('nobody', path, undefined, 'warning');
  }

  const start = steps.get(kind.start);
  if (!start) fault('unknown_step', 'start', kind.start);
  else if (start.end) fault('start_is_end', 'start', kind.start);
  if (!kind.steps.some(({ end }) => end)) fault('no_end', 'steps');
  const next = (id: string) => {
    const step = steps.get(id);
    return step ? targetsOf(step) : [];
  };
  const found = reach([kind.start, ...(kind.reopen ? [kind.reopen.to] : [])], next);
  for (const { id, end } of kind.steps) {
    if (!found.has(id)) fault('unreachable', `steps.${id}`, id);
    const ahead = reach([id], next);
    if (!end && !kind.steps.some((one) => one.end && ahead.has(one.id))) fault('no_way_out', `steps.${id}`, id);
  }

  if (kind.clocks.length === 0) fault('no_promise', 'clocks', undefined, 'warning');
  if (kind.reopen) isStep('reopen.to', kind.reopen.to);
  if (kind.suspendedState !== undefined && states.get(kind.suspendedState)?.phase !== 'suspended') {
    fault('unknown_state', 'suspendedState', kind.suspendedState);
  }
  for (const clock of kind.clocks) {
    const path = `clocks.${clock.id}`;
    for (const moment of [clock.from, ...clock.until]) if ('step' in moment) isStep(path, moment.step);
    for (const { when, calendar } of clock.targets) {
      feel(`${path}.targets`, when);
      if (calendar !== 'always' && !calendars.has(calendar)) fault('unknown_calendar', `${path}.targets`, calendar);
    }
    for (const id of clock.pausedIn) if (!states.has(id)) fault('unknown_state', `${path}.pausedIn`, id);
  }
  for (const { id, on, to } of kind.notices) {
    const path = `notices.${id}`;
    if (on.on === 'entered') isStep(path, on.step);
    if (on.on === 'action' && !actions.has(on.action)) fault('unknown_action', path, on.action);
    if ((on.on === 'warning' || on.on === 'breach') && !clocks.has(on.clock)) fault('unknown_clock', path, on.clock);
    for (const party of to) if ('field' in party) isField(path, party.field);
  }
  return faults;
};

/** Whether every action that leads to a step says whom it is for. */
const isAlwaysChosen = (kind: TicketKind, id: string): boolean => {
  const leading = kind.steps.flatMap((step) => step.actions.filter(({ to }) => to.some((one) => one.step === id)));
  return kind.start !== id && leading.length > 0 && leading.every(({ who }) => who !== undefined);
};
