import t from 'tap';
import { bag, episodesOf, lying, middle, painted, person, poseOf, rule, Watched } from './__fixtures__/watched.js';

const aside = person(0.1, 0.7, { id: 2, height: 0.2 });

t.test('a thing that is left: not while somebody stands by it, not while it is carried', async (t) => {
  const left = rule({ algorithm: 'object_left', zone: middle, forMs: 10_000 });
  const watched = new Watched([left]).forMs(20_000, [bag(0.5, 0.7), person(0.55, 0.7)]);
  t.same(watched.kinds, [], 'its owner is there');
  watched.forMs(20_000, [bag(0.5, 0.7, { isStationary: false })]);
  t.same(watched.kinds, [], 'it moves');
  watched.forMs(9_000, [bag(0.5, 0.7), aside]);
  t.same(watched.kinds, []);
  watched.forMs(2_000, [bag(0.5, 0.7), aside]);
  t.match(episodesOf(watched), [{ kind: 'began', seen: [{ label: 'suitcase' }] }], 'who is far away does not count');
  watched.forMs(4_000, [bag(0.5, 0.7), person(0.52, 0.7)]);
  t.same(watched.kinds, ['began', 'ended'], 'it is fetched');
  const other = rule({ algorithm: 'object_left', zone: middle, forMs: 1_000, labels: ['umbrella'] });
  t.same(new Watched([other]).forMs(10_000, [bag(0.5, 0.7)]).kinds, [], 'another thing than the rule names');
});

t.test('a thing that is taken away: one that had lain there, and whose place is seen to be empty', async (t) => {
  const removed = rule({ algorithm: 'object_removed', zone: middle, forMs: 3_000, labels: ['suitcase'] });
  const settled = () => new Watched([removed]).forMs(40_000, [bag(0.5, 0.7)]);
  t.same(settled().forMs(3_000, [person(0.5, 0.75)]).kinds, [], 'somebody stands before it');
  t.same(settled().forMs(60_000, [], { health: { kind: 'covered' } }).kinds, [], 'nobody sees');
  t.same(settled().blind(60_000).kinds, []);
  const watched = settled().forMs(6_000, []);
  t.match(episodesOf(watched), [{ kind: 'began', detail: 'suitcase', count: 1 }]);
  watched.forMs(4_000, [bag(0.5, 0.7)]);
  t.same(watched.kinds, ['began', 'ended'], 'it is back');
  t.same(settled().forMs(3_000, []).forMs(700_000, []).kinds, ['began', 'ended'], 'what is gone for long is forgotten');
  const carried = new Watched([removed]).forMs(10_000, [bag(0.5, 0.7)]).forMs(30_000, []);
  t.same(carried.kinds, [], 'it had not lain there');
});

t.test(
  'a fall: the trunk is level and the body wider than high; standing, and bodies nobody can tell, are none',
  async (t) => {
    const fall = rule({ algorithm: 'fall', zone: middle, forMs: 2_000 });
    const upright = person(0.5, 0.7);
    const standing = new Watched([fall]).forMs(10_000, [upright], { poses: [poseOf(upright.box, 0)] });
    t.same(standing.kinds, []);
    t.same(new Watched([fall]).forMs(10_000, [lying], {}).kinds, [], 'nobody looked for poses');
    t.same(new Watched([fall]).forMs(10_000, [lying], { poses: [] }).kinds, [], 'no pose was found');
    t.same(new Watched([fall]).forMs(10_000, [upright], { poses: [poseOf(upright.box, 90)] }).kinds, [], 'he bows');
    const watched = new Watched([fall]).forMs(4_000, [lying], { poses: [poseOf(lying.box, 90)] });
    t.match(episodesOf(watched), [{ kind: 'began', count: 1 }]);
    watched.forMs(6_000, [lying]);
    t.same(watched.kinds, ['began'], 'pictures without poses end nothing');
    watched.forMs(4_000, [upright], { poses: [poseOf(upright.box, 5)] });
    t.same(watched.kinds, ['began', 'ended']);
  },
);

t.test('sleeping: the head is down, and nothing moves', async (t) => {
  const sleeping = rule({ algorithm: 'sleeping', zone: middle, forMs: 3_000 });
  const sitting = person(0.5, 0.7, { isStationary: true });
  const awake = poseOf(sitting.box, 0);
  const asleep = poseOf(sitting.box, 0, { headDown: true });
  t.same(new Watched([sleeping]).forMs(10_000, [sitting], { poses: [awake] }).kinds, []);
  t.same(new Watched([sleeping]).forMs(10_000, [{ ...sitting, isStationary: false }], { poses: [asleep] }).kinds, []);
  const watched = new Watched([sleeping]).forMs(6_000, [sitting], { poses: [asleep] });
  t.match(episodesOf(watched), [{ kind: 'began', count: 1 }]);
  watched.forMs(4_000, [sitting], { poses: [awake] });
  t.same(watched.kinds, ['began', 'ended']);
});

t.test('phone: before the upper part of somebody in the zone', async (t) => {
  const using = rule({ algorithm: 'phone_use', zone: middle, forMs: 2_000 });
  const somebody = person(0.5, 0.7);
  const phone = (y: number) => person(0.5, y, { id: 9, label: 'cell phone', height: 0.04, confidence: 0.35 });
  t.same(new Watched([using]).forMs(8_000, [somebody]).kinds, []);
  t.same(new Watched([using]).forMs(8_000, [somebody, phone(0.69)]).kinds, [], 'in a pocket, or on the floor');
  t.same(new Watched([using]).forMs(8_000, [phone(0.55)]).kinds, [], 'of nobody');
  const watched = new Watched([using]).forMs(4_000, [somebody, phone(0.55)]);
  t.match(episodesOf(watched), [{ kind: 'began', count: 1, seen: [{ label: 'person' }, { label: 'cell phone' }] }]);
});

t.test('uniform: whose torso is of another colour, in a picture that shows it', async (t) => {
  // L*a*b* of a dark blue, as a rule names it.
  const uniform = rule({ algorithm: 'uniform', zone: middle, forMs: 2_000, colours: [[25, 10, -40]], within: 28 });
  const somebody = person(0.5, 0.7);
  const shown = (rgb: readonly [number, number, number]) => ({ picture: painted(somebody.box, rgb) });
  t.same(new Watched([uniform]).forMs(8_000, [somebody], shown([30, 50, 120])).kinds, [], 'as it should be');
  t.same(new Watched([uniform]).forMs(8_000, [somebody]).kinds, [], 'no picture');
  const far = person(0.5, 0.7, { height: 0.02 });
  t.same(new Watched([uniform]).forMs(8_000, [far], shown([200, 40, 40])).kinds, [], 'too small to say');
  const watched = new Watched([uniform]).forMs(4_000, [somebody], shown([200, 40, 40]));
  t.match(episodesOf(watched), [{ kind: 'began', count: 1 }]);
  watched.forMs(4_000, [somebody], shown([30, 50, 120]));
  t.same(watched.kinds, ['began', 'ended']);
});
