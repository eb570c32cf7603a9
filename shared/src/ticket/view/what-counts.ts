import type { Task, TicketState } from '../engine/ticket-state.js';
import type { TicketKind } from '../kind/kind-schema.js';

/** Tasks that solved the ticket: done by an action that marks `solved`, the latest first. */
export const solvingTasks = (kind: TicketKind, { tasks }: Pick<TicketState, 'tasks'>): readonly Task[] => {
  const solves = new Set(
    kind.steps.flatMap(({ id, actions }) =>
      actions.filter(({ marks }) => marks.includes('solved')).map((action) => `${id} ${action.id}`),
    ),
  );
  return tasks
    .filter(({ purpose, step, action }) => purpose === 'handle' && solves.has(`${step} ${action}`))
    .sort((a, b) => (b.endedAt ?? Number.MAX_VALUE) - (a.endedAt ?? Number.MAX_VALUE));
};

/** A category’s path as one text, `a/b`; undefined where there is none. */
export const categoryPath = (value: unknown): string | undefined => {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.every((one) => typeof one === 'string') ? value.join('/') : undefined;
};

/** `tree:a/b` of the first category that is filled in. */
export const categoryOf = (kind: TicketKind, fields: TicketState['fields']): string | null => {
  for (const field of kind.fields) {
    const path = field.type === 'category' ? categoryPath(fields[field.key]) : undefined;
    if (field.type === 'category' && path !== undefined) return `${field.tree}:${path}`;
  }
  return null;
};
