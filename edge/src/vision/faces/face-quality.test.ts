import t from 'tap';
import { patterned } from './__fixtures__/stand-in-models.js';
import { judgeFace, measureFace } from './face-quality.js';
import type { LocatedFace } from './locate-face.js';

const located = (over: Partial<LocatedFace['points']> = {}): LocatedFace => ({
  ...{ confidence: 0.9, left: 100, top: 100, width: 200, height: 200 },
  points: {
    ...{ rightEye: [150, 160], leftEye: [250, 160], nose: [200, 215], mouth: [200, 260] },
    ...{ rightEar: [110, 170], leftEar: [290, 170], ...over },
  },
});
const picture = { width: 400, height: 400 };
const reasons = (face: LocatedFace, aligned = patterned(3, 150), kind: 'person' | 'document' = 'person') =>
  judgeFace(measureFace(face, aligned), { face, picture, kind }).map(({ reason }) => reason);

t.test('a face from the front, sharp and lit, passes', async (t) => {
  t.same(reasons(located()), []);
  t.match(measureFace(located(), patterned(3, 150)), { eyesPx: 100, tiltDegrees: 0, turn: 0 });
});

t.test('each reason by itself, with what was measured', async (t) => {
  t.same(reasons(located({ nose: [232, 215] })), ['not_frontal']);
  t.same(reasons(located({ nose: [168, 215] })), ['not_frontal']);
  t.same(reasons(located({ rightEye: [160, 120], leftEye: [240, 200], nose: [180, 214] })), ['tilted']);
  t.same(reasons(located({ mouth: [200, 404] })), ['cut_off']);
  const small = located({ rightEye: [188, 160], leftEye: [212, 160] });
  t.same(reasons(small), ['too_small'], 'too small before a camera');
  t.same(reasons(small, undefined, 'document'), [], 'as large as an identity card has it');
  const flat = { width: 150, height: 150, rgb: new Uint8Array(150 * 150 * 3) };
  t.same(reasons(located(), { ...flat, rgb: flat.rgb.map(() => 120) }), ['too_flat', 'not_sharp']);
  t.same(reasons(located(), { ...flat, rgb: flat.rgb.map(() => 250) }), ['too_bright', 'too_flat', 'not_sharp']);
  const soft = { ...flat, rgb: flat.rgb.map((_, i) => 60 + ((Math.floor(i / 3) % 150) * 130) / 150) };
  t.same(reasons(located(), soft), ['not_sharp']);
  const quality = measureFace(located({ nose: [232, 215] }), patterned(3, 150));
  t.match(judgeFace(quality, { face: located({ nose: [232, 215] }), picture, kind: 'person' }), [
    { reason: 'not_frontal', measured: 0.32, limit: 0.25 },
  ]);
});
