import { type RefObject, useEffect } from 'react';

/** Ctrl/⌘ Enter from wherever one types in it, before a list of choices takes the key for a press of its own. */
export function useSendKey(box: RefObject<HTMLElement | null>, send: (() => void) | undefined): void {
  useEffect(() => {
    const at = box.current;
    if (!at || !send) return;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.isComposing || event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      event.stopPropagation();
      send();
    };
    at.addEventListener('keydown', onKeyDown, true);
    return () => at.removeEventListener('keydown', onKeyDown, true);
  });
}
