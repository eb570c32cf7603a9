import { type Finding, visionRuleSchema } from '@hallhub/shared/vision';
import t from 'tap';
import type { Detector } from '../../../../edge/src/vision/inference/index.js';
import type { SceneTruth, TruePerson } from '../../peers/camera/footage/scene-truth.js';
import { countErrors, findPlaces } from './count-people.js';
import { delaysOf } from './event-delays.js';
import { matchEpisodes } from './match-episodes.js';
import { rememberAnswers } from './remembered-detector.js';
import { sceneRules } from './scene-rules.js';
import { crossingsIn, staysIn, trueSpans } from './true-episodes.js';

const person = (id: number, x: number): TruePerson => ({ id, box: [x - 0.05, 0.4, 0.1, 0.4], seen: 1 });
/** Twenty seconds at 5 pictures a second. */
const truthOf = (people: (atS: number) => TruePerson[]): SceneTruth => ({
  ...{ v: 1, scene: 'test', seed: 1, width: 160, height: 90, fps: 5, zones: {}, lines: {} },
  pictures: Array.from({ length: 100 }, (_, i) => people(i / 5)),
});
const zone = [
  [0.4, 0.5],
  [0.6, 0.5],
  [0.6, 1],
  [0.4, 1],
];
const rule = (algorithm: string, more: object = {}) =>
  visionRuleSchema.parse({ id: '01a20262-9489-7000-9064-d6158e8a23a8', name: 'x', algorithm, zone, ...more });

t.test('what is true follows from where people are', async (t) => {
  const truth = truthOf((atS) => [person(1, atS < 4 ? 0.1 : 0.5), ...(atS >= 10 && atS < 15 ? [person(2, 0.45)] : [])]);
  t.same(trueSpans(truth, rule('absence')), [{ fromMs: 0, toMs: 4_000 }]);
  t.same(trueSpans(truth, rule('crowding', { most: 1 })), [{ fromMs: 10_000, toMs: 15_000 }]);
  t.same(trueSpans(truth, rule('loitering')), [
    { fromMs: 4_000, toMs: 20_000 },
    { fromMs: 10_000, toMs: 15_000 },
  ]);
  t.match(
    trueSpans(truth, rule('queue_length', { most: 1 }))?.[0],
    { fromMs: 11_000 },
    'who has just come does not wait yet',
  );
  const { zone: _, ...anywhere } = rule('fall') as { zone?: unknown } & ReturnType<typeof rule>;
  t.equal(trueSpans(truth, anywhere as ReturnType<typeof rule>), undefined, 'scenes know no falls');
});

t.test('hours, stays and runs follow from the same', async (t) => {
  // Two minutes, one picture a second: somebody is there until 0:40, and from 1:20 to 1:50.
  const { pictures: _, ...rest } = truthOf(() => []);
  const isThere = (atS: number) => atS < 40 || (atS >= 80 && atS < 110);
  const pictures = Array.from({ length: 120 }, (_, atS) => (isThere(atS) ? [person(1, 0.5)] : []));
  const truth: SceneTruth = { ...rest, fps: 1, pictures };
  const hours = (opensAt: string, closesAt: string) =>
    trueSpans(truth, rule('hours_kept', { opensAt, closesAt, graceMs: 10_000 }));
  t.same(hours('10:01', '18:00'), [{ fromMs: 60_000, toMs: 80_000 }], 'opened late');
  t.same(hours('09:00', '10:01'), [{ fromMs: 40_000, toMs: 60_000 }], 'closed early');
  t.same(hours('10:00', '18:00'), []);
  const dwell = rule('dwell', { forMs: 5_000 });
  t.same(dwell.algorithm === 'dwell' && staysIn(truth, dwell), [
    { fromMs: 0, toMs: 40_000 },
    { fromMs: 80_000, toMs: 110_000 },
  ]);
  const run = truthOf((atS) =>
    atS < 3 ? [person(1, 0.1 + atS * 0.05)] : [person(1, Math.min(1, 0.25 + (atS - 3) * 0.5))],
  );
  const spans = trueSpans(run, rule('running', { zone: undefined, heightsPerSecond: 1.5 }));
  t.equal(spans?.length, 1);
  t.ok(Math.abs((spans?.[0]?.fromMs ?? 0) - 3_000) <= 600);
});

t.test('answers are remembered by picture, over runs', async (t) => {
  const folder = t.testdir();
  let asked = 0;
  const detector = (): Detector => ({
    ...{ model: { id: 'x', sha256: '0' }, labels: ['person'], thresholds: { sure: 0.5, least: 0.1 } },
    detect: async () => [{ label: 'person', confidence: ++asked / 10, box: [0, 0, 1, 1] }],
    [Symbol.asyncDispose]: async () => undefined,
  });
  const picture = (value: number) => ({ width: 1, height: 1, rgb: Uint8Array.of(value, 0, 0) });
  const one = rememberAnswers(detector(), folder);
  t.same(await one.detect(picture(1)), await one.detect(picture(1)));
  const [other] = await rememberAnswers(detector(), folder).detect(picture(1));
  t.match([asked, other?.confidence], [1, 0.1]);
  await one.detect(picture(2));
  t.equal(asked, 2);
});

t.test('a break shorter than a rule would notice is none', async (t) => {
  const truth = truthOf((atS) => (atS > 5 && atS < 6 ? [] : [person(1, 0.5)]));
  t.same(trueSpans(truth, rule('intrusion')), [{ fromMs: 0, toMs: 20_000 }]);
});

t.test('crossings have a side', async (t) => {
  const truth = truthOf((atS) => [person(1, atS / 20), person(2, 0.9 - atS / 25)]);
  const upwards = [
    [0.5, 1],
    [0.5, 0],
  ] as const;
  const crossings = crossingsIn(truth, upwards as never);
  t.same(
    crossings.map(({ way }) => way),
    ['in', 'out'],
    'from the left of who walks up to the right is in',
  );
  t.ok(Math.abs((crossings[0]?.atMs ?? 0) - 10_000) <= 400);
});

t.test('told and true are set against each other once', async (t) => {
  const span = (fromMs: number, toMs: number) => ({ fromMs, toMs });
  const told = (startedAtMs: number) => ({ startedAtMs, atMs: startedAtMs + 6_000 });
  const limits = { forMs: 5_000, slackMs: 2_000, endMs: 60_000 };
  t.match(matchEpisodes([span(10_000, 30_000)], [told(11_000)], limits), {
    right: 1,
    false: 0,
    missed: 0,
    delaysMs: [2_000],
  });
  t.match(matchEpisodes([span(10_000, 30_000)], [told(11_000), told(10_500)], limits), {
    right: 1,
    false: 1,
    missed: 0,
  });
  t.match(matchEpisodes([span(10_000, 30_000)], [], limits), { right: 0, missed: 1 });
  t.match(
    matchEpisodes([span(10_000, 15_500)], [], limits),
    { right: 0, missed: 0, false: 0 },
    'hardly long enough: either way',
  );
  t.match(matchEpisodes([span(10_000, 15_500)], [told(10_000)], limits), { right: 0, missed: 0, false: 0 });
  t.match(matchEpisodes([span(10_000, 11_000)], [told(10_000)], limits), { false: 1 }, 'far too short');
  t.match(matchEpisodes([span(54_000, 60_000)], [], limits), { missed: 0 }, 'the recording ends before it counts');
  t.match(matchEpisodes([span(9_000, 9_000)], [told(9_500)], { ...limits, forMs: 0 }), { right: 1 }, 'a moment');
});

/** A UUIDv7 of that moment, whatever was made before. */
const idAt = (ms: number): string => {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
};

t.test('where the time of an event went follows from its rows', async (t) => {
  const truth = truthOf((atS) => (atS >= 5 && atS < 15 ? [person(1, 0.5)] : []));
  const intrusion = rule('intrusion', { forMs: 1_000 });
  // The second round of a scene that began at a round million.
  const dueMs = 1_000_000 + 20_000 + 5_000 + 1_000;
  const finding = (id: string, evidence: object[] = []): Finding =>
    ({ episodeId: idAt(dueMs + 300), rule: { id }, startedAt: dueMs - 800, evidence }) as unknown as Finding;
  const told = finding(intrusion.id, [{ id: idAt(dueMs + 650) }]);
  const rows = [
    { rowId: told.episodeId, atMs: dueMs + 700, arrivedMs: dueMs + 900, finding: told },
    { rowId: idAt(dueMs + 400), atMs: dueMs + 9_000, arrivedMs: dueMs + 9_500, finding: told },
    {
      rowId: 'x',
      atMs: 0,
      arrivedMs: 0,
      finding: { ...finding(intrusion.id), episodeId: 'x', startedAt: dueMs + 9_000 },
    },
  ];
  const span = { startedAtMs: 1_000_000, fromMs: 1_020_000, toMs: 1_040_000, slackMs: 3_000 };
  const { delays, missed, strange } = delaysOf(rows, { truth, rules: [intrusion], ...span });
  t.match([missed, strange], [0, 1]);
  t.same(delays, [
    {
      ...{ algorithm: 'intrusion', allMs: 900, seenMs: 300, lookMs: 100, picturesMs: 250, rowMs: 50, uploadMs: 200 },
      isBeforeClip: true,
    },
  ]);
  t.match(delaysOf([], { truth, rules: [intrusion], ...span, toMs: 1_060_000 }), { delays: [], missed: 2 });
});

t.test('counts and places', async (t) => {
  t.match(
    countErrors([
      { counted: 3, real: 4 },
      { counted: 5, real: 4 },
      { counted: 2, real: 2 },
    ]),
    { pictures: 3, meanError: 2 / 3, bias: 0, exact: 1 },
  );
  const boxes = [
    [0.1, 0.1, 0.1, 0.4],
    [0.18, 0.1, 0.1, 0.4],
    [0.7, 0.1, 0.1, 0.4],
  ] as [number, number, number, number][];
  t.same(
    findPlaces(
      [
        [0.15, 0.3],
        [0.2, 0.3],
        [0.5, 0.5],
      ],
      boxes,
    ),
    { found: 2, strange: 1 },
  );
});

t.test('every rule of the bench has a truth', async (t) => {
  const truth = truthOf(() => []);
  for (const one of sceneRules) t.ok(trueSpans(truth, one), one.name);
});
