import type { TicketKind } from '@hallhub/shared/ticket';

const known = new WeakMap<TicketKind, WeakMap<TicketKind, TicketKind>>();

/** A version of a kind in which is personal, too, what is personal in the newest: a running ticket shows no more than a new one. */
export const withPersonalOf = (kind: TicketKind, newest: TicketKind): TicketKind => {
  if (kind === newest) return kind;
  const found = known.get(kind)?.get(newest);
  if (found) return found;
  const personal = new Set(newest.fields.flatMap((field) => (field.personal ? [field.key] : [])));
  const isMore = kind.fields.some((field) => personal.has(field.key) && !field.personal && field.key !== kind.title);
  const fields = kind.fields.map((field) =>
    personal.has(field.key) && field.key !== kind.title ? { ...field, personal: true } : field,
  );
  const made: TicketKind = isMore ? { ...kind, fields } : kind;
  const all = known.get(kind) ?? new WeakMap<TicketKind, TicketKind>();
  known.set(kind, all.set(newest, made));
  return made;
};
