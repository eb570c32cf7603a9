import { decisions } from './tables.js';

export { decisions };
export type Decision = (typeof decisions)[number];

/** Of several findings decided differently: the one that stands for all. */
export const weightiest = (given: readonly Decision[]): Decision | null =>
  decisions.find((decision) => given.includes(decision)) ?? null;
