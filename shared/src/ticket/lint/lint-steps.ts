import type { TicketAction, TicketStep } from '../kind/kind-schema.js';
import type { KindFaults } from './kind-fault.js';

const isOfSeveral = ({ mode }: TicketStep): boolean => mode === 'joint' || mode === 'any' || mode === 'ordered';

/** What is wrong within each step. */
export const lintSteps = (faults: KindFaults): void => {
  for (const step of faults.kind.steps) {
    const path = `steps.${step.id}`;
    if (!faults.states.has(step.state)) faults.add('unknown_state', `${path}.state`, step.state);
    faults.once(
      `${path}.actions`,
      step.actions.map(({ id }) => id),
    );
    const { edit, required, hidden } = step.fields;
    for (const key of [...edit, ...required, ...hidden]) faults.field(`${path}.fields`, key);
    for (const key of required) {
      // It may be there since an earlier step.
      if (!edit.includes(key)) faults.add('required_not_editable', `${path}.fields.required`, key, 'warning');
      if (hidden.includes(key)) faults.add('field_hidden_required', `${path}.fields.hidden`, key);
    }
    lintParties(faults, step, path);
    for (const action of step.actions) lintAction(faults, { step, action, path: `${path}.actions.${action.id}` });
    if (step.end) lintEnd(faults, step, path);
    else lintWork(faults, step, path);
  }
};

const lintParties = (faults: KindFaults, { who }: TicketStep, path: string): void => {
  for (const { when, to } of who) {
    faults.feel(`${path}.who`, when);
    for (const rule of to) faults.party(`${path}.who`, rule);
  }
};

const lintAction = (
  faults: KindFaults,
  { step, action, path }: { readonly step: TicketStep; readonly action: TicketAction; readonly path: string },
): void => {
  for (const key of action.clears) faults.field(`${path}.clears`, key);
  const { act, to, when, who } = action;
  faults.feel(path, when);
  faults.party(path, who);
  for (const target of to) {
    faults.feel(path, target.when);
    faults.step(path, target.step);
  }
  if (act === 'submit' && to.length === 0) faults.add('submit_goes_nowhere', path);
  if (act === 'suspend' && faults.kind.suspendedState === undefined) faults.add('suspend_without_state', path);
  if (act === 'askExtension' && !faults.kind.extension) faults.add('extension_without_approver', path);
  if ((act === 'addSigners' || act === 'removeSigners') && !isOfSeveral(step)) faults.add('signers_of_single', path);
};

const lintEnd = (faults: KindFaults, step: TicketStep, path: string): void => {
  if (step.actions.length > 0 || step.who.length > 0) faults.add('end_has_work', path);
  const phase = faults.states.get(step.state)?.phase;
  const isRight = phase === 'closed' || (phase === 'cancelled' && step.end === 'cancelled');
  if (phase && !isRight) faults.add('phase_of_end', `${path}.state`, phase);
};

const lintWork = (faults: KindFaults, step: TicketStep, path: string): void => {
  const submits = step.actions.filter(({ act }) => act === 'submit');
  if (submits.length === 0) faults.add('no_submit', path);
  // With several voices and several ways on, nobody could say which counts.
  const hasVoices = (step.mode === 'joint' && !step.lead) || step.mode === 'ordered';
  if (submits.length > 1 && hasVoices) faults.add('several_submits_of_joint', path);
  // Then it is a step like any other, and its author means something else.
  if (step.mode === 'free' && !step.actions.some(({ act }) => act === 'transfer'))
    faults.add('free_stays', path, undefined, 'warning');
  if (step.who.length === 0 && !isAlwaysChosen(faults, step.id)) faults.add('nobody', path);
  const isOpen = step.who.length > 0 && step.who.every(({ when }) => when !== undefined);
  if (isOpen) faults.add('nobody', path, undefined, 'warning');
};

/** Whether every action that leads to a step says whom it is for. */
const isAlwaysChosen = ({ kind }: KindFaults, id: string): boolean => {
  const leading = kind.steps.flatMap((step) => step.actions.filter(({ to }) => to.some((one) => one.step === id)));
  return kind.start !== id && leading.length > 0 && leading.every(({ who }) => who !== undefined);
};
