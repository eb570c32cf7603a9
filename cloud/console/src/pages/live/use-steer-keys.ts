import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useKeys } from '../../ui/keys.js';

export interface Direction {
  pan: number;
  tilt: number;
  zoom: number;
}

const directions: Record<string, Direction> = {
  ArrowUp: { pan: 0, tilt: 1, zoom: 0 },
  ArrowDown: { pan: 0, tilt: -1, zoom: 0 },
  ArrowLeft: { pan: -1, tilt: 0, zoom: 0 },
  ArrowRight: { pan: 1, tilt: 0, zoom: 0 },
  '+': { pan: 0, tilt: 0, zoom: 1 },
  '=': { pan: 0, tilt: 0, zoom: 1 },
  '-': { pan: 0, tilt: 0, zoom: -1 },
};

/** What uses arrows itself. */
const ownArrows = '[role=slider],[role=radiogroup],[role=menu],[role=tablist],[role=listbox]';

/** Arrow keys and plus and minus turn the camera for as long as they are down; two together turn it aslant. */
export function useSteerKeys(hold: (direction: Direction) => void, end: () => void): void {
  const { t } = useTranslation('live');
  const down = useRef(new Set<string>());
  const act = useRef({ hold, end });
  act.current = { hold, end };
  const say = () => {
    const sum = { pan: 0, tilt: 0, zoom: 0 };
    for (const key of down.current) {
      const one = directions[key];
      if (one) for (const axis of ['pan', 'tilt', 'zoom'] as const) sum[axis] += one[axis];
    }
    const clamp = (value: number) => Math.min(1, Math.max(-1, value));
    act.current.hold({ pan: clamp(sum.pan), tilt: clamp(sum.tilt), zoom: clamp(sum.zoom) });
  };
  const press = (event: KeyboardEvent) => {
    if (event.target instanceof Element && event.target.closest(ownArrows)) return;
    if (down.current.has(event.key)) return;
    down.current.add(event.key);
    say();
  };
  useKeys(
    Object.keys(directions)
      .filter((key) => key !== '=')
      .map((key) => ({ key, does: t(`steer.key.${keyName(key)}`), run: press })),
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is said reads the latest through its ref
  useEffect(() => {
    const up = (event: KeyboardEvent) => {
      if (!down.current.delete(event.key)) return;
      if (down.current.size === 0) act.current.end();
      else say();
    };
    // A key that comes up elsewhere is never heard of.
    const away = () => {
      if (down.current.size === 0) return;
      down.current.clear();
      act.current.end();
    };
    window.addEventListener('keyup', up);
    window.addEventListener('blur', away);
    return () => {
      window.removeEventListener('keyup', up);
      window.removeEventListener('blur', away);
    };
  }, []);
}

const keyName = (key: string) =>
  key === '+'
    ? 'in'
    : key === '-'
      ? 'out'
      : (key.slice('Arrow'.length).toLowerCase() as 'up' | 'down' | 'left' | 'right');
