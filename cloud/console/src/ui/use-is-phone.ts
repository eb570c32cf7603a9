import { useSyncExternalStore } from 'react';

const narrow = '(max-width: 639px)';

const subscribe = (tell: () => void) => {
  const query = window.matchMedia(narrow);
  query.addEventListener('change', tell);
  return () => query.removeEventListener('change', tell);
};

/** Where words have to be short. */
export const useIsPhone = (): boolean => useSyncExternalStore(subscribe, () => window.matchMedia(narrow).matches);
