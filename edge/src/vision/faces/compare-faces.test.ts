import t from 'tap';
import type { Face, PictureBytes } from '../inference/index.js';
import { faceAt, patterned, standInModels } from './__fixtures__/stand-in-models.js';
import { compareFaces } from './compare-faces.js';

const near = [
  [0, 0],
  [0.1, 0],
] as const;
const alone = () => [faceAt(0.25, 0.25, 0.5)];
const compare = async (
  {
    found = alone,
    numbers = near,
  }: {
    found?: (picture: PictureBytes) => readonly Face[];
    numbers?: typeof near | readonly (readonly [number, number])[];
  },
  [person, document] = [patterned(1), patterned(2)],
) => {
  const { models, given, shown } = standInModels({ found, numbers });
  const comparison = await compareFaces(models, { person, document });
  return { comparison, given, shown, person, document };
};

t.test('near is one person, far another, between them somebody has to look', async (t) => {
  const verdictAt = async (distance: number) =>
    (
      await compare({
        numbers: [
          [0, 0],
          [distance, 0],
        ],
      })
    ).comparison;
  t.match(await verdictAt(0.3), { verdict: 'same', liveness: 'not_checked', notes: [] });
  t.match(await verdictAt(0.45), { verdict: 'unsure', thresholds: { same: 0.6, different: 0.5 } });
  t.match(await verdictAt(0.9), { verdict: 'different' });
  t.match(await verdictAt(7), { verdict: 'different', likeness: 0 });
  for (const none of [Number.NaN, Number.POSITIVE_INFINITY])
    await t.rejects(verdictAt(none), { code: 'unavailable' }, 'a broken model says nothing of two persons');
});

t.test('one shot handed in twice is never one person by that', async (t) => {
  const { comparison } = await compare({}, [patterned(1), patterned(1)]);
  t.match(comparison, { verdict: 'unsure', notes: ['same_photograph'] });
});

t.test('a picture that is not good enough is not compared, and says why', async (t) => {
  const reasonsOf = async (
    found: (picture: PictureBytes) => readonly Face[],
    pictures?: [PictureBytes, PictureBytes],
  ) => {
    const { comparison, given } = await compare({ found }, pictures);
    t.match(comparison, { verdict: 'not_compared', likeness: null });
    t.same(given, [], 'no numbers are made');
    return comparison.pictures.person.problems.map(({ reason }) => reason);
  };
  t.same(await reasonsOf(() => []), ['no_face']);
  t.same(await reasonsOf(() => [{ ...faceAt(0.25, 0.25, 0.5), confidence: 0.4 }]), ['no_face'], 'hardly a face');
  t.same(await reasonsOf(() => [faceAt(0, 0.2, 0.4), faceAt(0.5, 0.2, 0.35)]), ['several_faces']);
  t.same(await reasonsOf(() => [faceAt(0.45, 0.45, 0.05)]), ['too_small', 'too_flat', 'not_sharp']);
  const dark = { ...patterned(1), rgb: patterned(1).rgb.map((value) => value / 12) };
  t.same(await reasonsOf(alone, [dark, patterned(2)]), ['too_dark', 'too_flat']);
});

t.test('who stands behind does not count', async (t) => {
  const { comparison } = await compare({ found: () => [faceAt(0.8, 0.1, 0.15), faceAt(0.25, 0.25, 0.5)] });
  t.match(comparison, { verdict: 'same', pictures: { person: { faces: 2 } } });
});

t.test('nothing of a face is left: pictures, cut-outs and numbers are overwritten, also where it fails', async (t) => {
  const isBlank = (bytes: Uint8Array | Float32Array) => bytes.every((value) => value === 0);
  const { person, document, given, shown } = await compare({});
  t.ok([person.rgb, document.rgb, ...given, ...shown.map(({ rgb }) => rgb)].every(isBlank));
  t.equal(given.length, 2);
  t.equal(shown.at(-1)?.width, 16, 'the finder was shown nothing last');

  const { models } = standInModels({ found: alone, numbers: near });
  const pictures = { person: patterned(1), document: patterned(2) };
  const aligned: PictureBytes[] = [];
  const broken = {
    ...models.embedder,
    embed: async (picture: PictureBytes) => {
      aligned.push(picture);
      throw new Error('out of memory');
    },
  };
  await t.rejects(compareFaces({ finder: models.finder, embedder: broken }, pictures), /out of memory/);
  t.ok([pictures.person.rgb, pictures.document.rgb, ...aligned.map(({ rgb }) => rgb)].every(isBlank));
});
