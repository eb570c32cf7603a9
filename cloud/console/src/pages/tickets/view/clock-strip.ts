import type { ClockStory } from '../../../api/tickets.js';

type Why = ClockStory['stretches'][number]['why']['kind'];

export interface StripPart {
  key: string;
  why: Why | 'ahead';
  /** Of the strip's width, 0 to 1. */
  share: number;
  fromMs: number;
  toMs: number;
  /** Beyond what was promised. */
  over: boolean;
  /** Of a holiday or a state, where it has one. */
  about: ClockStory['stretches'][number]['why'];
}

export interface ClockStrip {
  fromMs: number;
  toMs: number;
  parts: StripPart[];
  /** Where on the strip the promise ends; undefined: not within it. */
  dueShare: number | undefined;
  /** How long each reason took, in ms. */
  totals: Record<Why, number>;
}

/** A clock as one strip of time, true to scale: from its beginning to its end, to now or to when it is due, whichever is last. */
export const clockStrip = (story: ClockStory, now: number): ClockStrip => {
  const fromMs = Date.parse(story.beganAt);
  const dueMs = story.dueAt === null ? undefined : Date.parse(story.dueAt);
  const breachedMs = story.breachedAt === null ? dueMs : Date.parse(story.breachedAt);
  const endMs = story.endedAt === null ? now : Date.parse(story.endedAt);
  const toMs = Math.max(endMs, story.endedAt === null ? (dueMs ?? endMs) : endMs, fromMs + 1);
  const all = toMs - fromMs;
  const totals: Record<Why, number> = { runs: 0, night: 0, holiday: 0, paused: 0 };
  const parts: StripPart[] = [];
  const put = (from: number, to: number, rest: Pick<StripPart, 'why' | 'about'> & { over: boolean }) => {
    if (to <= from) return;
    parts.push({ ...rest, key: `${from}${rest.why}`, share: (to - from) / all, fromMs: from, toMs: to });
  };
  story.stretches.forEach((stretch, i) => {
    const isLast = i === story.stretches.length - 1;
    const from = Date.parse(stretch.from);
    // The server told what was; the stretch that goes on grows on the wall.
    const to = isLast && story.endedAt === null ? Math.max(Date.parse(stretch.to), now) : Date.parse(stretch.to);
    const why = stretch.why.kind;
    totals[why] += to - from;
    const rest = { why, about: stretch.why };
    if (stretch.runs && breachedMs !== undefined && breachedMs > from && breachedMs < to) {
      put(from, breachedMs, { ...rest, over: false });
      put(breachedMs, to, { ...rest, over: true });
    } else put(from, to, { ...rest, over: stretch.runs && breachedMs !== undefined && from >= breachedMs });
  });
  if (story.endedAt === null) put(Math.max(fromMs, now), toMs, { why: 'ahead', about: { kind: 'runs' }, over: false });
  const due = breachedMs === undefined ? undefined : (breachedMs - fromMs) / all;
  return { fromMs, toMs, parts, totals, dueShare: due !== undefined && due >= 0 && due <= 1 ? due : undefined };
};
