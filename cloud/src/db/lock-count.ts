import type { Tx } from './transactions.js';

/** First half of PostgreSQL's advisory locks of two numbers: no other purpose uses these. */
const lockClass = 4_729;

/** Until this transaction ends nobody else counts these: where there may be so many, two at once do not both find room. */
export const lockCount = async (tx: Tx, what: string, ...whose: readonly string[]): Promise<void> => {
  await tx.$client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [lockClass, [what, ...whose].join(' ')]);
};
