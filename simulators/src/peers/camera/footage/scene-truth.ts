import {
  type Box,
  boxSchema,
  isInside,
  lineSchema,
  type Point,
  type Polygon,
  polygonSchema,
} from '@hallhub/shared/vision';
import { z } from 'zod';

/** Somebody in one picture; `seen`: the share of them that nobody stands before. */
const truePersonSchema = z.object({
  id: z.int().min(1),
  box: boxSchema,
  seen: z.number().min(0).max(1),
});
export type TruePerson = z.infer<typeof truePersonSchema>;

/** What really happens in a scene, picture by picture. It begins again behind the last one. */
export const sceneTruthSchema = z.object({
  v: z.literal(1),
  scene: z.string(),
  seed: z.int(),
  width: z.int(),
  height: z.int(),
  fps: z.int().min(1),
  zones: z.record(z.string(), polygonSchema),
  lines: z.record(z.string(), lineSchema),
  pictures: z.array(z.array(truePersonSchema)).min(1),
});
export type SceneTruth = z.infer<typeof sceneTruthSchema>;

/** The middle of the lower side: where somebody stands. */
export const footOf = ([x, y, width, height]: Box): Point => [x + width / 2, y + height];

/** How much of somebody has to be seen for a person who counts to count them. */
export const leastSeen = 0.35;

/** Who can be told to be there by looking. */
export const visiblePeople = (people: readonly TruePerson[]): TruePerson[] =>
  people.filter(({ seen }) => seen >= leastSeen);

export const peopleIn = (people: readonly TruePerson[], zone: Polygon): TruePerson[] =>
  people.filter(({ box }) => isInside(zone, footOf(box)));

export const loopMs = ({ pictures, fps }: SceneTruth): number => (pictures.length / fps) * 1000;

/**
 * The number of the picture that is shown at a moment, where the scene began at `startedAtMs`; both epoch ms. Before that,
 * and behind its end, it goes round.
 */
export const pictureAt = ({ pictures, fps }: SceneTruth, startedAtMs: number, atMs: number): number => {
  const shown = Math.floor(((atMs - startedAtMs) * fps) / 1000);
  return ((shown % pictures.length) + pictures.length) % pictures.length;
};
