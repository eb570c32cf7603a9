import { type BeginRule, fillable, type TicketField, type TicketKind } from '@hallhub/shared/ticket';

const isSealedAlike = (from: TicketField, to: TicketField): boolean => to.personal || !from.personal;

/** What of this kind may stand in a field of the other: of one name or label first. */
export const sourcesOf = ({ fields }: Pick<TicketKind, 'fields'>, to: TicketField): readonly TicketField[] => {
  const alike = (from: TicketField) => from.key === to.key || from.label.zh === to.label.zh;
  const possible = fields.filter((from) => fillable(from, to) !== 'no' && isSealedAlike(from, to));
  return [...possible.filter(alike), ...possible.filter((from) => !alike(from))];
};

/** Fields that are written where the other kind begins, as they stand on its form; then those that are filled besides. */
export const fieldsToFill = (to: TicketKind, filled: BeginRule['fields'] = {}): readonly TicketField[] => {
  const first = to.steps.find(({ id }) => id === to.start)?.fields.edit ?? [];
  const keys = [...first, ...Object.keys(filled).filter((key) => !first.includes(key))];
  return keys.flatMap((key) => to.fields.find((field) => field.key === key) ?? []);
};

/** Fields of one name or label and a type that fits, each from the other; the title from the title in any case. */
export const fillAlike = (from: TicketKind, to: TicketKind): BeginRule['fields'] =>
  Object.fromEntries(
    fieldsToFill(to).flatMap((field) => {
      const alike = sourcesOf(from, field).find(
        ({ key, label }) =>
          key === field.key || label.zh === field.label.zh || (field.key === to.title && key === from.title),
      );
      return alike ? [[field.key, { field: alike.key }]] : [];
    }),
  );
