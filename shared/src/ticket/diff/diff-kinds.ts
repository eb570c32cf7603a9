import type { Label } from '../../label.js';
import type { TicketKind, TicketStep } from '../kind/kind-schema.js';

/** What a change is about. `right`: who gets a step, and what they may see and write there. */
export type KindPart =
  | 'kind'
  | 'level'
  | 'field'
  | 'layout'
  | 'state'
  | 'step'
  | 'right'
  | 'action'
  | 'clock'
  | 'notice'
  | 'supervision'
  | 'begin';

/** One difference between two versions, told so that a sentence in any language can be made of it. */
export interface KindChange {
  readonly change: 'added' | 'removed' | 'changed';
  readonly part: KindPart;
  /** Where: `steps.handle.actions.done`. */
  readonly path: string;
  /** What it is called: the newer name where both have one. */
  readonly name: Label;
  /** The step that it is of. */
  readonly within?: Label | undefined;
  /** changed: which of its properties; of a right: `edit`, `required`, `hidden` or `who`. */
  readonly property?: string | undefined;
  /** JSON; left out where there was or is none. */
  readonly from?: unknown;
  readonly to?: unknown;
}

/** A notice has no label: its text is what people know it by. */
type Named = { readonly label?: Label; readonly text?: Label };
const labelOf = ({ label, text }: Named): Label | undefined => label ?? text;
interface About {
  readonly part: KindPart;
  readonly path: string;
  readonly within?: Label | undefined;
}

const isSame = (a: unknown, b: unknown): boolean => {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
};

const told = (from: unknown, to: unknown) => ({
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
});

/** Properties of two things of one name, but for those that are told by themselves. */
const changedProperties = (
  a: object,
  b: object,
  { part, path, within }: About,
  skip: readonly string[],
): KindChange[] => {
  const [before, after] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const name = labelOf(b as Named) ?? labelOf(a as Named) ?? { zh: path };
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => !skip.includes(key) && !isSame(before[key], after[key]))
    .map((property) => ({
      ...{ change: 'changed' as const, part, path, name, property },
      ...(within ? { within } : {}),
      ...told(before[property], after[property]),
    }));
};

interface Lists<T> {
  readonly before: readonly T[];
  readonly after: readonly T[];
  readonly id: (one: T) => string;
  /** What of two with the same id is told otherwise than by their properties. */
  readonly inner?: (a: T, b: T, path: string) => KindChange[];
  readonly skip?: readonly string[];
}

const diffLists = <T extends object>({ part, path, within }: About, lists: Lists<T>): KindChange[] => {
  const { before, after, id, inner, skip = [] } = lists;
  const nameOf = (one: T): Label => labelOf(one as Named) ?? { zh: id(one) };
  const at = (one: T) => `${path}.${id(one)}`;
  const whole = (change: 'added' | 'removed', one: T): KindChange => ({
    ...{ change, part, path: at(one), name: nameOf(one) },
    ...(within ? { within } : {}),
  });
  const old = new Map(before.map((one) => [id(one), one]));
  const now = new Set(after.map(id));
  const both = after.filter((one) => old.has(id(one)));
  const changes = after.flatMap((one): KindChange[] => {
    const was = old.get(id(one));
    if (!was) return [whole('added', one)];
    return [
      ...changedProperties(was, one, { part, path: at(one), within }, skip),
      ...(inner?.(was, one, at(one)) ?? []),
    ];
  });
  const order = { from: before.filter((one) => now.has(id(one))).map(id), to: both.map(id) };
  if (!isSame(order.from, order.to)) {
    const about = { part, path, name: { zh: path }, property: 'order', ...order };
    changes.push({ change: 'changed', ...about, ...(within ? { within } : {}) });
  }
  return [...changes, ...before.filter((one) => !now.has(id(one))).map((one) => whole('removed', one))];
};

const byId = ({ id }: { readonly id: string }): string => id;

/** Who may do what: each field that a step lets people write, asks for or hides, and whom it goes to. */
const diffRights = (a: TicketStep, b: TicketStep, kinds: readonly [TicketKind, TicketKind]): KindChange[] => {
  const fieldLabel = (key: string): Label =>
    kinds.flatMap(({ fields }) => fields).findLast((field) => field.key === key)?.label ?? { zh: key };
  const path = `steps.${b.id}`;
  const changes: KindChange[] = [];
  if (!isSame(a.who, b.who)) {
    const who = { property: 'who', name: b.label, within: b.label, ...told(a.who, b.who) };
    changes.push({ change: 'changed', part: 'right', path: `${path}.who`, ...who });
  }
  for (const property of ['edit', 'required', 'hidden'] as const) {
    const [before, after] = [a.fields[property], b.fields[property]];
    const about = (key: string, change: 'added' | 'removed'): KindChange => ({
      ...{
        change,
        part: 'right',
        path: `${path}.fields.${property}.${key}`,
        name: fieldLabel(key),
        within: b.label,
        property,
      },
    });
    changes.push(...after.filter((key) => !before.includes(key)).map((key) => about(key, 'added')));
    changes.push(...before.filter((key) => !after.includes(key)).map((key) => about(key, 'removed')));
  }
  return changes;
};

const diffSteps = (a: TicketKind, b: TicketKind): KindChange[] =>
  diffLists(
    { part: 'step', path: 'steps' },
    {
      ...{ before: a.steps, after: b.steps, id: byId, skip: ['actions', 'fields', 'who'] },
      inner: (was, now, path) => [
        ...diffRights(was, now, [a, b]),
        ...diffLists(
          { part: 'action', path: `${path}.actions`, within: now.label },
          { before: was.actions, after: now.actions, id: byId },
        ),
      ],
    },
  );

/** All that differs from one version of a kind to another; none where they are the same. */
export const diffKinds = (a: TicketKind, b: TicketKind): readonly KindChange[] => {
  const lists = ['levels', 'fields', 'layout', 'states', 'steps', 'clocks', 'notices', 'supervise', 'begins'];
  const byLists = <T extends { readonly id: string }>(part: KindPart, path: string, before: T[], after: T[]) =>
    diffLists({ part, path }, { before, after, id: byId });
  return [
    ...changedProperties(a, b, { part: 'kind', path: '' }, lists),
    ...byLists('level', 'levels', a.levels, b.levels),
    ...diffLists({ part: 'field', path: 'fields' }, { before: a.fields, after: b.fields, id: ({ key }) => key }),
    ...(isSame(a.layout, b.layout)
      ? []
      : [
          {
            change: 'changed' as const,
            part: 'layout' as const,
            path: 'layout',
            name: b.label,
            ...told(a.layout, b.layout),
          },
        ]),
    ...byLists('state', 'states', a.states, b.states),
    ...diffSteps(a, b),
    ...byLists('clock', 'clocks', a.clocks, b.clocks),
    ...byLists('notice', 'notices', a.notices, b.notices),
    ...byLists('supervision', 'supervise', a.supervise, b.supervise),
    ...byLists('begin', 'begins', a.begins, b.begins),
  ];
};
