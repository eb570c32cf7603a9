import type { Flow, VisionRule } from '@hallhub/shared/vision';
import type { Detection, Detector } from '../../../../edge/src/vision/inference/index.js';
import type { Track } from '../../../../edge/src/vision/pipeline/track.js';
import { Tracker } from '../../../../edge/src/vision/pipeline/tracker.js';
import { RuleEngine } from '../../../../edge/src/vision/rules/index.js';
import { wantedTracks } from '../../../../edge/src/vision/rules/scene.js';
import type { EncodedStream } from '../../peers/camera/footage/raw-video.js';
import { readPictures } from '../../peers/camera/footage/raw-video.js';
import type { ToldEpisode } from './match-episodes.js';

export interface Watched {
  /** By the number of the picture in the clip: who is counted there. */
  readonly counted: ReadonlyMap<number, readonly Track[]>;
  /** By rule. */
  readonly told: ReadonlyMap<string, readonly ToldEpisode[]>;
  readonly flows: readonly Flow[];
  readonly looked: number;
}

export interface WatchOptions {
  readonly detector: Detector;
  readonly rules: readonly VisionRule[];
  /** Of the clip, and of those looked at. */
  readonly fps: number;
  readonly everyPicture: number;
  readonly minHeight?: number;
}

/** A Monday morning: rules that ask for the time of day get one that does not turn over. */
const beganAtMs = Date.UTC(2026, 5, 1, 2, 0, 0);

/**
 * What the unit would make of an encoded clip: its detector on every n-th picture, its tracker, its rules, by the clip's own
 * time. Without motion gate, queue and pace, which only leave pictures out.
 */
export const watchClip = async (
  stream: EncodedStream,
  { detector, rules, fps, everyPicture, minHeight = 0 }: WatchOptions,
): Promise<Watched> => {
  const tracker = new Tracker();
  const engine = new RuleEngine({ rules, zone: 'Asia/Shanghai', viewId: 'view' });
  const counted = new Map<number, readonly Track[]>();
  const told = new Map<string, ToldEpisode[]>(rules.map(({ id }) => [id, []]));
  const flows: Flow[] = [];
  const { width, height } = stream;
  const note = (outcomes: ReturnType<RuleEngine['observe']>, atMs: number) => {
    for (const outcome of outcomes) {
      if (outcome.kind === 'flow') flows.push(outcome.flow);
      if (outcome.kind !== 'began' && outcome.kind !== 'once') continue;
      told.get(outcome.rule.id)?.push({ startedAtMs: outcome.startedAt - beganAtMs, atMs: atMs - beganAtMs });
    }
  };
  let number = 0;
  let looked = 0;
  for await (const rgb of readPictures(stream.file, { width, height })) {
    const picture = number++;
    if (picture % everyPicture !== 0) continue;
    const atMs = beganAtMs + (picture / fps) * 1000;
    const detections: readonly Detection[] = await detector.detect({ width, height, rgb });
    const tracks = tracker.update(detections, atMs);
    looked++;
    counted.set(picture, wantedTracks({ tracks, atMs }, { labels: ['person'], minConfidence: 0.5, minHeight }));
    note(
      engine.observe({
        ...{ cameraId: 'camera', viewId: 'view', atMs, tracks, health: null, facts: () => undefined },
        picture: { width, height, rgb },
      }),
      atMs,
    );
  }
  // The minute that is not over yet is told when it is.
  note(engine.blind(beganAtMs + (number / fps) * 1000 + 61_000), beganAtMs + (number / fps) * 1000);
  return { counted, told, flows, looked };
};
