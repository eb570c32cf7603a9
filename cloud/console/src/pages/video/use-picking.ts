import { useRef, useState } from 'react';
import type { ReviewItem } from '../../api/review.js';
import { mostAtOnce } from '../../api/review-desk.js';

/** Which open items are picked to be decided at once. What is decided or gone meanwhile is picked no more. */
export function usePicking(items: readonly ReviewItem[]) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const last = useRef<string>(undefined);
  const open = items.filter(({ state }) => state === 'open');
  const picked = open.filter(({ id }) => ids.has(id));
  const put = (next: Iterable<string>) => setIds(new Set([...next].slice(0, mostAtOnce)));
  return {
    picked,
    ids: new Set(picked.map(({ id }) => id)) as ReadonlySet<string>,
    clear: () => setIds(new Set()),
    pick: ({ id }: Pick<ReviewItem, 'id'>, isRange = false) => {
      const [from, to] = [open.findIndex((one) => one.id === last.current), open.findIndex((one) => one.id === id)];
      last.current = id;
      const now = picked.map((one) => one.id);
      if (isRange && from >= 0 && to >= 0) {
        const range = open.slice(Math.min(from, to), Math.max(from, to) + 1).map((one) => one.id);
        return put(new Set([...now, ...range]));
      }
      put(now.includes(id) ? now.filter((one) => one !== id) : [...now, id]);
    },
  };
}
