import { type CompiledFeel, compileFeel } from '../../feel/index.js';
import type { TicketState } from '../engine/ticket-state.js';
import type { TicketClock } from '../kind/clock-schema.js';
import type { TicketKind } from '../kind/kind-schema.js';
import { feelNames } from '../lint/kind-fault.js';

/** What an expression may read besides the ticket itself. */
export interface ConditionFacts {
  /** Codes of the ticket’s place. */
  readonly region: string | null;
  readonly hall: string | null;
  /** Epoch ms UTC. */
  readonly at: number;
}

type Reader = (state: TicketState, facts: ConditionFacts) => unknown;
const readers: Readonly<Record<(typeof feelNames)[number], Reader>> = {
  level: ({ level }) => level,
  source: ({ source }) => source,
  region: (_, { region }) => region,
  hall: (_, { hall }) => hall,
  /** Names of what has been achieved: `list contains(marks, "solved")`. */
  marks: ({ marks }) => Object.keys(marks),
  reopened: ({ reopened }) => reopened,
  returned: ({ returned }) => returned,
  /** As fields of type `instant` are: `date and time(now)`. */
  now: (_, { at }) => new Date(at).toISOString(),
};
const isOwnName = (name: string): name is keyof typeof readers => Object.hasOwn(readers, name);

/** The expressions of one version of a kind; each is compiled when it is first asked. */
export class TicketConditions {
  readonly #names: ReadonlySet<string>;
  readonly #compiled = new Map<string, CompiledFeel>();

  constructor(kind: TicketKind) {
    this.#names = new Set([...feelNames, ...kind.fields.map(({ key }) => key)]);
  }

  /** Whether it is true; false, null and what is no yes or no are not. Throws `configuration` where the text is no FEEL, which a published kind never has. */
  holds(expression: string, state: TicketState, facts: ConditionFacts): boolean {
    return this.value(expression, state, facts) === true;
  }

  /** What it says; null where FEEL says null. Throws as `holds` does. */
  value(expression: string, state: TicketState, facts: ConditionFacts): unknown {
    let compiled = this.#compiled.get(expression);
    if (!compiled) {
      compiled = compileFeel(expression, this.#names);
      this.#compiled.set(expression, compiled);
    }
    // The engine's own names come first: no field may take the place of `level`.
    const values = (name: string) => (isOwnName(name) ? readers[name](state, facts) : state.fields[name]);
    return compiled.evaluate(values);
  }

  /** The first target that holds for the ticket as it is; -1: nothing is promised. */
  targetOf({ targets }: TicketClock, state: TicketState, facts: ConditionFacts): number {
    return targets.findIndex(({ when }) => when === undefined || this.holds(when, state, facts));
  }
}

const known = new WeakMap<TicketKind, TicketConditions>();

/** Kept as long as the kind's document is: whoever caches a published version caches its compiled expressions too. */
export const ticketConditions = (kind: TicketKind): TicketConditions => {
  let conditions = known.get(kind);
  if (!conditions) {
    conditions = new TicketConditions(kind);
    known.set(kind, conditions);
  }
  return conditions;
};
