import type { Value } from '@hallhub/shared/wire';

/** An event that a profile derives from a property taking a value. */
export interface DerivedEvent {
  readonly property: string;
  readonly to: readonly Value[];
  readonly fields: Readonly<Record<string, string>>;
}

/** Raises derived events when a value changes. Starts from the last values known, so that a restart repeats no event. */
export class ChangeWatch {
  readonly #last: Map<string, Value>;
  readonly #hasRules: boolean;

  constructor(
    private readonly rules: Readonly<Record<string, DerivedEvent>>,
    known: Iterable<readonly [string, Value]>,
  ) {
    this.#last = new Map(known);
    this.#hasRules = Object.keys(rules).length > 0;
  }

  /** Takes new values, gives the events that they make. */
  changed(values: Readonly<Record<string, Value>>): { event: string; data: Record<string, Value> }[] {
    if (!this.#hasRules) return [];
    const before = new Map(Object.keys(values).map((id) => [id, this.#last.get(id)] as const));
    for (const [id, value] of Object.entries(values)) this.#last.set(id, value);
    return Object.entries(this.rules).flatMap(([event, rule]) => {
      const value = values[rule.property];
      if (value === undefined || value === null || value === before.get(rule.property)) return [];
      if (!rule.to.includes(value)) return [];
      const data: Record<string, Value> = {};
      for (const [field, property] of Object.entries(rule.fields)) {
        const one = this.#last.get(property);
        if (one !== undefined && one !== null) data[field] = one;
      }
      return [{ event, data }];
    });
  }
}
