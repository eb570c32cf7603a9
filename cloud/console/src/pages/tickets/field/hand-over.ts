let isWatched = false;

/**
 * On the first visit the program and the lists were loaded before the worker was there: it is told what they were and keeps them, so
 * that this visit is enough to work without a line afterwards.
 */
export const handOver = async (): Promise<void> => {
  if (isWatched) return;
  isWatched = true;
  const { active } = await navigator.serviceWorker.ready;
  const tell = (names: readonly string[]) => active?.postMessage({ keep: names });
  tell(['/m/']);
  new PerformanceObserver((list) => {
    const names = list.getEntries().map(({ name }) => name);
    tell(names.filter((name) => name.startsWith(`${window.location.origin}/`)));
  }).observe({ type: 'resource', buffered: true });
};
