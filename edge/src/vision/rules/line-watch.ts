import { type Line, type Point, segmentsCross } from '@hallhub/shared/vision';
import type { Track } from '../pipeline/track.js';
import { footOf } from './scene.js';

/** Feet shake by so much of one's height: nearer to the line nobody is on either side. */
const bandHeights = 0.12;
/** The other side is believed once it was seen so often in a row. */
const sureAfter = 2;
const forgetAfterMs = 30_000;
const maxTracks = 256;

export interface LineTrack {
  /** -1 left of the line, 1 right of it, as one walks along it; where that was last sure. */
  side: -1 | 1;
  x: number;
  y: number;
  /** Seen on the other side, in a row. */
  across: number;
  atMs: number;
}

export type LineState = Record<string, LineTrack>;

export interface Crossing {
  readonly track: Track;
  readonly way: 'in' | 'out';
}

/** Who crosses the line, each way. Whoever walks around its end or stands on it is not counted; changes `state` in place. */
export const crossingsOf = (
  state: LineState,
  line: Line,
  tracks: readonly Track[],
  { atMs, aspect }: { readonly atMs: number; readonly aspect: number },
): Crossing[] => {
  const crossings: Crossing[] = [];
  for (const track of tracks) {
    if (track.isLost) continue;
    const foot = footOf(track);
    const { side, distance } = placeOf(line, foot, aspect);
    if (side === 0 || distance < bandHeights * track.box[3]) continue;
    const id = String(track.id);
    const known = state[id];
    if (!known) {
      if (Object.keys(state).length < maxTracks) state[id] = { side, x: foot[0], y: foot[1], across: 0, atMs };
      continue;
    }
    known.atMs = atMs;
    if (known.side === side) {
      Object.assign(known, { x: foot[0], y: foot[1], across: 0 });
      continue;
    }
    known.across += 1;
    if (known.across < sureAfter) continue;
    if (isCrossed(line, [known.x, known.y], foot)) crossings.push({ track, way: side > 0 ? 'in' : 'out' });
    Object.assign(known, { side, x: foot[0], y: foot[1], across: 0 });
  }
  for (const [id, { atMs: seenMs }] of Object.entries(state)) {
    if (Math.abs(atMs - seenMs) > forgetAfterMs) delete state[id];
  }
  return crossings;
};

/** Of the nearest stretch of the line, carried on beyond its ends. */
const placeOf = (line: Line, [x, y]: Point, aspect: number): { side: -1 | 0 | 1; distance: number } => {
  let nearest = { side: 0 as -1 | 0 | 1, distance: Number.POSITIVE_INFINITY };
  for (let i = 1; i < line.length; i++) {
    const [[ax, ay], [bx, by]] = [line[i - 1] as Point, line[i] as Point];
    const [dx, dy] = [(bx - ax) * aspect, by - ay];
    const [px, py] = [(x - ax) * aspect, y - ay];
    const length = Math.hypot(dx, dy);
    const along = Math.min(1, Math.max(0, (px * dx + py * dy) / (length * length)));
    const distance = Math.hypot(px - along * dx, py - along * dy);
    if (distance < nearest.distance) nearest = { side: Math.sign(dx * py - dy * px) as -1 | 0 | 1, distance };
  }
  return nearest;
};

const isCrossed = (line: Line, from: Point, to: Point): boolean =>
  line.some((point, i) => i > 0 && (segmentsCross(line[i - 1] as Point, point, from, to) || passes(point, from, to)));

/** Right through a corner of the line: it belongs to neither stretch's inside. */
const passes = ([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): boolean => {
  const length = Math.hypot(bx - ax, by - ay);
  if (length === 0) return false;
  const along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / (length * length);
  return along > 0 && along < 1 && Math.abs((x - ax) * (by - ay) - (y - ay) * (bx - ax)) / length < 1e-6;
};
