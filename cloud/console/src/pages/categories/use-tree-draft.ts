import { useState } from 'react';
import type { CategoryTree } from '../../api/category-trees.js';
import type { Category } from './category-draft.js';

interface State {
  readonly items: readonly Category[];
  readonly label: CategoryTree['label'];
}

const mostKept = 100;

/** A tree while it is changed: every change can be taken back until it is saved. */
export function useTreeDraft(tree: CategoryTree) {
  const first: State = { items: tree.items, label: tree.label };
  const [saved, setSaved] = useState(first);
  const [now, setNow] = useState(first);
  const [past, setPast] = useState<readonly State[]>([]);
  const change = (next: Partial<State>) => {
    setPast((was) => [...was, now].slice(-mostKept));
    setNow({ ...now, ...next });
  };
  const undo = () => {
    const last = past.at(-1);
    if (!last) return;
    setPast(past.slice(0, -1));
    setNow(last);
  };
  const settle = (after: CategoryTree) => {
    const state = { items: after.items, label: after.label };
    setSaved(state);
    setNow(state);
    setPast([]);
  };
  const discard = () => {
    setNow(saved);
    setPast([]);
  };
  const isChanged = now !== saved && JSON.stringify(now) !== JSON.stringify(saved);
  const known = new Set(saved.items.map(({ code }) => code));
  return {
    ...now,
    change,
    undo,
    mayUndo: past.length > 0,
    settle,
    discard,
    isChanged,
    isNew: (code: string) => !known.has(code),
  };
}
