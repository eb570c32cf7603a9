import type { TicketField, TicketKind } from '../../../api/tickets.js';

export interface FieldSection {
  label: TicketKind['layout'][number]['label'] | undefined;
  rows: TicketField[][];
}

/** The kind's layout of these fields; those that it does not name come last, one a row. */
export const layoutRows = (
  { fields, layout }: Pick<TicketKind, 'fields' | 'layout'>,
  keys: readonly string[],
): FieldSection[] => {
  const left = new Map(fields.filter(({ key }) => keys.includes(key)).map((field) => [field.key, field]));
  const take = (key: string): TicketField[] => {
    const field = left.get(key);
    left.delete(key);
    return field ? [field] : [];
  };
  const sections: FieldSection[] = layout
    .map(({ label, rows }) => ({
      label,
      rows: rows.map((row) => row.flatMap(take)).filter(({ length }) => length > 0),
    }))
    .filter(({ rows }) => rows.length > 0);
  const rest = [...left.values()].map((field) => [field]);
  return rest.length > 0 ? [...sections, { label: undefined, rows: rest }] : sections;
};
