import type { HallClock, HallTime } from '@hallhub/shared/hall-time';
import { isInside, type Point, type Polygon, type Seen } from '@hallhub/shared/vision';
import type { Track } from '../pipeline/track.js';
import type { Observation } from './observation.js';

/** A picture as the rules see it. */
export interface Scene extends Observation {
  /** Since the picture before, 0 over a gap. */
  readonly stepMs: number;
  readonly isGap: boolean;
  readonly hall: HallTime;
  readonly hallClock: HallClock;
  /** Width through height of the picture: what makes fractions of both comparable. */
  readonly aspect: number;
}

/** Who was lost a moment ago is still there: a detector misses people for a picture or two. */
const stillThereMs = 1_500;
const maxSeen = 32;

export interface Wanted {
  readonly labels: readonly string[];
  readonly minConfidence: number;
  readonly minHeight: number;
}

export const footOf = ({ box: [x, y, width, height] }: Pick<Track, 'box'>): Point => [
  Math.min(1, Math.max(0, x + width / 2)),
  Math.min(1, Math.max(0, y + height)),
];

export const centreOf = ({ box: [x, y, width, height] }: Pick<Track, 'box'>): Point => [
  Math.min(1, Math.max(0, x + width / 2)),
  Math.min(1, Math.max(0, y + height / 2)),
];

/** Those a rule asks for; who was lost longer than a moment is not there. */
export const wantedTracks = (
  { tracks, atMs }: Pick<Observation, 'tracks' | 'atMs'>,
  { labels, minConfidence, minHeight }: Wanted,
): Track[] =>
  tracks.filter(
    (track) =>
      labels.includes(track.label) &&
      track.confidence >= minConfidence &&
      track.box[3] >= minHeight &&
      (!track.isLost || atMs - track.lastSeenMs <= stillThereMs),
  );

export const standsIn = (zone: Polygon | undefined, track: Pick<Track, 'box'>): boolean =>
  zone === undefined || isInside(zone, footOf(track));

/** Feet behind a desk are not seen: the middle of the body counts as well. */
export const isIn = (zone: Polygon | undefined, track: Pick<Track, 'box'>): boolean =>
  zone === undefined || isInside(zone, footOf(track)) || isInside(zone, centreOf(track));

const fraction = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;

export const seenOf = (tracks: readonly Track[]): Seen[] =>
  tracks
    .filter(({ isLost }) => !isLost)
    .slice(0, maxSeen)
    .map(({ id, label, confidence, box: [x, y, width, height] }) => ({
      label: label.slice(0, 64),
      confidence: fraction(confidence),
      box: [fraction(x), fraction(y), fraction(width), fraction(height)],
      trackId: id,
    }));

/** Of one's own heights a second over the last `windowMs`; undefined: not seen for long enough. The ends are means, as boxes shake. */
export const speedOf = ({ history, box }: Track, aspect: number, windowMs: number): number | undefined => {
  const last = history.at(-1);
  if (!last) return undefined;
  const recent = history.filter(({ atMs }) => last.atMs - atMs <= windowMs && atMs <= last.atMs);
  const first = recent[0];
  if (!first || recent.length < 3 || last.atMs - first.atMs < windowMs / 2) return undefined;
  const third = Math.max(1, Math.floor(recent.length / 3));
  const [from, to] = [meanOf(recent.slice(0, third)), meanOf(recent.slice(-third))];
  if (to.atMs <= from.atMs) return undefined;
  const heights = Math.hypot((to.x - from.x) * aspect, to.y - from.y) / Math.max(box[3], 0.01);
  return (heights * 1_000) / (to.atMs - from.atMs);
};

const meanOf = (places: Track['history']): { atMs: number; x: number; y: number } => ({
  atMs: places.reduce((sum, { atMs }) => sum + atMs, 0) / places.length,
  x: places.reduce((sum, { x }) => sum + x, 0) / places.length,
  y: places.reduce((sum, { y }) => sum + y, 0) / places.length,
});

/** Share of the smaller box that lies in the other. */
export const overlapOf = ([ax, ay, aWidth, aHeight]: Track['box'], [bx, by, bWidth, bHeight]: Track['box']): number => {
  const width = Math.min(ax + aWidth, bx + bWidth) - Math.max(ax, bx);
  const height = Math.min(ay + aHeight, by + bHeight) - Math.max(ay, by);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / Math.max(1e-9, Math.min(aWidth * aHeight, bWidth * bHeight));
};
