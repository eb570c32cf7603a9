/** Looks every 25 ms until there is something to see; throws after a minute: a process starts with all its modules, on a busy machine too. */
export const until = async <T>(look: () => T | undefined | false, what: string): Promise<T> => {
  const endMs = performance.now() + 60_000;
  for (;;) {
    const seen = look();
    if (seen) return seen;
    if (performance.now() > endMs) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};
