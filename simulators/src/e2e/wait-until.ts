/** Waits for a condition, not for a time: the limit is only for what never comes, and far beyond what a busy machine takes. The error says what was last seen. */
export const waitUntil = async <T>(
  what: string,
  look: () => T | undefined | false | null | Promise<T | undefined | false | null>,
  options: { withinMs?: number; everyMs?: number; seen?: () => unknown; onError?: (error: unknown) => void } = {},
): Promise<T> => {
  const deadline = Date.now() + (options.withinMs ?? 120_000);
  let last: unknown;
  for (;;) {
    try {
      const result = await look();
      if (result) return result;
      last = options.seen ? options.seen() : result;
    } catch (error) {
      options.onError?.(error);
      last = error;
    }
    if (Date.now() > deadline)
      throw new Error(
        `waited in vain for ${what}; last seen: ${last instanceof Error ? last.message : JSON.stringify(last)}`,
      );
    await new Promise((resolve) => setTimeout(resolve, options.everyMs ?? 100));
  }
};
