/** What kept a ticket aside, as far as there is something that people can mend. */
export const asideReasons = ['secret', 'damaged', 'version', 'other'] as const;
export type AsideReason = (typeof asideReasons)[number];

const signs: readonly (readonly [AsideReason, RegExp])[] = [
  ['secret', /does not open with this secret/],
  ['damaged', /^The document of version \d+ of the kind .* is damaged$/],
  ['version', /^Version \d+ of the kind .* is not there$/],
];

export const asideReasonOf = (said: string): AsideReason => signs.find(([, sign]) => sign.test(said))?.[0] ?? 'other';
