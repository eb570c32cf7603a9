import { fileURLToPath } from 'node:url';
import { experimentalAlgorithms, type VisionAlgorithm } from '@hallhub/shared/vision';
import { type Clip, type ClipName, openClipStore } from '../peers/camera/footage/clip-store.js';
import { visiblePeople } from '../peers/camera/footage/scene-truth.js';
import { streetPictures } from '../peers/camera/footage/street-footage.js';
import { readStreetLabels } from '../peers/camera/footage/street-labels.js';
import { digits, type Figure, runBench } from './bench-run.js';
import { median } from './statistics.js';
import { openBenchDetector } from './vision/bench-models.js';
import { countErrors, findPlaces } from './vision/count-people.js';
import { type Matched, matchEpisodes } from './vision/match-episodes.js';
import { rememberAnswers } from './vision/remembered-detector.js';
import { countRule, dwellRule, sceneRules, tamperRule } from './vision/scene-rules.js';
import { crossingsIn, staysIn, trueSpans } from './vision/true-episodes.js';
import { watchClip } from './vision/watch-clip.js';
import { type Defect, watchDefect } from './vision/watch-defect.js';

/** Footage and scenes are encoded once for all runs. */
const folder = fileURLToPath(new URL('../../../node_modules/.cache/hallhub-footage', import.meta.url));
const answersFolder = fileURLToPath(new URL('../../../node_modules/.cache/hallhub-detections', import.meta.url));
const everyPicture = 2;
/** Below a twelfth of the picture nobody was labelled. */
const leastHeight = 45 / streetPictures.height;
const slackMs = 3_000;
/** A run through the hall is over in two seconds. */
const runSlackMs = 1_200;

const plays = ['counter', 'crowd', 'queue', 'staff-only', 'runner'] as const;
const seedsAtMost = 20;
const usualSeeds = 2;

/** Every play of every seed by day, and at night or with noise in turns; nobody at all once in each light. */
const scenesOf = (seeds: number, quick: boolean): { name: ClipName; seed: number }[] => {
  if (quick) return [{ name: 'queue', seed: 1 }];
  const scenes = Array.from({ length: seeds }, (_, i) => i + 1).flatMap((seed) =>
    plays.flatMap((name) => [
      { name, seed },
      { name: seed % 2 ? (`${name}-night` as const) : (`${name}-noise` as const), seed },
    ]),
  );
  return [...scenes, ...(['still', 'still-night', 'still-noise'] as const).map((name) => ({ name, seed: 1 }))];
};

/** `--seeds N`. */
const seedsAsked = (): number => {
  const at = process.argv.indexOf('--seeds');
  const asked = at < 0 ? usualSeeds : Number(process.argv[at + 1]);
  if (!Number.isInteger(asked) || asked < 1 || asked > seedsAtMost)
    throw new Error(`--seeds takes a whole number from 1 to ${seedsAtMost}`);
  return asked;
};

const groups = { day: 'by day', night: 'at night', noise: 'with noise' } as const;
const groupOf = (name: ClipName): keyof typeof groups =>
  name.endsWith('-night') ? 'night' : name.endsWith('-noise') ? 'noise' : 'day';

await runBench(async ({ progress, quick }) => {
  const store = openClipStore(folder);
  const clipOf = async (name: ClipName, seed = 1): Promise<Clip> => {
    progress(`${name}, seed ${seed}`);
    const clip = await store.clip(name, { seed });
    if ('missing' in clip) throw new Error(`${clip.missing}: ${clip.why}; ${clip.install}`);
    return clip;
  };
  await using opened = await openBenchDetector(progress, { threads: 1 });
  const detector = rememberAnswers(opened, answersFolder);
  const seeds = quick ? 1 : seedsAsked();
  const figures: Figure[] = [];

  const street = await clipOf('street');
  const watched = await watchClip(street.main, {
    ...{ detector, rules: [], fps: street.fps, everyPicture, minHeight: leastHeight },
  });
  const { pictures } = readStreetLabels();
  const countedAt = (picture: number) => watched.counted.get(picture) ?? [];
  const errors = countErrors(
    pictures.map(({ picture, clear }) => ({ counted: countedAt(picture).length, real: clear.length })),
  );
  const seenNow = countErrors(
    pictures.map(({ picture, clear }) => ({
      counted: countedAt(picture).filter(({ isLost }) => !isLost).length,
      real: clear.length,
    })),
  );
  progress(`street: mean error ${errors.meanError.toFixed(2)}, bias ${errors.bias.toFixed(2)}`);
  const { width, height } = streetPictures;
  const places = pictures.map(({ picture, clear, partly }) => {
    const boxes = countedAt(picture).map(({ box }) => box);
    const scaled = (list: readonly (readonly [number, number])[]) =>
      list.map(([x, y]) => [x / width, y / height] as const);
    const { found } = findPlaces(scaled(clear), boxes);
    return { found, strange: findPlaces(scaled([...clear, ...partly]), boxes).strange };
  });
  const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0);
  const people = sum(pictures.map(({ clear }) => clear.length));
  const found = sum(places.map((one) => one.found));
  const strange = sum(places.map((one) => one.strange));
  figures.push(
    {
      what: `people seen now in real footage, against ${errors.pictures} labelled pictures: mean error`,
      value: Number(seenNow.meanError.toFixed(2)),
      unit: 'people',
      aim: { atMost: 0.5 },
      detail: `as the unit's status tells; ${people} people clearly seen; ${seenNow.exact} pictures exact; bias ${seenNow.bias.toFixed(2)}`,
    },
    {
      what: 'people as rules count them in the same pictures: mean error',
      value: Number(errors.meanError.toFixed(2)),
      unit: 'people',
      aim: { atMost: 0.5 },
      detail: `who was lost less than 1.5 s ago counts on; ${errors.exact} pictures exact; bias ${errors.bias.toFixed(2)}; ${found} of ${people} found where they are, ${strange} counted where nobody is`,
    },
  );

  const matched = new Map<VisionAlgorithm, Matched[]>();
  const counts = new Map<keyof typeof groups, { counted: number; real: number }[]>();
  const looks = { seen: 0, detected: 0 };
  const flow = { told: 0, real: 0, scenes: 0, exact: 0 };
  const stays = { told: 0, real: 0, toldMs: 0, realMs: 0, scenes: 0, exact: 0 };
  const scenes = scenesOf(seeds, quick);
  for (const { name, seed } of scenes) {
    const clip = await clipOf(name, seed);
    const truth = await store.truth(clip);
    if (!truth) throw new Error(`${name} has no truth`);
    const { counted, told, flows, seen, detected } = await watchClip(clip.main, {
      ...{ detector, rules: [...sceneRules, tamperRule, countRule, dwellRule], fps: clip.fps, everyPicture },
    });
    looks.seen += seen;
    looks.detected += detected;
    const pairs = [...counted].map(([picture, tracks]) => ({
      counted: tracks.length,
      real: visiblePeople(truth.pictures[picture] ?? []).length,
    }));
    counts.set(groupOf(name), [...(counts.get(groupOf(name)) ?? []), ...pairs]);
    const { meanError: error } = countErrors(pairs);
    progress(`${name}: mean error ${error.toFixed(2)} in ${pairs.length} pictures, ${detected} of them looked at`);
    for (const rule of [...sceneRules, tamperRule]) {
      const spans = trueSpans(truth, rule);
      if (!spans) continue;
      const limits = {
        forMs: rule.algorithm === 'hours_kept' ? rule.graceMs : rule.forMs,
        slackMs: rule.algorithm === 'running' ? runSlackMs : slackMs,
        endMs: (clip.pictures / clip.fps) * 1000,
      };
      const one = matchEpisodes(spans, told.get(rule.id) ?? [], limits);
      if (one.false + one.missed > 0)
        progress(`${rule.name}: ${one.right} right, ${one.false} false, ${one.missed} missed`);
      // Closing early is told at closing time, whenever they left.
      const delaysMs = rule.algorithm === 'hours_kept' ? [] : one.delaysMs;
      matched.set(rule.algorithm, [...(matched.get(rule.algorithm) ?? []), { ...one, delaysMs }]);
    }
    const crossed = countRule.algorithm === 'line_count' ? crossingsIn(truth, countRule.line) : [];
    const stayed = dwellRule.algorithm === 'dwell' ? staysIn(truth, dwellRule) : [];
    const left = flows.filter(({ ruleId }) => ruleId === dwellRule.id);
    const toldLeft = sum(left.map((one) => one.left ?? 0));
    stays.told += toldLeft;
    stays.real += stayed.length;
    stays.toldMs += sum(left.map((one) => (one.left ?? 0) * (one.dwellMeanMs ?? 0)));
    stays.realMs += sum(stayed.map(({ fromMs, toMs }) => toMs - fromMs));
    stays.scenes++;
    if (toldLeft === stayed.length) stays.exact++;
    const ways = (way: 'in' | 'out') =>
      [sum(flows.map((one) => one[way] ?? 0)), crossed.filter((one) => one.way === way).length] as const;
    const [[toldIn, realIn], [toldOut, realOut]] = [ways('in'), ways('out')];
    flow.told += toldIn + toldOut;
    flow.real += realIn + realOut;
    flow.scenes++;
    if (toldIn === realIn && toldOut === realOut) flow.exact++;
  }

  const scene = await clipOf('queue');
  const defects = (['black', 'frozen', 'covered', 'moved', 'blurred'] as const satisfies readonly Defect[]).filter(
    (_, at) => !quick || at < 2,
  );
  for (const defect of defects) {
    progress(`the camera is ${defect}`);
    const defective = defect === 'frozen' ? defect : await store.defective(scene, defect);
    const { told } = await watchDefect({ clip: scene, defective }, { rule: tamperRule, everyPicture });
    const found = told.find(({ kind, afterS }) => kind === defect && afterS >= 0);
    const others = told.length - (found ? 1 : 0);
    matched.set('tamper', [
      ...(matched.get('tamper') ?? []),
      { right: found ? 1 : 0, missed: found ? 0 : 1, false: others, delaysMs: found ? [found.afterS * 1000] : [] },
    ]);
    if (!found || others > 0) progress(`${defect}: told ${JSON.stringify(told)}`);
  }

  for (const [group, pairs] of counts) {
    const { meanError, bias, exact } = countErrors(pairs);
    figures.push({
      what: `people counted in composed scenes ${groups[group]}: mean error`,
      value: Number(meanError.toFixed(2)),
      unit: 'people',
      detail: `${pairs.length} pictures with known truth, ${digits((exact / pairs.length) * 100)} % exact; bias ${bias.toFixed(2)}`,
    });
  }
  for (const [algorithm, all] of matched) {
    const [right, wrong, missed] = (['right', 'false', 'missed'] as const).map((key) =>
      sum(all.map((one) => one[key])),
    );
    const delays = all.flatMap(({ delaysMs }) => delaysMs);
    const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);
    const precision = share(right!, right! + wrong!);
    const recall = share(right!, right! + missed!);
    const shown = (one: number | null) => (one === null ? '–' : one.toFixed(2));
    figures.push({
      what: `rule ${algorithm}${experimentalAlgorithms.has(algorithm) ? ' (experimental)' : ''}, composed scenes: precision / recall`,
      value: precision === null || recall === null ? null : Math.min(precision, recall),
      unit: '',
      shown: `${shown(precision)} / ${shown(recall)}`,
      detail: `${right} right, ${wrong} false, ${missed} missed in ${scenes.length} scenes of ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}${delays.length > 0 ? `; told ${digits(Math.max(0, median(delays)) / 1000)} s after it counted (median)` : ''}`,
    });
  }
  figures.push({
    what: 'rule line_count, composed scenes: counted / real crossings',
    value: flow.real === 0 ? null : Number((flow.told / flow.real).toFixed(3)),
    unit: '',
    shown: `${flow.told} / ${flow.real}`,
    detail: `in and out both right in ${flow.exact} of ${flow.scenes} scenes; the detector saw ${looks.detected} of ${looks.seen} pictures`,
  });
  const meanS = (ms: number, of: number) => digits(ms / Math.max(1, of) / 1000);
  figures.push({
    what: 'rule dwell, composed scenes: stays told / real',
    value: stays.real === 0 ? null : Number((stays.told / stays.real).toFixed(3)),
    unit: '',
    shown: `${stays.told} / ${stays.real}`,
    detail: `${dwellRule.forMs / 1000} s and longer; mean stay ${meanS(stays.toldMs, stays.told)} s told, ${meanS(stays.realMs, stays.real)} s real; as many as really in ${stays.exact} of ${stays.scenes} scenes`,
  });
  return figures;
});
