import sharp from 'sharp';
import { compareFaces } from '../../../edge/src/vision/faces/compare-faces.js';
import { correlation, isSamePhotograph } from '../../../edge/src/vision/faces/same-photograph.js';
import { isAbsent, openRole } from '../../../edge/src/vision/inference/index.js';
import { digits, type Figure, runBench } from './bench-run.js';
import { findFacePictures } from './face-compare/face-pictures.js';
import { type Looked, lookAt, lookAtAll, type Models, pixelsOf, withRoom } from './face-compare/look-at-faces.js';
import { shareText } from './face-compare/share-interval.js';
import { median, quantile } from './statistics.js';
import { fetchBenchModels, modelsFolder } from './vision/bench-models.js';

interface Face extends Looked {
  readonly person: string;
  readonly file: string;
  /** The cut-out with room around it, packed. */
  readonly picture: Buffer;
}

/** What becomes of a picture on its way; the other one of a pair stays as it is. */
const spoilt: readonly (readonly [string, (picture: Buffer) => Promise<Buffer>])[] = [
  ['25 px between the eyes', (picture) => sharp(picture).resize(160).png().toBuffer()],
  ['head tilted by 25 degrees', (picture) => sharp(picture).rotate(25, { background: '#888' }).png().toBuffer()],
  ['JPEG of quality 20', (picture) => sharp(picture).jpeg({ quality: 20 }).toBuffer()],
  ['blurred by 3 px', (picture) => sharp(picture).blur(3).png().toBuffer()],
  ['blurred by 5 px', (picture) => sharp(picture).blur(5).png().toBuffer()],
  ['a quarter of the light', (picture) => sharp(picture).linear(0.25, 0).png().toBuffer()],
  ['far too bright', (picture) => sharp(picture).linear(1, 110).png().toBuffer()],
];

/** The same shot once more: packed anew, smaller, sharper. */
const packedAnew: readonly ((picture: Buffer) => Promise<Buffer>)[] = [
  (picture) => sharp(picture).jpeg({ quality: 60 }).toBuffer(),
  (picture) => sharp(picture).resize(200).jpeg({ quality: 80 }).toBuffer(),
  (picture) => sharp(picture).blur(1).linear(1.1, 5).jpeg({ quality: 80 }).toBuffer(),
];

const openModels = async (progress: (text: string) => void): Promise<Models> => {
  await fetchBenchModels(progress, ['face', 'face-embedding']);
  const finder = await openRole(modelsFolder, 'face');
  const embedder = await openRole(modelsFolder, 'face-embedding');
  if (isAbsent(finder)) throw new Error(`${finder.message}. ${finder.hint}`);
  if (isAbsent(embedder)) throw new Error(`${embedder.message}. ${embedder.hint}`);
  return { finder, embedder };
};

await runBench(async ({ progress, quick }) => {
  const models = await openModels(progress);
  const { embedder } = models;
  const { sure, least } = embedder.thresholds;
  const { people, groups } = await findFacePictures(progress);
  const look = async (packed: Buffer) => await lookAt(models, await pixelsOf(sharp(packed)), 'document');
  const likeness = (a: Looked, b: Looked) => embedder.likeness(a.numbers, b.numbers);

  const faces: Face[] = [];
  let refusedPlain = 0;
  for (const [person, files] of people) {
    progress(`${files.length} pictures of a person`);
    for (const file of files.slice(0, quick ? 3 : undefined)) {
      const picture = await withRoom(file);
      const looked = await look(picture);
      if (looked && looked.problems.length === 0) faces.push({ ...looked, person, file, picture });
      else refusedPlain++;
    }
  }
  const pairs = faces.flatMap((a, i) => faces.slice(0, i).map((b) => [a, b] as const));
  const ofOne = pairs.filter(([a, b]) => a.person === b.person);
  const isOneShot = ([a, b]: readonly [Looked, Looked]) => isSamePhotograph(a.aligned, b.aligned, likeness(a, b));
  // The collection has some shots twice.
  const twice = ofOne.filter(isOneShot);
  const same = ofOne.filter((pair) => !isOneShot(pair)).map(([a, b]) => likeness(a, b));
  const different = pairs.filter(([a, b]) => a.person !== b.person).map(([a, b]) => likeness(a, b));
  for (const [a, b] of twice)
    progress(
      `one shot twice: likeness ${likeness(a, b).toFixed(3)}, pixels ${correlation(a.aligned.rgb, b.aligned.rgb).toFixed(3)}`,
    );
  const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), 0);
  const nearest = ofOne.filter((pair) => !isOneShot(pair) && likeness(...pair) >= 0.78);
  progress(
    `two shots alike: ${nearest.map(([a, b]) => `${likeness(a, b).toFixed(2)}/${correlation(a.aligned.rgb, b.aligned.rgb).toFixed(2)}`).join(' ')}`,
  );

  const inGroups: number[] = [];
  const acrossGroups: number[] = [];
  const seen: { at: number; face: Looked }[] = [];
  let found = 0;
  for (const [at, file] of groups.entries()) {
    const all = await lookAtAll(models, await pixelsOf(sharp(file)), 'document');
    found += all.length;
    for (const face of all.filter(({ problems }) => problems.length === 0)) {
      for (const other of seen) (other.at === at ? inGroups : acrossGroups).push(likeness(face, other.face));
      seen.push({ at, face });
    }
  }
  const strangers = [...inGroups, ...acrossGroups];
  const over = (values: readonly number[], limit: number) => values.filter((value) => value >= limit).length;
  const between = (values: readonly number[]) => over(values, least) - over(values, sure);
  const caution = `${people.size} people, perhaps known to the model from training; pairs share pictures: no proof of accuracy in the field`;
  const figures: Figure[] = [
    {
      what: 'two pictures of one person, told as one person',
      value: over(same, sure) / same.length,
      unit: '',
      shown: `${digits((over(same, sure) / same.length) * 100)} %`,
      detail: `${shareText(over(same, sure), same.length)}; not sure ${between(same)}, told as two persons ${same.length - over(same, least)}; likeness ${quantile(same, 0).toFixed(2)} to ${most(same).toFixed(2)}, median ${median(same).toFixed(2)}; ${faces.length} pictures, ${refusedPlain} refused as not good enough; ${twice.length} pairs that are one shot twice left out; ${caution}`,
    },
    {
      what: 'two persons, told as one (false match)',
      value: over(different, sure) / different.length,
      unit: '',
      shown: `${digits((over(different, sure) / different.length) * 100)} %`,
      detail: `${shareText(over(different, sure), different.length)}; not sure ${between(different)}; highest likeness ${most(different).toFixed(2)}, median ${median(different).toFixed(2)}; ${caution}`,
    },
    {
      what: 'strangers in group photographs, told as one (false match)',
      value: over(strangers, sure) / strangers.length,
      unit: '',
      shown: `${digits((over(strangers, sure) / strangers.length) * 100)} %`,
      detail: `${shareText(over(strangers, sure), strangers.length)}; not sure ${between(strangers)}; ${inGroups.length} pairs within a picture (highest likeness ${most(inGroups).toFixed(2)}), ${acrossGroups.length} across pictures (${most(acrossGroups).toFixed(2)}), taken as strangers; ${seen.length} of ${found} faces in ${groups.length} pictures were large and frontal enough; nobody is named there, relatives may be among them`,
    },
  ];

  for (const [what, spoil] of spoilt.slice(0, quick ? 1 : undefined)) {
    progress(what);
    const [mine, others]: [number[], number[]] = [[], []];
    const reasons = new Map<string, number>();
    let refused = 0;
    for (const face of faces) {
      const looked = await look(await spoil(face.picture));
      if (!looked || looked.problems.length > 0) {
        refused++;
        for (const reason of looked?.problems ?? ['no_face']) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
        continue;
      }
      for (const other of faces) {
        if (other.file === face.file) continue;
        (other.person === face.person ? mine : others).push(likeness(looked, other));
      }
    }
    const why = [...reasons].map(([reason, count]) => `${reason} ${count}`).join(', ');
    figures.push({
      what: `one of the two spoilt, ${what}: one person told as one`,
      value: mine.length === 0 ? null : over(mine, sure) / mine.length,
      unit: '',
      shown: mine.length === 0 ? 'all refused' : `${digits((over(mine, sure) / mine.length) * 100)} %`,
      detail: `${refused} of ${faces.length} pictures refused${why ? ` (${why})` : ''}; of ${mine.length} pairs not sure ${between(mine)}, told as two ${mine.length - over(mine, least)}; false matches ${over(others, sure)} of ${others.length}`,
    });
  }

  let [tries, told] = [0, 0];
  for (const face of faces) {
    for (const again of packedAnew) {
      const looked = await look(await again(face.picture));
      if (!looked) continue;
      tries++;
      if (isOneShot([looked, face])) told++;
    }
  }
  figures.push({
    what: 'one shot handed in twice, packed anew: found out',
    value: told / tries,
    unit: '',
    shown: `${digits((told / tries) * 100)} %`,
    detail: `${shareText(told, tries)}, as JPEG, smaller, or softer and lighter; of ${ofOne.length - twice.length} pairs of two shots none is told so. No liveness: a print or a screen before the camera is not found out`,
  });

  const [one, two] = [faces[0], faces[1]];
  const times: number[] = [];
  for (let i = 0; one && two && i < (quick ? 5 : 30); i++) {
    const [person, document] = [await pixelsOf(sharp(one.picture)), await pixelsOf(sharp(two.picture))];
    const began = performance.now();
    await compareFaces(models, { person, document });
    times.push(performance.now() - began);
  }
  figures.push({
    what: 'a comparison, from pixels to verdict, one thread',
    value: Number(median(times).toFixed(1)),
    unit: 'ms',
    detail: `median of ${times.length}, 95 % within ${digits(quantile(times, 0.95))} ms; 350 x 350 each, both looks of the face finder, both runs of ${embedder.model.id} and overwriting what was held among it; decoding and starting the process apart`,
  });
  for (const { numbers, aligned } of faces) {
    numbers.fill(0);
    aligned.rgb.fill(0);
  }
  return figures;
});
