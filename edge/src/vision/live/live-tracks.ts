import { type LiveRecord, type LiveTracks, liveJson } from '@hallhub/shared/vision';
import type { Track } from '../pipeline/track.js';

const most = 200;

const share = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;

/** What is followed in one picture, for whoever looks at it. */
export const tracksRecord = (tracks: readonly Track[], atMs: number, mediaMs: number | undefined): LiveRecord => {
  const value: LiveTracks = {
    v: 1,
    at: Math.round(atMs),
    ...(mediaMs === undefined ? {} : { mediaMs }),
    tracks: tracks.slice(0, most).map(({ id, label, confidence, box: [x, y, width, height], isLost }) => ({
      ...{ id, label: label.slice(0, 64), confidence: share(confidence) },
      box: [share(x), share(y), share(width), share(height)],
      ...(isLost ? { lost: true } : {}),
    })),
  };
  return liveJson('tracks', value);
};
