import type { TicketKind } from '../kind/kind-schema.js';
import { feelNames, type KindFault, KindFaults } from './kind-fault.js';
import { lintFlow } from './lint-flow.js';
import { lintSteps } from './lint-steps.js';

export interface KindSurroundings {
  /** Codes of the organisation’s calendars, besides `always`. */
  readonly calendars: ReadonlySet<string>;
}

/** All that is wrong with a kind. No error: every ticket of it can be ended, and none is ever nobody’s. */
export const lintKind = (kind: TicketKind, surroundings: KindSurroundings): readonly KindFault[] => {
  const faults = new KindFaults(kind);
  lintNames(faults);
  lintSteps(faults);
  lintFlow(faults);
  lintClocks(faults, surroundings);
  lintNotices(faults);
  return faults.all;
};

const lintNames = (faults: KindFaults): void => {
  const { kind } = faults;
  for (const part of ['states', 'steps', 'clocks', 'levels', 'notices'] as const) {
    faults.once(
      part,
      kind[part].map(({ id }) => id),
    );
  }
  faults.once(
    'fields',
    kind.fields.map(({ key }) => key),
  );
  for (const { key } of kind.fields) {
    if ((feelNames as readonly string[]).includes(key)) faults.add('name_taken', `fields.${key}`, key);
  }
  const shown = kind.layout.flatMap(({ rows }) => rows.flat());
  for (const key of shown) faults.field('layout', key);
  faults.once('layout', shown);
  const title = kind.fields.find(({ key }) => key === kind.title);
  if (!title) faults.add('unknown_field', 'title', kind.title);
  else if (title.type !== 'text' || title.personal) faults.add('title_not_text', 'title', kind.title);
  const suspended = kind.suspendedState;
  if (suspended !== undefined && faults.states.get(suspended)?.phase !== 'suspended') {
    faults.add('unknown_state', 'suspendedState', suspended);
  }
};

const lintClocks = (faults: KindFaults, { calendars }: KindSurroundings): void => {
  if (faults.kind.clocks.length === 0) faults.add('no_promise', 'clocks', undefined, 'warning');
  for (const clock of faults.kind.clocks) {
    const path = `clocks.${clock.id}`;
    for (const moment of [clock.from, ...clock.until]) if ('step' in moment) faults.step(path, moment.step);
    for (const { when, calendar } of clock.targets) {
      faults.feel(`${path}.targets`, when, true);
      if (calendar !== 'always' && !calendars.has(calendar))
        faults.add('unknown_calendar', `${path}.targets`, calendar);
    }
    for (const id of clock.pausedIn) if (!faults.states.has(id)) faults.add('unknown_state', `${path}.pausedIn`, id);
  }
};

const lintNotices = (faults: KindFaults): void => {
  const { kind } = faults;
  const actions = new Set(kind.steps.flatMap((step) => step.actions.map(({ id }) => id)));
  for (const { id, on, to } of kind.notices) {
    const path = `notices.${id}`;
    if (on.on === 'entered') faults.step(path, on.step);
    if (on.on === 'action' && !actions.has(on.action)) faults.add('unknown_action', path, on.action);
    const clock = on.on === 'warning' || on.on === 'breach' ? on.clock : undefined;
    if (clock !== undefined && !kind.clocks.some((one) => one.id === clock)) faults.add('unknown_clock', path, clock);
    for (const party of to) if ('field' in party) faults.field(path, party.field);
  }
};
