import type { Box } from '@hallhub/shared/vision';
import fc from 'fast-check';
import t from 'tap';
import { assign } from './assign.js';
import { clipped, overlap } from './overlap.js';
import { type Sighting, Tracker } from './tracker.js';

const startMs = Date.UTC(2026, 10, 22, 9);
const person = (box: Box, confidence = 0.8): Sighting => ({ label: 'person', confidence, box });

/** The same numbers in each run. */
const random = (seed: number) => () => {
  seed = (seed * 1_664_525 + 1_013_904_223) % 4_294_967_296;
  return seed / 4_294_967_296;
};

const fraction = fc.double({ min: 0, max: 1, noNaN: true });
const sightings = fc.array(
  fc.record({
    label: fc.constantFrom('person', 'bag'),
    confidence: fraction,
    box: fc.tuple(fraction, fraction, fraction, fraction).map(([x, y, w, h]) => clipped([x, y, w, h])),
  }),
  { maxLength: 12 },
);

t.test('whatever comes: bounds hold and ids are given once', async () => {
  const steps = fc.array(fc.tuple(sightings, fc.integer({ min: -5_000, max: 20_000 })), { maxLength: 20 });
  fc.assert(
    fc.property(steps, (steps) => {
      const tracker = new Tracker({ maxTracks: 8 });
      let atMs = startMs;
      for (const [seen, stepMs] of steps) {
        atMs += stepMs;
        const tracks = tracker.update(seen, atMs);
        const ids = tracks.map(({ id }) => id);
        if (new Set(ids).size !== ids.length || ids.length > 8) throw new Error('one id twice, or too many');
        for (const { box, history, lastSeenMs, firstSeenMs } of tracks) {
          if (box[0] < 0 || box[1] < 0 || box[0] + box[2] > 1 + 1e-9 || box[1] + box[3] > 1 + 1e-9)
            throw new Error('outside');
          if (box.some(Number.isNaN) || history.length > 64 || firstSeenMs > lastSeenMs)
            throw new Error('out of bounds');
        }
      }
    }),
    { numRuns: 150 },
  );
});

t.test('pairs are the best there are', async () => {
  const matrix = fc.integer({ min: 1, max: 5 }).chain((columns) =>
    fc.array(
      fc.array(
        fc.integer({ min: 0, max: 100 }).map((v) => v / 100),
        { minLength: columns, maxLength: columns },
      ),
      { minLength: 1, maxLength: 5 },
    ),
  );
  fc.assert(
    fc.property(matrix, (gains) => {
      const least = 0.2;
      const sum = assign(gains, gains[0]?.length ?? 0, least).reduce(
        (all, [row, column]) => all + (gains[row]?.[column] ?? 0),
        0,
      );
      return Math.abs(sum - best(gains, 0, new Set(), least)) < 1e-9;
    }),
  );
});

const best = (gains: readonly (readonly number[])[], row: number, used: ReadonlySet<number>, least: number): number => {
  const line = gains[row];
  if (!line) return 0;
  let most = best(gains, row + 1, used, least);
  line.forEach((gain, column) => {
    if (gain < least || used.has(column)) return;
    most = Math.max(most, gain + best(gains, row + 1, new Set([...used, column]), least));
  });
  return most;
};

interface Walker {
  readonly from: number;
  readonly speed: number;
  readonly y: number;
  readonly height: number;
}

/** Who walks, as a detector sees it at 5 pictures a second: edges that shake, who is behind somebody is not seen. */
const walk = (walkers: readonly Walker[], seconds: number, { miss = 0.03, seed = 7 } = {}) => {
  const next = random(seed);
  const tracker = new Tracker();
  const idsOf = walkers.map(() => new Set<number>());
  const lastIds: (number | undefined)[] = walkers.map(() => undefined);
  let all = new Set<number>();
  for (let step = 0; step < seconds * 5; step++) {
    const atMs = startMs + step * 200;
    const boxes = walkers.map(
      ({ from, speed, y, height }): Box => [from + (speed * step) / 5, y, height * 0.4, height],
    );
    const seen = boxes.flatMap((box, i) => {
      const isBehind = boxes.some(
        (other, k) => k !== i && walkers[k]!.y + walkers[k]!.height > box[1] + box[3] && overlap(box, other) > 0.45,
      );
      if (isBehind || next() < miss) return [];
      const shake = () => (next() - 0.5) * 0.05 * box[3];
      return [
        person([box[0] + shake(), box[1] + shake(), box[2] + shake() / 2, box[3] + shake()], 0.55 + next() * 0.4),
      ];
    });
    const tracks = tracker.update(seen, atMs);
    all = new Set([...all, ...tracks.map(({ id }) => id)]);
    boxes.forEach((box, i) => {
      const nearest = tracks
        .filter(({ isLost }) => !isLost)
        .sort((a, b) => overlap(b.box, box) - overlap(a.box, box))[0];
      if (!nearest || overlap(nearest.box, box) < 0.4) return;
      idsOf[i]?.add(nearest.id);
      lastIds[i] = nearest.id;
    });
  }
  return { idsOf, lastIds, all };
};

t.test('two who cross keep their ids', async (t) => {
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) {
    const { idsOf, lastIds } = walk(
      [
        { from: 0.05, speed: 0.09, y: 0.3, height: 0.4 },
        { from: 0.75, speed: -0.08, y: 0.36, height: 0.42 },
      ],
      8,
      { seed },
    );
    t.ok(
      lastIds[0] !== undefined && lastIds[1] !== undefined && lastIds[0] !== lastIds[1],
      `seed ${seed}: two in the end`,
    );
    t.ok(
      idsOf[0]?.has(lastIds[0] as number) && [...(idsOf[0] ?? [])][0] === lastIds[0],
      `seed ${seed}: the first is the first`,
    );
    t.equal([...(idsOf[1] ?? [])][0], lastIds[1], `seed ${seed}: the second is the second`);
  }
});

t.test('a detector that misses every fourth picture does not make new people', async (t) => {
  const { all } = walk([{ from: 0.02, speed: 0.06, y: 0.3, height: 0.5 }], 12, { miss: 0.25 });
  t.equal(all.size, 1);
});

t.test('flicker is nobody; one who is seen twice is somebody', async (t) => {
  const tracker = new Tracker();
  t.same(tracker.update([person([0.1, 0.1, 0.1, 0.3])], startMs), []);
  t.same(tracker.update([], startMs + 200), []);
  t.same(tracker.update([person([0.1, 0.1, 0.1, 0.3])], startMs + 400), []);
  t.match(tracker.update([person([0.11, 0.1, 0.1, 0.3])], startMs + 600), [{ id: 2, isLost: false, label: 'person' }]);
});

t.test('an unsure sighting continues a track and begins none', async (t) => {
  const tracker = new Tracker();
  for (let i = 0; i < 5; i++) tracker.update([person([0.1, 0.1, 0.1, 0.3])], startMs + i * 200);
  const [track] = tracker.update(
    [person([0.1, 0.1, 0.1, 0.3], 0.2), person([0.6, 0.1, 0.1, 0.3], 0.3)],
    startMs + 1_000,
  );
  t.match(track, { id: 1, isLost: false });
  t.ok((track?.confidence ?? 1) < 0.8);
  t.equal(tracker.update([person([0.6, 0.1, 0.1, 0.3], 0.3)], startMs + 1_200).length, 1);
});

t.test('who is lost is guessed for some seconds, comes back as the same, and is then forgotten', async (t) => {
  const tracker = new Tracker();
  let atMs = startMs;
  const at = (x: number) => person([x, 0.3, 0.12, 0.3]);
  for (let i = 0; i < 10; i++, atMs += 200) tracker.update([at(0.1 + i * 0.02)], atMs);
  for (let i = 0; i < 5; i++, atMs += 200) t.match(tracker.update([], atMs), [{ id: 1, isLost: true }]);
  t.match(tracker.update([at(0.38)], atMs), [{ id: 1, isLost: false }]);
  atMs += 200;
  tracker.update([], atMs);
  t.same(tracker.update([], atMs + 4_300), []);
  const back = atMs + 4_500;
  tracker.update([at(0.4)], back);
  t.match(tracker.update([at(0.4)], back + 200), [{ id: 2 }]);
});

/** Somebody 0.3 high goes so much of the picture a second, is seen until `seenMs`, and is looked for as long again. */
const goUntil = (from: { x: number; y: number; vx: number; vy: number }, seenMs: number) => {
  const tracker = new Tracker();
  const boxAt = (ms: number): Box => {
    const [x, y] = [from.x + (from.vx * ms) / 1_000, from.y + (from.vy * ms) / 1_000];
    return clipped([x, y, 0.1, 0.3]);
  };
  for (let ms = 0; ms <= seenMs; ms += 200) tracker.update([person(boxAt(ms))], startMs + ms);
  return { tracker, boxAt, lostFor: (ms: number) => tracker.update([], startMs + seenMs + ms) };
};

t.test('who went out over the border is gone with the first picture that does not show them', async (t) => {
  for (const [side, from, seenMs] of [
    ['right', { x: 0.6, y: 0.5, vx: 0.12, vy: 0 }, 3_000],
    ['left', { x: 0.3, y: 0.5, vx: -0.12, vy: 0 }, 3_000],
    ['top', { x: 0.4, y: 0.2, vx: 0, vy: -0.1 }, 4_000],
    ['bottom', { x: 0.4, y: 0.5, vx: 0, vy: 0.1 }, 4_200],
  ] as const)
    t.same(goUntil(from, seenMs).lostFor(200), [], side);
  const { lostFor } = goUntil({ x: 0.6, y: 0.5, vx: 0.12, vy: 0 }, 2_000);
  t.equal(lostFor(200).length, 1, 'lost inside is still there');
  t.equal(lostFor(400).length, 1);
  t.same(lostFor(1_200), [], 'until it must have gone out');
});

t.test('who stands at the border, goes along it or comes in is only missed', async (t) => {
  for (const [how, from] of [
    ['stands', { x: 0.9, y: 0.5, vx: 0, vy: 0 }],
    ['stands, feet out of the picture', { x: 0.4, y: 0.75, vx: 0, vy: 0 }],
    ['along', { x: 0.9, y: 0.1, vx: 0, vy: 0.1 }],
    ['in', { x: 0.96, y: 0.5, vx: -0.03, vy: 0 }],
  ] as const) {
    const { lostFor } = goUntil(from, 2_000);
    t.match(lostFor(200), [{ id: 1, isLost: true }], how);
    t.match(lostFor(600), [{ id: 1, isLost: true }], how);
  }
});

t.test('who went out and turns round at once is the same', async (t) => {
  const { tracker, boxAt, lostFor } = goUntil({ x: 0.6, y: 0.5, vx: 0.12, vy: 0 }, 3_000);
  t.same(lostFor(200), []);
  t.match(tracker.update([person(boxAt(3_000))], startMs + 3_400), [{ id: 1, isLost: false }]);
});

t.test('who stands is stationary, who sways still is, who goes is not', async (t) => {
  const tracker = new Tracker();
  let atMs = startMs;
  const see = (x: number) => {
    atMs += 200;
    return tracker.update([person([x, 0.3, 0.15, 0.4])], atMs)[0];
  };
  for (let i = 0; i < 15; i++) t.not(see(0.4)?.isStationary, true, 'not watched long enough');
  for (let i = 0; i < 20; i++) see(0.4);
  t.equal(see(0.41)?.isStationary, true);
  for (let i = 0; i < 10; i++) see(0.42);
  t.equal(see(0.42)?.isStationary, true);
  for (let i = 0; i < 10; i++) see(0.42 + i * 0.03);
  t.equal(see(0.72)?.isStationary, false);
});

t.test('where nothing moves, who was there is held without a look', async (t) => {
  const tracker = new Tracker({ keepLostMs: 1_000 });
  tracker.update([person([0.4, 0.3, 0.15, 0.4])], startMs);
  tracker.update([person([0.4, 0.3, 0.15, 0.4])], startMs + 200);
  for (let s = 1; s <= 30; s++) tracker.hold(startMs + s * 1_000);
  const [track] = tracker.hold(startMs + 31_000);
  t.match(track, { id: 1, isLost: false, isStationary: true, lastSeenMs: startMs + 31_000 });
  tracker.forget();
  t.same(tracker.hold(startMs + 32_000), []);
});

t.test('a clock that is put back loses nobody', async (t) => {
  const tracker = new Tracker();
  for (let i = 0; i < 5; i++) tracker.update([person([0.4, 0.3, 0.15, 0.4])], startMs + i * 200);
  const [track] = tracker.update([person([0.4, 0.3, 0.15, 0.4])], startMs - 3_600_000);
  t.match(track, { id: 1, isLost: false });
  t.ok((track?.firstSeenMs ?? 0) <= startMs - 3_600_000);
  t.ok(track?.history.every(({ atMs }) => atMs <= startMs - 3_600_000));
});
