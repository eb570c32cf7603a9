type Answers<T extends readonly unknown[]> = { -readonly [K in keyof T]: Awaited<T[K]> };

/**
 * What is asked of one transaction at once, sent in this order. Unlike with `Promise.all`, nothing of it is still asking when one of
 * them has failed: the connection is lent to somebody else by then. Throws what failed first in the order.
 */
export const together = async <const T extends readonly unknown[]>(asked: T): Promise<Answers<T>> => {
  const settled = await Promise.allSettled(asked);
  for (const one of settled) if (one.status === 'rejected') throw one.reason;
  return settled.map((one) => (one as PromiseFulfilledResult<unknown>).value) as Answers<T>;
};
