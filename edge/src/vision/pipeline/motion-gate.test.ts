import type { Box } from '@hallhub/shared/vision';
import t from 'tap';
import { Attention } from './attention.js';
import { greyOf } from './grey-picture.js';
import { MotionGate } from './motion-gate.js';
import type { Track } from './track.js';

const [width, height] = [320, 180];

/** A still hall with a sensor's noise, and boxes of another brightness in it. */
const picture = (boxes: readonly Box[] = [], { light = 0, seed = 1, noise = 8 } = {}) => {
  const rgb = new Uint8Array(width * height * 3);
  let state = seed * 7_919 + 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      state = (state * 1_664_525 + 1_013_904_223) >>> 0;
      const isIn = boxes.some(
        ([l, t, w, h]) => x >= l * width && x < (l + w) * width && y >= t * height && y < (t + h) * height,
      );
      const value = (isIn ? 40 : 90 + ((x >> 4) % 5) * 20) + light + ((state >>> 16) % (2 * noise + 1)) - noise;
      rgb.fill(Math.max(0, Math.min(255, value)), (y * width + x) * 3, (y * width + x) * 3 + 3);
    }
  }
  return greyOf({ width, height, rgb });
};

const learned = (gate: MotionGate, seconds = 4): number => {
  let atMs = 0;
  for (; atMs < seconds * 1_000; atMs += 200) gate.look(picture([], { seed: atMs / 200 }), atMs);
  return atMs;
};

t.test('grey: means of blocks, whatever the size', async (t) => {
  const grey = greyOf({ width: 640, height: 360, rgb: new Uint8Array(640 * 360 * 3).fill(77) });
  t.match(grey, { width: 160, height: 90 });
  t.ok(grey.grey.every((value) => value === 77));
  for (const [w, h] of [
    [1, 1],
    [3, 2],
    [161, 97],
    [360, 640],
    [640, 3],
  ] as const) {
    const { grey, ...size } = greyOf({ width: w, height: h, rgb: new Uint8Array(w * h * 3).fill(9) });
    t.equal(grey.length, size.width * size.height);
    t.ok(
      grey.every((value) => value === 9),
      `${w} x ${h}`,
    );
  }
});

t.test('a still scene moves nothing, whatever its noise', async (t) => {
  const gate = new MotionGate();
  t.equal(gate.look(picture(), 0).isWhole, true, 'the first picture is all new');
  let moved = 0;
  for (let i = 1; i < 50; i++) moved += gate.look(picture([], { seed: i }), i * 200).places.length;
  t.equal(moved, 0);
});

t.test('what moves is found where it is, and two things are two', async (t) => {
  const gate = new MotionGate();
  const atMs = learned(gate);
  const boxes: Box[] = [
    [0.1, 0.3, 0.1, 0.4],
    [0.7, 0.2, 0.1, 0.5],
  ];
  const { places, share, isWhole } = gate.look(picture(boxes, { seed: 99 }), atMs);
  t.equal(places.length, 2);
  t.equal(isWhole, false);
  t.ok(share > 0.05 && share < 0.2);
  for (const [x, y, w, h] of boxes) {
    const found = places.find(([l]) => Math.abs(l - x) < 0.08);
    t.ok(
      found &&
        found[0] <= x &&
        found[1] <= y &&
        found[0] + found[2] >= x + w - 0.02 &&
        found[1] + found[3] >= y + h - 0.02,
    );
  }
});

t.test('the light: a slow change is none, a switch is the whole picture at most for a moment', async (t) => {
  const gate = new MotionGate();
  let atMs = learned(gate);
  for (let i = 0; i < 20; i++, atMs += 200) t.same(gate.look(picture([], { seed: i, light: i * 2 }), atMs).places, []);
  let moving = 0;
  for (let i = 0; i < 20; i++, atMs += 200)
    moving += gate.look(picture([], { seed: i, light: -40 }), atMs).places.length > 0 ? 1 : 0;
  t.ok(moving <= 3, `${moving} pictures`);
});

t.test('who stays becomes background after some seconds, and is seen when he goes', async (t) => {
  const gate = new MotionGate();
  let atMs = learned(gate);
  const there: Box[] = [[0.4, 0.3, 0.1, 0.4]];
  const before = atMs;
  while (gate.look(picture(there, { seed: atMs }), atMs).places.length > 0 && atMs < before + 60_000) atMs += 200;
  t.ok(atMs - before > 3_000 && atMs - before < 30_000, `${atMs - before} ms`);
  t.equal(gate.look(picture([], { seed: 5 }), atMs + 200).places.length, 1);
});

const track = (box: Box, isStationary: boolean): Track => ({
  ...{ id: 1, label: 'person', confidence: 0.8, box, firstSeenMs: 0, lastSeenMs: 0 },
  ...{ isStationary, isLost: false, history: [] },
});

t.test('a still scene needs a look every three seconds; motion needs each', async (t) => {
  const still = { places: [], share: 0, isWhole: false };
  const moving = { places: [[0.1, 0.1, 0.2, 0.2] as Box], share: 0.04, isWhole: false };
  const attention = new Attention();
  const looks = (motion: typeof still | typeof moving, tracks: readonly Track[], fromMs: number, seconds: number) => {
    let count = 0;
    for (let atMs = fromMs; atMs < fromMs + seconds * 1_000; atMs += 200) {
      if (attention.decide(motion, tracks, atMs) === 'still') continue;
      attention.looked(atMs);
      count += 1;
    }
    return count;
  };
  t.equal(looks(still, [], 0, 30), 10);
  t.equal(looks(moving, [], 30_000, 10), 50);
  t.ok(looks(still, [], 40_000, 30) <= 18, 'some more after motion ended');
  t.equal(
    looks(moving, [track([0.05, 0.05, 0.3, 0.4], true)], 70_000, 10),
    10,
    'one who types at his desk: once a second',
  );
  t.equal(looks(moving, [track([0.05, 0.05, 0.3, 0.4], false)], 80_000, 10), 50, 'one who walks');
  t.equal(looks(moving, [track([0.6, 0.05, 0.3, 0.4], true)], 90_000, 10), 50, 'somebody else than he who sits');
});
