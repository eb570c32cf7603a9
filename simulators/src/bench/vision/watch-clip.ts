import type { Flow, VisionRule } from '@hallhub/shared/vision';
import type { Detector } from '../../../../edge/src/vision/inference/index.js';
import type { Track } from '../../../../edge/src/vision/pipeline/track.js';
import { wantedTracks } from '../../../../edge/src/vision/rules/scene.js';
import { type EncodedStream, type PictureSize, readPictures } from '../../peers/camera/footage/raw-video.js';
import type { ToldEpisode } from './match-episodes.js';
import { OfflineCamera } from './offline-camera.js';

export interface Watched {
  /** By the number of the picture in the clip: who is counted there. */
  readonly counted: ReadonlyMap<number, readonly Track[]>;
  /** By rule. */
  readonly told: ReadonlyMap<string, readonly (ToldEpisode & { readonly detail: string | undefined })[]>;
  readonly flows: readonly Flow[];
  /** Pictures, and those of them that went to the detector. */
  readonly seen: number;
  readonly detected: number;
}

export interface WatchOptions {
  readonly detector: Detector;
  readonly rules: readonly VisionRule[];
  /** Of the clip, and which of its pictures are looked at. */
  readonly fps: number;
  readonly everyPicture: number;
  readonly minHeight?: number;
}

/** A Monday morning: a time at which no rule's hour turns over. */
const beganAtMs = Date.UTC(2026, 5, 1, 2, 0, 0);
/** The unit's own: edge/src/vision/pipeline/camera-source.ts. */
const sidePx = 640;

/** As the unit scales what it decodes. */
export const lookedSize = ({ width, height }: PictureSize): PictureSize => {
  const scale = Math.min(1, sidePx / Math.max(width, height));
  const even = (side: number) => Math.floor((side * scale) / 2) * 2;
  return { width: even(width), height: even(height) };
};

export const scaledPictures = (stream: EncodedStream): AsyncGenerator<Buffer> => {
  const size = lookedSize(stream);
  return readPictures(stream.file, { ...size, filter: `scale=${size.width}:${size.height}:flags=bilinear` });
};

/** What the unit makes of pictures of one size: its motion gate, detector, tracker and rules, by the clip's own time. */
export const watchPictures = async (
  pictures: AsyncIterable<Buffer>,
  { width, height }: PictureSize,
  { detector, rules, fps, everyPicture, minHeight = 0 }: WatchOptions,
): Promise<Watched> => {
  const camera = new OfflineCamera({ detector, rules });
  const counted = new Map<number, readonly Track[]>();
  const told = new Map<string, (ToldEpisode & { detail: string | undefined })[]>(rules.map(({ id }) => [id, []]));
  const flows: Flow[] = [];
  const note = (outcomes: ReturnType<OfflineCamera['end']>, atMs: number) => {
    for (const outcome of outcomes) {
      if (outcome.kind === 'flow') flows.push(outcome.flow);
      if (outcome.kind !== 'began' && outcome.kind !== 'once') continue;
      const { rule, startedAt, detail } = outcome;
      told.get(rule.id)?.push({ startedAtMs: startedAt - beganAtMs, atMs: atMs - beganAtMs, detail });
    }
  };
  let number = 0;
  let [seen, detected] = [0, 0];
  for await (const rgb of pictures) {
    const picture = number++;
    if (picture % everyPicture !== 0) continue;
    const atMs = beganAtMs + (picture / fps) * 1000;
    const look = await camera.look({ width, height, rgb, atMs });
    seen++;
    if (look.isDetected) detected++;
    counted.set(
      picture,
      wantedTracks({ tracks: look.tracks, atMs }, { labels: ['person'], minConfidence: 0.5, minHeight }),
    );
    note(look.outcomes, atMs);
  }
  // The minute that is not over yet is told when it is.
  const endMs = beganAtMs + (number / fps) * 1000;
  note(camera.end(endMs + 61_000), endMs);
  return { counted, told, flows, seen, detected };
};

export const watchClip = (stream: EncodedStream, options: WatchOptions): Promise<Watched> =>
  watchPictures(scaledPictures(stream), lookedSize(stream), options);
