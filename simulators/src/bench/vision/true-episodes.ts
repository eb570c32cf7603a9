import type { Point, RuleOf, VisionRule } from '@hallhub/shared/vision';
import { footOf, peopleIn, type SceneTruth, type TruePerson } from '../../peers/camera/footage/scene-truth.js';

/** ms from the beginning of the scene. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

type Pictures = SceneTruth['pictures'];

/** When something held, picture by picture; a break shorter than `joinMs` is none. */
const spansOf = (holds: readonly boolean[], { fps, joinMs }: { fps: number; joinMs: number }): Span[] => {
  const spans: Span[] = [];
  for (const [picture, does] of holds.entries()) {
    if (!does) continue;
    const [fromMs, toMs] = [(picture / fps) * 1000, ((picture + 1) / fps) * 1000];
    const last = spans.at(-1);
    if (last && fromMs - last.toMs < joinMs) spans[spans.length - 1] = { ...last, toMs };
    else spans.push({ fromMs, toMs });
  }
  return spans;
};

/** Of one's own heights a second, over `reachS` to either side; undefined: not there all that time. */
const paceOf = (
  pictures: Pictures,
  picture: number,
  person: TruePerson,
  { fps, width, height, reachS }: { fps: number; width: number; height: number; reachS: number },
): number | undefined => {
  const reach = Math.max(1, Math.round(fps * reachS));
  const near = [Math.max(0, picture - reach), Math.min(pictures.length - 1, picture + reach)] as const;
  const [before, after] = near.map((at) => pictures[at]?.find(({ id }) => id === person.id));
  if (!before || !after || near[1] === near[0]) return undefined;
  const [ax, ay] = footOf(before.box);
  const [bx, by] = footOf(after.box);
  return Math.hypot(((bx - ax) * width) / height, by - ay) / person.box[3] / ((near[1] - near[0]) / fps);
};

/** Under a twentieth of the own height a second, over a second to either side, is waiting: shared/src/vision/rules.ts. */
const waits = (truth: SceneTruth, picture: number, person: TruePerson): boolean =>
  (paceOf(truth.pictures, picture, person, { ...truth, reachS: 1 }) ?? 1) < 0.05;

const idsOf = (pictures: Pictures): number[] => [...new Set(pictures.flatMap((people) => people.map(({ id }) => id)))];

const sideOf = ([[ax, ay], [bx, by]]: readonly [Point, Point], [x, y]: Point): number =>
  Math.sign((bx - ax) * (y - ay) - (by - ay) * (x - ax));

/** Moments at which somebody's feet come to the other side of a straight line. */
export const crossingsIn = (
  { pictures, fps }: SceneTruth,
  line: readonly Point[],
): { atMs: number; way: 'in' | 'out' }[] => {
  const ends = [line[0], line.at(-1)] as [Point, Point];
  const crossings: { atMs: number; way: 'in' | 'out' }[] = [];
  for (const id of idsOf(pictures)) {
    let before = 0;
    for (const [picture, people] of pictures.entries()) {
      const person = people.find((one) => one.id === id);
      const side = person ? sideOf(ends, footOf(person.box)) : 0;
      // Below 0 is left of somebody who walks from the first point to the last, in a picture whose y grows downwards.
      if (side !== 0 && before !== 0 && side !== before)
        crossings.push({ atMs: (picture / fps) * 1000, way: before < 0 ? 'in' : 'out' });
      if (side !== 0) before = side;
    }
  }
  return crossings.sort((a, b) => a.atMs - b.atMs);
};

/** Breaks that a rule would not see as such: its hysteresis. */
const joinMs = 2_000;

/** When what a rule asks for was so, by what is true; undefined for rules that scenes know nothing of. */
export const trueSpans = (truth: SceneTruth, rule: VisionRule): Span[] | undefined => {
  const { pictures, fps } = truth;
  const where = (test: (people: Pictures[number], picture: number) => boolean): Span[] =>
    spansOf(pictures.map(test), { fps, joinMs });
  switch (rule.algorithm) {
    case 'absence':
      return where((people) => peopleIn(people, rule.zone).length === 0);
    case 'crowding':
      return where((people) => peopleIn(people, rule.zone).length > rule.most);
    case 'queue_length':
      return where((people, picture) => waitingIn(truth, rule, people, picture) > rule.most);
    case 'intrusion':
      return where((people) => peopleIn(people, rule.zone).length > 0);
    case 'loitering':
      return idsOf(pictures).flatMap((id) =>
        where((people) => peopleIn(people, rule.zone).some((one) => one.id === id)),
      );
    case 'line_cross':
      return crossingsIn(truth, rule.line)
        .filter(({ way }) => rule.way === 'both' || rule.way === way)
        .map(({ atMs }) => ({ fromMs: atMs, toMs: atMs }));
    case 'running':
      return where((people, picture) =>
        people.some((one) => (paceOf(pictures, picture, one, { ...truth, reachS: 0.5 }) ?? 0) > rule.heightsPerSecond),
      );
    case 'hours_kept':
      return hoursNotKept(truth, rule);
    case 'tamper':
      return [];
    default:
      return undefined;
  }
};

const waitingIn = (truth: SceneTruth, { zone }: RuleOf<'queue_length'>, people: Pictures[number], picture: number) =>
  peopleIn(people, zone).filter((person) => waits(truth, picture, person)).length;

/** Clips begin at ten in the morning, hall time: watch-clip.ts. */
const beginsAtMinute = 600;

/** ms of the clip. */
const atTime = (time: string): number => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return (hours * 60 + minutes - beginsAtMinute) * 60_000;
};

/** Nobody there from opening time on for the grace, or from the grace before closing time to it; where the clip shows all of that. */
const hoursNotKept = ({ pictures, fps }: SceneTruth, rule: RuleOf<'hours_kept'>): Span[] => {
  const empty = spansOf(
    pictures.map((people) => peopleIn(people, rule.zone).length === 0),
    { fps, joinMs: 1 },
  );
  const endMs = (pictures.length / fps) * 1000;
  const [opens, closes] = [atTime(rule.opensAt), atTime(rule.closesAt)];
  return empty.flatMap(({ fromMs, toMs }) => [
    ...(opens >= 0 && fromMs <= opens && toMs >= opens + rule.graceMs ? [{ fromMs: opens, toMs }] : []),
    ...(closes < endMs && fromMs > opens && fromMs <= closes - rule.graceMs && toMs >= closes
      ? [{ fromMs, toMs: closes }]
      : []),
  ]);
};

export interface Stay {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Those who were in the zone for `forMs` and left it before the last moments of the clip. */
export const staysIn = (truth: SceneTruth, rule: RuleOf<'dwell'>): Stay[] => {
  const { pictures, fps } = truth;
  const lastMs = (pictures.length / fps) * 1000 - 2 * joinMs;
  return idsOf(pictures)
    .flatMap((id) =>
      spansOf(
        pictures.map((people) => peopleIn(people, rule.zone).some((one) => one.id === id)),
        { fps, joinMs },
      ),
    )
    .filter(({ fromMs, toMs }) => toMs - fromMs >= rule.forMs && toMs <= lastMs);
};
