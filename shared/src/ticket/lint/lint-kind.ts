import type { TicketKind } from '../kind/kind-schema.js';
import { feelNames, type KindFault, KindFaults } from './kind-fault.js';
import { lintBegins, type OtherKinds } from './lint-begins.js';
import { lintClocks } from './lint-clocks.js';
import { lintFlow } from './lint-flow.js';
import { lintNotices } from './lint-notices.js';
import { lintOrder } from './lint-order.js';
import { lintSteps } from './lint-steps.js';
import { lintSupervise } from './lint-supervise.js';

export interface KindSurroundings {
  /** Codes of the organisation’s calendars, besides `always`. */
  readonly calendars: ReadonlySet<string>;
  /** Published kinds, by code; left out: what begins others is not held against them. */
  readonly kinds?: OtherKinds | undefined;
}

/** All that is wrong with a kind. No error: every ticket of it can be ended, and none is ever nobody’s. */
export const lintKind = (kind: TicketKind, surroundings: KindSurroundings): readonly KindFault[] => {
  const faults = new KindFaults(kind);
  lintNames(faults);
  lintSteps(faults);
  lintFlow(faults);
  lintOrder(faults);
  lintClocks(faults, surroundings);
  lintNotices(faults);
  lintSupervise(faults);
  lintBegins(faults, surroundings.kinds);
  return faults.all;
};

const lintNames = (faults: KindFaults): void => {
  const { kind } = faults;
  for (const part of ['states', 'steps', 'clocks', 'levels', 'notices', 'supervise', 'begins'] as const) {
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
  faults.party('extension.approver', kind.extension?.approver);
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
