import type { RuleOf, VisionRule } from '@hallhub/shared/vision';
import type { Detector } from '../../../../edge/src/vision/inference/index.js';
import type { Clip } from '../../peers/camera/footage/clip-store.js';
import { lookedSize, scaledPictures, watchPictures } from './watch-clip.js';

export type Defect = RuleOf<'tamper'>['kinds'][number];

const goodS = 30;
const badS = 50;
const againS = 10;

/** A clip that goes on without end, one picture at a time; what is wrong with it begins and ends as told. */
async function* withDefect(clip: Clip, defective: Clip | 'frozen'): AsyncGenerator<Buffer> {
  const [goodPictures, badPictures, all] = [goodS, badS, goodS + badS + againS].map((s) => s * clip.fps) as [
    number,
    number,
    number,
  ];
  const isBad = (number: number) => number >= goodPictures && number < goodPictures + badPictures;
  let last: Buffer | undefined;
  const endless = async function* (one: Clip): AsyncGenerator<Buffer, void> {
    for (;;) yield* scaledPictures(one.main);
  };
  const good = endless(clip);
  const bad = defective === 'frozen' ? undefined : endless(defective);
  try {
    for (let number = 0; number < all; number++) {
      const [fine, wrong] = [await good.next(), await bad?.next()];
      if (!isBad(number)) last = fine.value as Buffer;
      yield isBad(number) && wrong ? (wrong.value as Buffer) : (last as Buffer);
    }
  } finally {
    await Promise.all([good.return(undefined), bad?.return(undefined)]);
  }
}

/** Whether a picture is well has nothing to do with who is in it. */
const unasked: Detector = {
  ...{ model: { id: 'none', sha256: '' }, labels: [], thresholds: { sure: 1, least: 1 } },
  detect: async () => [],
  [Symbol.asyncDispose]: async () => undefined,
};

/** What the tamper rule says of a camera that shows half a minute of a scene, then with a defect, then without. */
export const watchDefect = async (
  { clip, defective }: { readonly clip: Clip; readonly defective: Clip | 'frozen' },
  { rule, everyPicture }: { readonly rule: VisionRule; readonly everyPicture: number },
): Promise<{ told: readonly { kind: string | undefined; afterS: number }[] }> => {
  const watched = await watchPictures(withDefect(clip, defective), lookedSize(clip.main), {
    ...{ detector: unasked, rules: [rule], fps: clip.fps, everyPicture },
  });
  const told = watched.told.get(rule.id) ?? [];
  return { told: told.map(({ detail, atMs }) => ({ kind: detail, afterS: atMs / 1000 - goodS })) };
};
