import { type RefObject, useEffect, useState } from 'react';

export const rowHeightPx = 32;
const overscan = 12;

interface RowWindow {
  first: number;
  last: number;
  width: number;
}

/** Which rows of a long list are near the eye, and how wide the table stands. */
export function useWindow(scroller: RefObject<HTMLElement | null>, count: number): RowWindow {
  const [view, setView] = useState({ top: 0, height: 800, width: 1200 });
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    let frame = 0;
    const measure = () => {
      frame = 0;
      setView((was) => {
        const now = { top: element.scrollTop, height: element.clientHeight, width: element.clientWidth };
        return was.top === now.top && was.height === now.height && was.width === now.width ? was : now;
      });
    };
    const later = () => {
      frame ||= requestAnimationFrame(measure);
    };
    measure();
    const observer = new ResizeObserver(later);
    observer.observe(element);
    element.addEventListener('scroll', later, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      element.removeEventListener('scroll', later);
    };
  }, [scroller]);
  const first = Math.max(0, Math.floor(view.top / rowHeightPx) - overscan);
  const last = Math.min(count, Math.ceil((view.top + view.height) / rowHeightPx) + overscan);
  return { first, last, width: view.width };
}
