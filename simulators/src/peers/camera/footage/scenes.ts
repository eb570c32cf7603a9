import type { Line, Polygon } from '@hallhub/shared/vision';
import { seededRandom } from '../../../random.js';
import type { Role, Stop } from './scene-plan.js';

export const looks = {
  /** A camera's own noise: nothing is ever quite the same twice. */
  day: 'noise=alls=3:allf=t:all_seed=7',
  night: 'eq=brightness=-0.2:contrast=0.7:saturation=0.3,noise=alls=9:allf=t:all_seed=7',
  noise: 'noise=alls=24:allf=t:all_seed=7',
} as const;
export type Look = keyof typeof looks;

export interface Scene {
  readonly name: string;
  readonly seconds: number;
  readonly look: Look;
  /** `late`: a number of seconds up to its argument, another one for every seed. */
  readonly roles: (late: (upToS: number) => number) => readonly Role[];
}

/** Where things are in the drawn hall. Staff are seen to the edge of the counter: their feet seem to stand there. */
export const hallZones = {
  'window-1': box(0.27, 0.24, 0.46, 0.45),
  'window-2': box(0.47, 0.24, 0.66, 0.45),
  hall: box(0.02, 0.54, 0.98, 0.99),
  queue: box(0.3, 0.6, 0.72, 0.9),
  'staff-only': box(0.78, 0.58, 0.99, 0.99),
  door: box(0.04, 0.56, 0.26, 0.99),
} satisfies Record<string, Polygon>;

/** Walked from far to near: who comes in by the door on the left crosses to its left side. */
export const hallLines = {
  entrance: [
    [0.14, 0.99],
    [0.14, 0.5],
  ],
} satisfies Record<string, Line>;

function box(left: number, top: number, right: number, bottom: number): Polygon {
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
}

const outside = (y: number): Stop => ({ at: [-0.08, y] });
const visit = (person: string, fromS: number, ...stops: Stop[]): Role => ({
  person,
  fromS,
  stops: [outside(stops[0]?.at[1] ?? 0.8), ...stops, outside(stops.at(-1)?.at[1] ?? 0.8)],
});
const staff = (person: string, fromS: number, ...stops: Stop[]): Role => ({ person, fromS, isStaff: true, stops });
const stay = (x: number, y: number, stayS: number): Stop => ({ at: [x, y], stayS });
const behind = 0.5;

const counterRoles: Scene['roles'] = (late) => [
  staff('smiling', 0, stay(0.36, behind, 44), { at: [1.08, behind] }),
  staff('smiling', 88, { at: [1.08, behind] }, stay(0.36, behind, 60)),
  staff('coat', 0, stay(0.56, behind, 200)),
  visit('striped', 3 + late(2), stay(0.33, 0.67, 18)),
  visit('red', 9 + late(2), stay(0.55, 0.68, 24)),
  visit('papers', 30 + late(2), stay(0.44, 0.76, 6)),
  visit('jeans', 55 + late(1), stay(0.54, 0.67, 26)),
  visit('collar', 60 + late(1), stay(0.47, 0.74, 24)),
  visit('belt', 64 + late(1), stay(0.39, 0.81, 22)),
  visit('tall', 98 + late(2), stay(0.34, 0.67, 9)),
];

/** Each loops without a seam: who is there at its end is there at its beginning. */
const plays = [
  { name: 'counter', seconds: 120, roles: counterRoles },
  {
    name: 'crowd',
    seconds: 60,
    roles: (late) => [
      staff('coat', 0, stay(0.56, behind, 200)),
      ...[
        ['striped', 0.32, 0.7],
        ['red', 0.42, 0.79],
        ['jeans', 0.52, 0.69],
        ['collar', 0.6, 0.8],
        ['belt', 0.27, 0.86],
        ['tall', 0.5, 0.92],
        ['papers', 0.68, 0.7],
      ].map(([person, x, y], i) => visit(String(person), 2 + i * 1.6 + late(1), stay(Number(x), Number(y), 28))),
    ],
  },
  {
    name: 'queue',
    seconds: 60,
    roles: (late) => [
      staff('coat', 0, stay(0.56, behind, 200)),
      visit('jeans', 2 + late(1), stay(0.6, 0.66, 24)),
      visit('red', 5 + late(1), stay(0.52, 0.71, 22), stay(0.6, 0.66, 8)),
      visit('collar', 8 + late(1), stay(0.44, 0.76, 20), stay(0.52, 0.71, 8)),
      visit('striped', 11 + late(1), stay(0.35, 0.82, 18), stay(0.44, 0.76, 7)),
    ],
  },
  {
    name: 'staff-only',
    seconds: 60,
    roles: (late) => [
      staff('smiling', 0, stay(0.36, behind, 200)),
      visit('phone', 2 + late(1), stay(0.17, 0.78, 38)),
      visit('tall', 14 + late(2), stay(0.6, 0.75, 2), stay(0.88, 0.8, 8)),
    ],
  },
  {
    // Nobody runs in the footage: these are walkers, moved as fast as somebody who runs.
    name: 'runner',
    seconds: 40,
    roles: (late) => [
      staff('coat', 0, stay(0.56, behind, 200)),
      visit('red', 1 + late(1), stay(0.6, 0.68, 8)),
      { person: 'jeans', fromS: 8 + late(1), heightsPerS: 2.2, stops: [outside(0.84), { at: [1.08, 0.84] }] },
      { person: 'belt', fromS: 24 + late(1), heightsPerS: 2.4, stops: [{ at: [1.08, 0.76] }, outside(0.76)] },
    ],
  },
  { name: 'still', seconds: 20, roles: () => [] },
] as const satisfies readonly Omit<Scene, 'look'>[];
type PlayName = (typeof plays)[number]['name'];
export type SceneName = PlayName | `${PlayName}-${Exclude<Look, 'day'>}`;

/** Every play by day, at night and with noise. */
export const scenes: readonly (Scene & { readonly name: SceneName })[] = plays.flatMap((play) => [
  { ...play, look: 'day' as const },
  ...(['night', 'noise'] as const).map((look) => ({ ...play, name: `${play.name}-${look}` as const, look })),
]);

export const sceneOf = (name: SceneName): Scene => {
  const scene = scenes.find((one) => one.name === name);
  if (!scene) throw new RangeError(`there is no scene ${name}`);
  return scene;
};

/** Who can take each other's part: they walk. */
const walkers = ['striped', 'red', 'papers', 'jeans', 'collar', 'belt', 'tall', 'bald'];
const mostAside = 0.012;
const leastStay = 0.85;

/**
 * The parts of a scene: the same for the same seed. Seed 1 plays them as they are written; with others somebody else comes a little later,
 * stands a little aside, and stays a little shorter.
 */
export const rolesOf = (scene: Scene, seed: number): readonly Role[] => {
  const random = seededRandom(seed);
  const roles = scene.roles((upToS) => random() * upToS);
  if (seed === 1) return roles;
  const others = [...walkers];
  for (let i = others.length - 1; i > 0; i--) {
    const k = Math.floor(random() * (i + 1));
    [others[i], others[k]] = [others[k] as string, others[i] as string];
  }
  return roles.map((role) => {
    const part = walkers.indexOf(role.person);
    if (role.isStaff) return role;
    const [right, down] = [(random() * 2 - 1) * mostAside, (random() * 2 - 1) * mostAside];
    const stops = role.stops.map(({ at: [x, y], stayS }): Stop => {
      const at: Stop['at'] = [x + right, y + down];
      return stayS === undefined ? { at } : { at, stayS: stayS * (leastStay + (1 - leastStay) * random()) };
    });
    return { ...role, person: part < 0 ? role.person : (others[part] as string), stops };
  });
};
