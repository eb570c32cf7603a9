export interface GroupOrder {
  readonly by: string;
  readonly descending: boolean;
}

/** In the order of what `value` tells; rows without it come last either way, equals stay as they were. */
export const ordered = <Row>(
  rows: readonly Row[],
  value: (row: Row) => number | undefined,
  descending: boolean,
): Row[] =>
  rows.toSorted((a, b) => {
    const [one, other] = [value(a), value(b)];
    if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined);
    return descending ? other - one : one - other;
  });

/** `-made`, `onTime`: as the address keeps it. */
export const orderOf = (text: string | undefined): GroupOrder | undefined =>
  text ? { by: text.replace(/^-/, ''), descending: text.startsWith('-') } : undefined;

/** The next one when a head is pressed: the most first, the least first, as it came. */
export const nextOrder = (now: GroupOrder | undefined, by: string): string | undefined => {
  if (now?.by !== by) return `-${by}`;
  return now.descending ? by : undefined;
};
