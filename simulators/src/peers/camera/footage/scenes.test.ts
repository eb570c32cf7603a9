import t from 'tap';
import { composePictures } from './compose-scene.js';
import type { Person, Sprite } from './cut-outs.js';
import { readCast } from './cut-outs.js';
import { endOf, heightAt, placeAt, type Role } from './scene-plan.js';
import { loopMs, peopleIn, pictureAt, type SceneTruth, sceneTruthSchema, visiblePeople } from './scene-truth.js';
import { hallLines, hallZones, rolesOf, sceneOf, scenes } from './scenes.js';

/** A box of one colour stands for a person: what is composed, not how it looks. */
const block = (width: number, height: number, value: number): Sprite => ({
  width,
  height,
  rgba: Uint8Array.from({ length: width * height * 4 }, (_, i) => (i % 4 === 3 ? 255 : value)),
});
const somebody = (name: string): Person => ({
  name,
  faces: 'right',
  steps: [block(40, 100, 200)],
  standing: block(40, 100, 200),
});
const cast = readCast().map(({ name }) => somebody(name));
const size = { width: 192, height: 108 };
const backdrop = {
  ...size,
  behind: new Uint8Array(size.width * size.height * 3).fill(90),
  // The counter covers the middle.
  counter: Uint8Array.from({ length: size.width * size.height * 4 }, (_, i) => {
    const y = Math.floor(i / 4 / size.width) / size.height;
    return i % 4 === 3 && y > 0.37 && y < 0.56 ? 255 : 30;
  }).map((value, i) => (i % 4 === 3 && value === 30 ? 0 : value)),
};
const compose = (roles: readonly Role[], pictures: number) =>
  [...composePictures({ backdrop, cast, roles, fps: 2, pictures })].map(({ people, rgb }) => ({
    people,
    rgb: rgb.slice(),
  }));

t.test('somebody walks in, stays, and goes', async (t) => {
  const role: Role = {
    person: 'red',
    fromS: 2,
    stops: [{ at: [-0.1, 0.8] }, { at: [0.5, 0.8], stayS: 10 }, { at: [1.1, 0.8] }],
  };
  t.equal(placeAt(role, 1.9), undefined);
  const takesS = (0.6 * 16) / 9 / (0.6 * heightAt(0.8));
  t.ok(Math.abs((placeAt(role, 2 + takesS / 2)?.at[0] ?? 0) - 0.2) < 1e-9);
  t.ok((placeAt(role, 2 + takesS / 2)?.movesBy ?? 0) > 0);
  t.same(placeAt(role, 2 + takesS + 5), { at: [0.5, 0.8], movesBy: 0 });
  t.ok(Math.abs(endOf(role) - (2 + 2 * takesS + 10)) < 1e-9);
  t.equal(placeAt(role, endOf(role) + 0.01), undefined);
});

t.test('the truth says who is where and how much of them is seen', async (t) => {
  const roles: Role[] = [
    { person: 'coat', fromS: 0, isStaff: true, stops: [{ at: [0.36, 0.5], stayS: 60 }] },
    { person: 'red', fromS: 0, stops: [{ at: [0.6, 0.7], stayS: 60 }] },
    { person: 'tall', fromS: 0, stops: [{ at: [0.61, 0.9], stayS: 60 }] },
    { person: 'belt', fromS: 0, stops: [{ at: [0, 0.8], stayS: 60 }] },
  ];
  const [first] = compose(roles, 1);
  const [staff, behind, front, edge] = first!.people;
  t.ok(staff!.box[1] + staff!.box[3] < 0.39, 'to the edge of the counter');
  t.equal(staff!.seen, 1, 'the counter always hides the rest');
  t.same(
    peopleIn(first!.people, hallZones['window-1']).map(({ id }) => id),
    [1],
  );
  t.ok(behind!.seen < 0.5 && front!.seen === 1, 'who is nearer covers who is farther');
  t.ok(Math.abs(edge!.seen - 0.5) < 0.15 && edge!.box[0] === 0, 'half outside the picture');
  t.ok(Math.abs(front!.box[3] - heightAt(0.9)) < 0.03);
});

t.test('every scene is the same for a seed, has its cast, and begins as it ends', async (t) => {
  for (const scene of scenes) {
    t.same(rolesOf(scene, 5), rolesOf(scene, 5));
    if (scene.look === 'day' && rolesOf(scene, 1).length > 0) t.notSame(rolesOf(scene, 5), rolesOf(scene, 6));
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const roles = rolesOf(scene, seed);
      for (const role of roles) {
        t.ok(
          cast.some(({ name }) => name === role.person),
          role.person,
        );
        const atEnd = placeAt(role, scene.seconds - 0.01);
        // Who is there at the end is there at the beginning: perhaps in another part.
        if (atEnd)
          t.ok(
            roles.some((one) => {
              const begins = placeAt(one, 0);
              return (
                begins && one.person === role.person && begins.at[0] === atEnd.at[0] && begins.at[1] === atEnd.at[1]
              );
            }),
            `${scene.name}: ${role.person} vanishes`,
          );
      }
    }
  }
});

t.test('the counter scene has what the demonstration needs', async (t) => {
  const scene = sceneOf('counter');
  const truth: SceneTruth = sceneTruthSchema.parse({
    ...{ v: 1, scene: scene.name, seed: 1, ...size, fps: 2, zones: hallZones, lines: hallLines },
    pictures: compose(rolesOf(scene, 1), scene.seconds * 2).map(({ people }) => people),
  });
  const empty = truth.pictures.map((people) => peopleIn(people, hallZones['window-1']).length === 0);
  const away = empty.lastIndexOf(true) - empty.indexOf(true);
  t.ok(away > 60 && away < 120, `window 1 is left for ${away / 2} s, once`);
  t.notOk(empty.slice(empty.indexOf(true), empty.lastIndexOf(true)).includes(false));
  t.ok(Math.max(...truth.pictures.map((people) => peopleIn(people, hallZones.queue).length)) >= 3, 'three queue');
  t.ok(truth.pictures.every((people) => visiblePeople(people).length <= people.length));
  t.equal(loopMs(truth), 120_000);
  t.equal(pictureAt(truth, 1_000_000, 1_000_000 + 120_000 + 700), 1);
  t.equal(pictureAt(truth, 1_000_000, 1_000_000 - 500), 239, 'also before it began');
});
