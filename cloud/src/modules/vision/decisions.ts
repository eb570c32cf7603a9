/**
 * What a reviewer says of a finding, the weightiest first. `false`: it was not so. `below_standard`: it was, but not enough to act on.
 * `already_left`: it was, and is over. `duplicate`: the same is another item already.
 */
export const decisions = ['accepted', 'below_standard', 'already_left', 'duplicate', 'false'] as const;
export type Decision = (typeof decisions)[number];

/** Of several findings decided differently: the one that stands for all. */
export const weightiest = (given: readonly Decision[]): Decision | null =>
  decisions.find((decision) => given.includes(decision)) ?? null;
