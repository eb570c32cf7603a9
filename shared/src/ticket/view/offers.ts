import { readFeel } from '../../feel/index.js';
import { uuidv7 } from '../../ids/index.js';
import { decide } from '../engine/decide.js';
import type { DecideContext, Decided, Refused } from '../engine/decide-context.js';
import { stepOf } from '../engine/enter-step.js';
import { type HeldTask, heldFor, heldTask, isRefused } from '../engine/held-task.js';
import type { TicketCommand } from '../engine/ticket-command.js';
import { isLive, liveTasks, type TicketState } from '../engine/ticket-state.js';
import { isEmptyValue } from '../kind/check-field.js';
import type { TicketField } from '../kind/field-schema.js';
import type { TicketAction, TicketKind, TicketStep } from '../kind/kind-schema.js';
import { mayChoose } from '../kind/may-choose.js';
import type { Offer } from './ticket-view.js';

const opinion = '·';

/** What could not begin is offered where the page tells of it: there may be several. */
type Offered = Exclude<TicketCommand, { do: 'begin' | 'dropBegin' }>;

/**
 * What an actor may do with a ticket now. Each offer was tried on the engine: sent with the parties, fields and opinion that it asks for,
 * it is accepted. An action whose condition reads a field that the actor may still fill in is offered too: the condition decides when it is sent.
 */
export const offersOf = (context: DecideContext, state: TicketState): Offer[] => {
  const held = state.tasks.flatMap((task) => {
    const one = isLive(task) ? heldTask(context, state, task.id) : undefined;
    return one && !isRefused(one) ? [one] : [];
  });
  return [
    ...held.flatMap((one) => offersOfTask(context, state, one)),
    ...liveTasks(state).flatMap(({ id }) => offersOfColleague(context, state, id)),
    ...offersOfTicket(context, state),
  ];
};

const offer = (what: Pick<Offer, 'do'> & Partial<Offer>): Offer => ({
  ...{ task: null, action: null, label: null, opinion: 'optional', grave: false, chooses: null, steps: [], tasks: [] },
  ...{ edit: [], required: [] },
  ...what,
});

/** Some tries need an id that the ticket does not know. */
const stranger = () => ({ kind: 'person' as const, id: uuidv7() });
const accepts = (context: DecideContext, state: TicketState, command: TicketCommand): boolean =>
  !isRefused(decide(context, state, command));

/** A task that lies with somebody else of the actor’s office. */
const offersOfColleague = (context: DecideContext, state: TicketState, task: string): Offer[] =>
  accepts(context, state, { do: 'takeOver', task, opinion }) ? [offer({ do: 'takeOver', task })] : [];

const offersOfTask = (context: DecideContext, state: TicketState, held: HeldTask): Offer[] => {
  const { task, step } = held;
  const simple = (command: Offered, more: Partial<Offer> = {}): Offer[] =>
    accepts(context, state, command) ? [offer({ do: command.do, task: task.id, opinion: 'no', ...more })] : [];
  if (task.purpose === 'extension') {
    return simple({ do: 'decideExtension', task: task.id, granted: false }, { opinion: 'optional' });
  }
  const { edit } = step.fields;
  // Taking on what is one’s own already would only be one click more.
  const isToSign = step.sign || task.party.kind === 'office';
  return [
    ...(isToSign ? simple({ do: 'sign', task: task.id }) : []),
    ...simple({ do: 'release', task: task.id }),
    ...(edit.length > 0 ? simple({ do: 'edit', task: task.id, fields: {} }, { edit: [...edit] }) : []),
    ...step.actions.flatMap((action) => offersOfAction(context, state, held, action)),
  ];
};

const offersOfAction = (context: DecideContext, state: TicketState, held: HeldTask, action: TicketAction): Offer[] => {
  const { task } = held;
  const base = {
    ...{ task: task.id, action: action.id, label: action.label, opinion: action.opinion, grave: action.grave },
  } satisfies Partial<Offer>;
  const said = { ...base, opinion: 'required' as const };
  const one = (command: Offered, more: Partial<Offer> = {}): Offer[] =>
    accepts(context, state, command) ? [offer({ ...base, do: command.do, ...more })] : [];
  switch (action.act) {
    case 'submit':
      return offersOfSubmit(context, state, { held, action, base });
    case 'return': {
      const command = { do: 'return', task: task.id, action: action.id, opinion } as const;
      if (action.to.length > 0) return one(command, said);
      const back = [...new Set(state.visits.map((visit) => visit.step))].filter((id) =>
        accepts(context, state, { ...command, step: id }),
      );
      return back.length === 0 ? [] : [offer({ ...said, do: 'return', steps: labelled(context.kind, back) })];
    }
    case 'transfer':
    case 'delegate':
      return one({ do: action.act, task: task.id, to: stranger(), opinion }, { chooses: { most: 1, lead: false } });
    case 'addSigners':
      return one(
        { do: 'addSigners', task: task.id, to: [stranger()], opinion },
        { chooses: { most: 50, lead: false } },
      );
    case 'removeSigners': {
      const isRemovable = (id: string) =>
        accepts(context, state, { do: 'removeSigners', task: task.id, tasks: [id], opinion });
      const tasks = state.tasks.flatMap(({ id }) => (isRemovable(id) ? [id] : []));
      return tasks.length > 0 ? [offer({ ...base, do: 'removeSigners', tasks })] : [];
    }
    case 'suspend':
      return one({ do: 'suspend', task: task.id, opinion }, said);
    case 'askExtension':
      return one({ do: 'askExtension', task: task.id, minutes: 1, opinion }, said);
    case 'split': {
      const asked = heldFor(context, state, { task: task.id, act: 'split', action: action.id, opinion });
      return isRefused(asked) ? [] : [offer({ ...base, do: 'split' })];
    }
  }
};

const offersOfSubmit = (
  context: DecideContext,
  state: TicketState,
  of: { readonly held: HeldTask; readonly action: TicketAction; readonly base: Partial<Offer> },
): Offer[] => {
  const { held, action, base } = of;
  const { edit, required } = held.step.fields;
  const more = { ...base, do: 'submit' as const, edit: [...edit], required: [...required] };
  const names = new Set(context.kind.fields.map(({ key }) => key));
  const isOpen = (expression: string | undefined) => expression !== undefined && readsAny(expression, names, edit);
  const depends = isOpen(action.when) || action.to.some(({ when }) => isOpen(when));
  const chooses = mayChoose(context.kind, action);
  const filled = { ...state, fields: { ...state.fields, ...placeholders(state, required) } };
  const tried: Decided | Refused = decide(context, filled, {
    ...{ do: 'submit', task: held.task.id, action: action.id, fields: {}, opinion },
  });
  if (!isRefused(tried)) return [offer({ ...more, chooses: depends ? chooses : null })];
  if (tried.code === 'choose_party') return [offer({ ...more, chooses })];
  if (tried.code !== 'not_now' || tried.context.first !== undefined || !depends) return [];
  return action.when === undefined || couldHold(context, filled, { when: action.when, edit })
    ? [offer({ ...more, chooses })]
    : [];
};

/** So that a form that is not filled in yet does not hide what may be done with it. */
const placeholders = (state: TicketState, required: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(required.filter((key) => isEmptyValue(state.fields[key])).map((key) => [key, opinion]));

const readsAny = (expression: string, names: ReadonlySet<string>, fields: readonly string[]): boolean => {
  const read = readFeel(expression, names);
  return read.ok && read.inputs.some((input) => fields.includes(input));
};

/** A field of few values, as it may be filled in; undefined: there are too many. */
const valuesOf = (field: TicketField): readonly unknown[] | undefined => {
  if (field.type === 'yesNo') return [null, true, false];
  if (field.type === 'satisfaction') return [null, 1, 2, 3, 4, 5];
  return field.type === 'choice' ? [null, ...field.choices.map(({ value }) => value)] : undefined;
};
const mostTries = 200;

/** Whether a condition holds with anything that the actor may write: what waits for more than the form is not offered. */
const couldHold = (
  { kind, holds }: DecideContext,
  state: TicketState,
  { when, edit }: { readonly when: string; readonly edit: readonly string[] },
): boolean => {
  const read = readFeel(when, new Set(kind.fields.map(({ key }) => key)));
  const asked = kind.fields.filter(({ key }) => read.ok && read.inputs.includes(key) && edit.includes(key));
  let tries: Record<string, unknown>[] = [{}];
  for (const field of asked) {
    const values = valuesOf(field);
    if (values === undefined || tries.length * values.length > mostTries) return true;
    tries = tries.flatMap((one) => values.map((value) => ({ ...one, [field.key]: value })));
  }
  return tries.some((fields) => holds(when, { ...state, fields: { ...state.fields, ...fields } }));
};

const labelled = (kind: TicketKind, ids: readonly string[]): Offer['steps'] =>
  ids.map((id) => ({ id, label: kind.steps.find((step: TicketStep) => step.id === id)?.label ?? { zh: id } }));

const offersOfTicket = (context: DecideContext, state: TicketState): Offer[] => {
  const { kind, actor } = context;
  const one = (command: Offered, how: Offer['opinion'], more: Partial<Offer> = {}): Offer[] =>
    accepts(context, state, command) ? [offer({ do: command.do, opinion: how, ...more })] : [];
  const other = uuidv7();
  const level = kind.levels.find(({ id }) => id !== state.level);
  const elsewhere = actor.mayIntervene
    ? kind.steps.filter(({ id }) => id !== state.step && mayEnter(context, state, id)).map(({ id }) => id)
    : [];
  return [
    ...one({ do: 'withdraw', opinion }, 'optional'),
    ...one({ do: 'resume', opinion }, 'optional'),
    ...one({ do: 'remind', opinion }, 'optional'),
    ...one({ do: 'comment', opinion }, 'required'),
    ...one({ do: 'supervise', on: !state.supervised, opinion }, 'required'),
    ...one({ do: 'instruct', opinion }, 'required'),
    ...(level ? one({ do: 'setLevel', level: level.id, opinion }, 'optional') : []),
    ...one({ do: 'link', ticket: other, how: 'related' }, 'no'),
    ...one({ do: 'unlink', ticket: other, how: 'related', opinion }, 'required'),
    ...one({ do: 'mergeInto', ticket: other, opinion }, 'required', { grave: true }),
    ...(elsewhere.length === 0
      ? []
      : [
          offer({
            ...{ do: 'intervene', opinion: 'required', grave: true, chooses: { most: 50, lead: false } },
            steps: labelled(kind, elsewhere),
          }),
        ]),
    ...one({ do: 'cancel', opinion }, 'required', { grave: true }),
    ...one({ do: 'reopen', opinion }, 'required'),
  ];
};

/** With parties named, for a step may leave them to be chosen. */
const mayEnter = (context: DecideContext, state: TicketState, step: string): boolean =>
  stepOf(context, step) !== undefined && accepts(context, state, { do: 'intervene', step, to: [stranger()], opinion });
