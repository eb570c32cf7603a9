import { useEffect, useState } from 'react';

/** The value as it was when it last stood still for so long: typing asks nothing. */
export const useSettled = <T>(value: T, key: string, forMs = 700): T => {
  const [settled, setSettled] = useState(value);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the value
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), forMs);
    return () => clearTimeout(timer);
  }, [key, forMs]);
  return settled;
};
