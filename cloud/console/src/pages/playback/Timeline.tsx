import { type PointerEvent as ReactPointerEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DaySpan, Recorded } from '../../api/recordings.js';
import type { ReviewItem } from '../../api/review.js';
import { clockOf } from '../../format/day-in-zone.js';
import { pan, shareOf, type TimeWindow, ticks, zoom } from './time-window.js';

interface TimelineProps {
  day: DaySpan;
  zone: string;
  window: TimeWindow;
  onWindow: (window: TimeWindow) => void;
  spans: Recorded['spans'];
  events: readonly ReviewItem[];
  at: number | undefined;
  /** Marked for a download. */
  marked: { from?: number | undefined; to?: number | undefined };
  /** Nothing can be recorded after it. */
  now: number;
  onSeek: (at: number) => void;
}

const percent = (share: number): string => `${Math.min(Math.max(share, 0), 1) * 100}%`;
const wheelStep = 1.25;

/** A day of one camera: what is recorded, what was found, what is shown. Wheel: closer and further, sideways: along. */
export function Timeline(props: TimelineProps) {
  const { day, zone, window, spans, events, at, marked, now, onSeek } = props;
  const { t } = useTranslation('playback');
  const bar = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<number>();
  const [isDragging, setIsDragging] = useState(false);
  const latest = useRef(props);
  latest.current = props;
  const timeAt = (clientX: number): number => {
    const box = bar.current?.getBoundingClientRect();
    if (!box) return window.from;
    const share = Math.min(Math.max((clientX - box.left) / box.width, 0), 1);
    return window.from + share * (window.to - window.from);
  };
  // React's own wheel listeners are passive: the page would scroll as well.
  useEffect(() => {
    const element = bar.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const { window: shown, day: whole } = latest.current;
      const box = element.getBoundingClientRect();
      const length = shown.to - shown.from;
      const along = event.shiftKey ? event.deltaY : event.deltaX;
      if (Math.abs(along) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
        latest.current.onWindow(pan(shown, whole, (along / box.width) * length));
        return;
      }
      const aroundMs = shown.from + ((event.clientX - box.left) / box.width) * length;
      latest.current.onWindow(zoom(shown, whole, { factor: event.deltaY > 0 ? wheelStep : 1 / wheelStep, aroundMs }));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, []);
  const drag = {
    onPointerDown: (event: ReactPointerEvent) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      setIsDragging(true);
      setPointed(timeAt(event.clientX));
    },
    onPointerMove: (event: ReactPointerEvent) => setPointed(timeAt(event.clientX)),
    onPointerUp: (event: ReactPointerEvent) => {
      if (!isDragging) return;
      setIsDragging(false);
      onSeek(timeAt(event.clientX));
    },
    onPointerCancel: () => setIsDragging(false),
    onPointerLeave: () => !isDragging && setPointed(undefined),
  };
  const length = window.to - window.from;
  const place = (from: number, to: number) => ({
    left: percent(shareOf(window, from)),
    width: percent(shareOf(window, Math.min(to, window.to)) - Math.max(0, shareOf(window, from))),
  });
  const inSight = <T extends { from: number; to: number }>(one: T) => one.to > window.from && one.from < window.to;
  const recorded = spans.map((span) => ({ from: Date.parse(span.from), to: Date.parse(span.to) })).filter(inSight);
  const shown = isDragging && pointed !== undefined ? pointed : at;
  const isMarked = marked.from !== undefined && marked.to !== undefined && marked.to > marked.from;
  return (
    <div className="playback-timeline">
      <div
        ref={bar}
        className="playback-bar"
        role="slider"
        tabIndex={0}
        aria-label={t('timeline')}
        aria-valuemin={0}
        aria-valuemax={Math.round((day.to - day.from) / 1_000)}
        aria-valuenow={Math.round(((shown ?? day.from) - day.from) / 1_000)}
        aria-valuetext={shown === undefined ? t('nothingShown') : clockOf(shown, zone)}
        {...drag}
      >
        {ticks(window, day, 10).map((tick) => (
          <span key={tick} className="playback-tick" style={{ left: percent(shareOf(window, tick)) }}>
            {clockOf(tick, zone).slice(0, length < 10 * 60_000 ? 8 : 5)}
          </span>
        ))}
        {recorded.map(({ from, to }) => (
          <span key={from} className="playback-span" style={place(from, to)} />
        ))}
        {now < window.to ? (
          <span className="playback-future" style={place(Math.max(now, window.from), window.to)} />
        ) : null}
        {isMarked ? (
          <span className="playback-marked" style={place(marked.from as number, marked.to as number)} />
        ) : null}
        {events
          .filter(({ startedAt }) => Date.parse(startedAt) >= window.from && Date.parse(startedAt) <= window.to)
          .map((event) => (
            <span
              key={event.id}
              className={`playback-event is-${event.severity}`}
              style={{ left: percent(shareOf(window, Date.parse(event.startedAt))) }}
              title={`${clockOf(Date.parse(event.startedAt), zone)} ${event.rules.map(({ name }) => name).join('、')}`}
            />
          ))}
        {shown !== undefined && shown >= window.from && shown <= window.to ? (
          <span className="playback-head" style={{ left: percent(shareOf(window, shown)) }} />
        ) : null}
        {pointed !== undefined ? (
          <span className="playback-pointed" style={{ left: percent(shareOf(window, pointed)) }} aria-hidden="true">
            <span>{clockOf(pointed, zone)}</span>
          </span>
        ) : null}
      </div>
    </div>
  );
}
