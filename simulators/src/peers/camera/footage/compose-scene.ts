import type { Box } from '@hallhub/shared/vision';
import type { Person, Sprite } from './cut-outs.js';
import type { Backdrop } from './hall-backdrop.js';
import { heightAt, type Place, placeAt, type Role } from './scene-plan.js';
import type { TruePerson } from './scene-truth.js';
import { type Canvas, paintLayer, paintShadow, paintSprite, scaleSprite } from './sprite-painter.js';

export interface ComposedPicture {
  /** Packed RGB; overwritten by the next picture. */
  readonly rgb: Uint8Array;
  readonly people: readonly TruePerson[];
}

interface Painter {
  readonly cast: ReadonlyMap<string, Person>;
  readonly scaled: Map<string, Sprite>;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 1;

/** In steps that the eye does not see, so that a walk needs few of them. */
const scaleStep = 1 / 24;

/** Somebody's picture at a place: a step of the walk, or standing, in the size that the place asks for. */
const spriteAt = (
  painter: Painter,
  { person, place, atS, canvasHeight }: { person: Person; place: Place; atS: number; canvasHeight: number },
): Sprite => {
  const stands = place.movesBy === 0 || person.faces === 'stays';
  const step = stands ? -1 : Math.floor(atS * 10) % person.steps.length;
  const source = stands ? person.standing : person.steps[step]!;
  const usual = median(person.steps.map(({ height }) => height));
  const scale = Math.max(scaleStep, Math.round((heightAt(place.at[1]) * canvasHeight) / usual / scaleStep) * scaleStep);
  const mirrored = place.movesBy !== 0 && (place.movesBy < 0 ? person.faces === 'right' : person.faces === 'left');
  const key = `${person.name} ${step} ${scale.toFixed(3)} ${mirrored}`;
  const known = painter.scaled.get(key) ?? scaleSprite(source, scale, mirrored);
  painter.scaled.set(key, known);
  return known;
};

/** Nobody stands like a post: a point or two to and fro. */
const sway = (atS: number, id: number): number => Math.round(1.4 * Math.sin(atS * 0.9 + id * 2.1));

/** The pictures of a scene one after the other, from real people over a drawn hall, with what is true in each. */
export function* composePictures({
  backdrop,
  cast,
  roles,
  fps,
  pictures,
}: {
  readonly backdrop: Backdrop;
  readonly cast: readonly Person[];
  readonly roles: readonly Role[];
  readonly fps: number;
  readonly pictures: number;
}): Generator<ComposedPicture> {
  const { width, height, behind, counter } = backdrop;
  const painter: Painter = { cast: new Map(cast.map((one) => [one.name, one])), scaled: new Map() };
  const canvas: Canvas = { width, height, rgb: new Uint8Array(behind.length), who: new Uint8Array(width * height) };
  for (let number = 0; number < pictures; number++) {
    const atS = number / fps;
    canvas.rgb.set(behind);
    canvas.who.fill(0);
    // From the back to the front: who is nearer covers who is farther.
    const present = roles
      .flatMap((role, i) => {
        const place = placeAt(role, atS);
        return place ? [{ role, place, id: i + 1 }] : [];
      })
      .sort(
        (a, b) => Number(b.role.isStaff ?? false) - Number(a.role.isStaff ?? false) || a.place.at[1] - b.place.at[1],
      );
    const painted: { id: number; box: Box; points: number; whole: number }[] = [];
    let hasCounter = false;
    for (const { role, place, id } of present) {
      const person = painter.cast.get(role.person);
      if (!person) throw new RangeError(`there is nobody called ${role.person} in the cast`);
      if (!role.isStaff && !hasCounter) {
        paintLayer(canvas, counter);
        hasCounter = true;
      }
      const sprite = spriteAt(painter, { person, place, atS, canvasHeight: height });
      const x = place.at[0] * width + (place.movesBy === 0 ? sway(atS, id) : 0);
      const y = place.at[1] * height;
      if (!role.isStaff) paintShadow(canvas, x, y, sprite.height * 0.16);
      const done = paintSprite(canvas, sprite, { x, y, who: id, ...(role.isStaff ? { hiddenBy: counter } : {}) });
      if (!done) continue;
      const { box, points } = done;
      const round = (value: number) => Math.round(value * 10_000) / 10_000;
      painted.push({
        id,
        box: [round(box.x / width), round(box.y / height), round(box.width / width), round(box.height / height)],
        points,
        whole: role.isStaff ? points : opaquePoints(sprite),
      });
    }
    if (!hasCounter) paintLayer(canvas, counter);
    const seen = new Map<number, number>();
    for (const id of canvas.who) if (id) seen.set(id, (seen.get(id) ?? 0) + 1);
    const people = painted
      .map(({ id, box, whole }) => ({
        id,
        box,
        seen: Math.min(1, Math.round(((seen.get(id) ?? 0) / whole) * 100) / 100),
      }))
      .sort((a, b) => a.id - b.id);
    yield { rgb: canvas.rgb, people };
  }
}

const known = new WeakMap<Sprite, number>();
const opaquePoints = (sprite: Sprite): number => {
  const before = known.get(sprite);
  if (before !== undefined) return before;
  let points = 0;
  for (let at = 3; at < sprite.rgba.length; at += 4) if (sprite.rgba[at]! >= 128) points++;
  known.set(sprite, points);
  return points;
};
