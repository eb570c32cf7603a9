import { useEffect } from 'react';

interface More {
  has: boolean;
  loading: boolean;
  load: () => void;
}

/** Of a list that nobody scrolls to its end: page after page until there are so many. */
export function useLoadAll({ has, loading, load }: More, loaded: number, most: number): void {
  const goesOn = has && !loading && loaded < most;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `load` is new with each render
  useEffect(() => {
    if (goesOn) load();
  }, [goesOn, loaded]);
}
