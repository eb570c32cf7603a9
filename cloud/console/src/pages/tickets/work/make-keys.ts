import type { TicketKind } from '../../../api/tickets.js';

/** What is asked of whoever makes a ticket: what its first step writes, and what no later step does. */
export const makeKeys = (kind: TicketKind): { keys: string[]; required: string[] } => {
  const first = kind.steps.find(({ id }) => id === kind.start);
  const ofFirst = new Set([...(first?.fields.edit ?? []), ...(first?.fields.required ?? [])]);
  const ofLater = new Set(kind.steps.flatMap((step) => (step.id === kind.start ? [] : step.fields.edit)));
  const keys = kind.fields
    .map(({ key }) => key)
    .filter((key) => key === kind.title || ofFirst.has(key) || !ofLater.has(key));
  return { keys, required: [...new Set([kind.title, ...(first?.fields.required ?? [])])] };
};
