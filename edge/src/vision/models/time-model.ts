import { openModel } from '../inference/model-runner.js';
import { RecentTimes } from '../inference/recent-times.js';
import type { ModelCard } from './model-card.js';
import { testPicture } from './parity/test-picture.js';

export interface ModelTime {
  readonly threads: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

const warmUp = 5;
/** What a camera's second stream mostly gives. */
const pictureSize = [640, 360] as const;

/** How long one picture takes from its bytes to what was seen in it: scaling, the model, reading its results. */
export const timeModel = async (
  bytes: Uint8Array,
  card: ModelCard,
  { threads, pictures, signal }: { threads: number; pictures: number; signal: AbortSignal },
): Promise<ModelTime> => {
  await using runner = await openModel(bytes, card, { threads });
  const picture = testPicture(...pictureSize);
  const once = (): Promise<unknown> =>
    'embed' in runner
      ? runner.embed(picture)
      : 'detect' in runner
        ? runner.detect(picture)
        : 'find' in runner
          ? runner.find(picture)
          : runner.estimate(picture);
  const times = new RecentTimes(pictures);
  for (let i = -warmUp; i < pictures; i++) {
    signal.throwIfAborted();
    const began = performance.now();
    await once();
    if (i >= 0) times.add(performance.now() - began);
  }
  return { threads, p50Ms: times.percentile(0.5) ?? 0, p95Ms: times.percentile(0.95) ?? 0 };
};
