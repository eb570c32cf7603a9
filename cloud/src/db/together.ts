import { postgresError } from './conflicts.js';

type Answers<T extends readonly unknown[]> = { -readonly [K in keyof T]: Awaited<T[K]> };

/**
 * What is asked of one transaction at once, sent in this order. Unlike with `Promise.all`, nothing of it is still asking when one of
 * them has failed: the connection is lent to somebody else by then. Throws what failed first: not what failed only because the
 * transaction was broken by then, or a conflict would not be seen as one and done again.
 */
export const together = async <const T extends readonly unknown[]>(asked: T): Promise<Answers<T>> => {
  const settled = await Promise.allSettled(asked);
  const failed = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  if (failed.length > 0) throw failed.find((reason) => !isAftermath(reason)) ?? failed[0];
  return settled.map((one) => (one as PromiseFulfilledResult<unknown>).value) as Answers<T>;
};

/** 25P02, in_failed_sql_transaction. */
const isAftermath = (reason: unknown): boolean => postgresError(reason)?.code === '25P02';
