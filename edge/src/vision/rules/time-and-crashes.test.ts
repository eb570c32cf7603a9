import { type VisionAlgorithm, visionAlgorithms, visionRuleSchema } from '@hallhub/shared/vision';
import fc from 'fast-check';
import t from 'tap';
import { bag, lying, middle, painted, person, poseOf, viewId, Watched } from './__fixtures__/watched.js';
import type { RuleOutcome } from './observation.js';

const names = visionAlgorithms;
const perTrack: readonly VisionAlgorithm[] = ['loitering', 'object_left'];
const coolDownMs = 7_000;
const ids = names.map((_, i) => `${viewId.slice(0, -2)}${10 + i}`);
const rules = names.map((algorithm, i) =>
  visionRuleSchema.parse({
    ...{ id: ids[i], name: algorithm, algorithm, coolDownMs, forMs: 2_000 },
    ...(algorithm === 'line_cross' || algorithm === 'line_count'
      ? {
          line: [
            [0.5, 0.1],
            [0.5, 0.95],
          ],
          forMs: 0,
        }
      : algorithm === 'tamper'
        ? {}
        : { zone: middle }),
    ...(algorithm === 'crowding' || algorithm === 'queue_length' ? { most: 1 } : {}),
    // The story begins at ten.
    ...(algorithm === 'hours_kept' ? { opensAt: '10:01', closesAt: '10:03', graceMs: 10_000 } : {}),
    ...(algorithm === 'uniform' ? { colours: [[25, 10, -40]] } : {}),
  }),
);

const steps = fc.array(
  fc.oneof(
    {
      weight: 30,
      arbitrary: fc.record({
        kind: fc.constant('see' as const),
        times: fc.integer({ min: 1, max: 25 }),
        people: fc.array(fc.record({ id: fc.integer({ min: 1, max: 4 }), x: fc.constantFrom(0.1, 0.45, 0.56, 0.9) }), {
          maxLength: 3,
        }),
        covered: fc.boolean(),
        things: fc.subarray(['bag', 'phone', 'lying', 'poses', 'picture'] as const),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('blind' as const), seconds: fc.integer({ min: 1, max: 30 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('jump' as const),
        ms: fc.constantFrom(-86_400_000, -3_600_000, -5_000, 15_000, 3_600_000, 31_536_000_000),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  ),
  { maxLength: 60 },
);
type Steps = typeof steps extends fc.Arbitrary<infer T> ? T : never;

/** What was told, with the time that really passed. */
const play = (given: Steps, { restarts }: { restarts: boolean }) => {
  const watched = new Watched(rules);
  const told: { outcome: RuleOutcome; passedMs: number }[] = [];
  let passedMs = 0;
  const collect = () => {
    for (const outcome of watched.told.splice(0)) told.push({ outcome, passedMs });
  };
  for (const step of given) {
    if (step.kind === 'see') {
      const people = new Map(step.people.map(({ id, x }) => [id, person(x, 0.7, { id, lastSeenMs: watched.atMs })]));
      const has = (what: (typeof step.things)[number]) => step.things.includes(what);
      const tracks = [
        ...people.values(),
        ...(has('bag') ? [bag(0.5, 0.7)] : []),
        ...(has('phone') ? [person(0.45, 0.55, { id: 9, label: 'cell phone', height: 0.04 })] : []),
        ...(has('lying') ? [{ ...lying, id: 8 }] : []),
      ];
      const bodies = tracks
        .filter(({ label }) => label === 'person')
        .map((one) => poseOf(one.box, one.id === 8 ? 90 : 0));
      const more = {
        ...(has('poses') ? { poses: bodies } : {}),
        ...(has('picture') ? { picture: painted(person(0.45, 0.7).box, [200, 40, 40]) } : {}),
      };
      for (let i = 0; i < step.times; i++) {
        passedMs += 200;
        watched.see(tracks, step.covered && i % 5 === 0 ? { ...more, health: { kind: 'covered' } } : more);
        collect();
      }
    } else if (step.kind === 'blind') {
      for (let i = 0; i < step.seconds; i++) {
        passedMs += 1_000;
        watched.blind(1_000);
        if (watched.told.some(({ kind }) => kind !== 'flow' && kind !== 'heat')) throw new Error('concluded blindly');
        collect();
      }
    } else if (step.kind === 'jump') watched.atMs += step.ms;
    else if (restarts) watched.restart();
  }
  return { told, watched };
};

t.test('whatever comes: episodes pair, one at a time, cool down, never shrink; no storm', async () => {
  fc.assert(
    fc.property(steps, (given) => {
      const { told, watched } = play(given, { restarts: true });
      const passedMs = told.at(-1)?.passedMs ?? 0;
      // Nobody watches any more: what is open ends.
      for (const outcome of watched.restart([]).see([]).told.splice(0)) told.push({ outcome, passedMs });
      const open = new Map<string, string>();
      const endedAt = new Map<string, number>();
      const begun = new Map<string, number>();
      for (const { outcome, passedMs } of told) {
        if (outcome.kind === 'flow' || outcome.kind === 'heat') continue;
        const { rule, episodeId, startedAt } = outcome;
        const key = perTrack.includes(rule.algorithm) ? `${rule.id} ${outcome.seen[0]?.trackId}` : rule.id;
        if (outcome.kind === 'began') {
          if (open.has(key)) throw new Error(`${rule.algorithm} begins twice`);
          open.set(key, episodeId);
          begun.set(episodeId, startedAt);
          const cooled = passedMs - (endedAt.get(rule.id) ?? Number.NEGATIVE_INFINITY);
          if (cooled < coolDownMs) throw new Error(`${rule.algorithm} cooled ${cooled} ms`);
        } else if (outcome.kind === 'ended') {
          const [mine] = [...open].find(([, id]) => id === episodeId) ?? [];
          if (mine === undefined) throw new Error(`${rule.algorithm} ends what never began`);
          open.delete(mine);
          endedAt.set(rule.id, passedMs);
          if (begun.get(episodeId) !== startedAt) throw new Error('another beginning');
          if (outcome.endedAt < startedAt) throw new Error('ended before it began');
        } else {
          const cooled = passedMs - (endedAt.get(rule.id) ?? Number.NEGATIVE_INFINITY);
          if (cooled < coolDownMs) throw new Error(`${rule.algorithm} cooled ${cooled} ms`);
          endedAt.set(rule.id, passedMs);
        }
      }
      if (open.size > 0) throw new Error('goes on for ever');
      for (const { outcome } of told) {
        if (outcome.kind === 'heat' && outcome.heat.seconds.some((one) => one < 0)) throw new Error('negative heat');
        if (outcome.kind === 'flow' && (outcome.flow.dwellMeanMs ?? 0) < 0) throw new Error('negative dwell');
      }
    }),
    { numRuns: 100 },
  );
});

t.test('kept and handed in again is as if it had never stopped', async (t) => {
  fc.assert(
    fc.property(steps, (given) => {
      const [one, other] = [play(given, { restarts: true }), play(given, { restarts: false })];
      const text = ({ told, watched }: typeof one) => JSON.stringify([told, watched.engine.snapshot()]);
      if (text(one) !== text(other)) throw new Error('another story');
    }),
    { numRuns: 50 },
  );
  t.pass();
});

t.test('a minute is told once, though the clock goes back a little', async (t) => {
  const watched = new Watched(rules);
  const minutes = new Set<string>();
  for (let i = 0; i < 30; i++) {
    watched.forMs(30_000, [person(0.45, 0.7, { id: i })]);
    if (i % 5 === 4) watched.atMs -= 45_000;
  }
  for (const one of watched.told) {
    if (one.kind !== 'flow') continue;
    const key = `${one.flow.ruleId} ${one.flow.minute}`;
    if (minutes.has(key)) t.fail(`${key} twice`);
    minutes.add(key);
  }
  t.ok(minutes.size > 3);
});

t.test('more time needed never tells earlier', async () => {
  const waits = fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 20_000 }));
  fc.assert(
    fc.property(waits, steps, ([a, b], given) => {
      const first = (forMs: number): number => {
        const [base] = rules;
        if (!base) return 0;
        const watched = new Watched([{ ...base, forMs }]);
        for (const step of given) {
          if (step.kind !== 'see') continue;
          for (let i = 0; i < step.times; i++) watched.see(step.people.map(({ id, x }) => person(x, 0.7, { id })));
          if (watched.told.length > 0) return watched.atMs;
        }
        return Number.POSITIVE_INFINITY;
      };
      if (first(Math.min(a, b)) > first(Math.max(a, b))) throw new Error('earlier');
    }),
    { numRuns: 80 },
  );
});
