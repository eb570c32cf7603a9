import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type PixelBox, personMask } from './foreground.js';
import { medianPicture } from './median-picture.js';
import { type PictureSize, readPictures } from './raw-video.js';
import { streetPictures } from './street-footage.js';

/** One picture of somebody: packed RGBA, cut to what is seen. */
export interface Sprite extends PictureSize {
  readonly rgba: Uint8Array;
}

/** Somebody who walks, step by step at 10 pictures a second, and the picture that comes nearest to standing. */
export interface Person {
  readonly name: string;
  /** The way the steps go. */
  readonly faces: 'left' | 'right' | 'stays';
  readonly steps: readonly Sprite[];
  readonly standing: Sprite;
}

const castSchema = z.object({
  v: z.literal(1),
  how: z.string(),
  people: z.array(
    z.object({
      name: z.string(),
      faces: z.enum(['left', 'right', 'stays']),
      /** Picture number, then x, y, width, height in pixels; between two of them the box moves evenly. */
      boxes: z.array(z.tuple([z.int(), z.int(), z.int(), z.int(), z.int()])).min(2),
    }),
  ),
});
export type Cast = z.infer<typeof castSchema>['people'];

/** Who is alone in the footage, when and where: looked up by eye. */
export const readCast = (): Cast =>
  castSchema.parse(JSON.parse(readFileSync(new URL('./labels/cast.json', import.meta.url), 'utf8'))).people;

const margin = 5;

const boxAt = (boxes: Cast[number]['boxes'], picture: number): PixelBox | undefined => {
  const next = boxes.findIndex(([at]) => at >= picture);
  const after = boxes[next];
  const before = boxes[Math.max(0, next - 1)];
  if (!before || !after || picture < before[0]) return undefined;
  const share = after[0] === before[0] ? 0 : (picture - before[0]) / (after[0] - before[0]);
  const [x, y, width, height] = ([1, 2, 3, 4] as const).map((i) => before[i] + (after[i] - before[i]) * share) as [
    number,
    number,
    number,
    number,
  ];
  const left = Math.max(0, Math.round(x) - margin);
  const top = Math.max(0, Math.round(y) - margin);
  return {
    x: left,
    y: top,
    width: Math.min(streetPictures.width - left, Math.round(width) + 2 * margin),
    height: Math.min(streetPictures.height - top, Math.round(height) + 2 * margin),
  };
};

/** Cuts people out of the street footage: the ground by the median, what differs from it is somebody. */
export const cutOutPeople = async (file: string, cast: Cast = readCast()): Promise<Person[]> => {
  const { width, height } = streetPictures;
  const size = { width, height };
  const grounds: Uint8Array[] = [];
  for await (const picture of readPictures(file, { ...size, filter: String.raw`select='not(mod(n\,21))'` })) {
    grounds.push(picture);
  }
  const ground = medianPicture(grounds);
  const steps = cast.map((): Sprite[] => []);
  let number = 0;
  for await (const rgb of readPictures(file, size)) {
    for (const [at, { boxes }] of cast.entries()) {
      const box = boxAt(boxes, number);
      if (!box) continue;
      const sprite = cutOut(rgb, { box, mask: personMask(rgb, { ground, size, box }), size });
      if (sprite) steps[at]!.push(sprite);
    }
    number++;
  }
  return cast.map(({ name, faces }, at): Person => {
    const own = steps[at]!;
    // Where the legs are together, somebody seems to stand.
    const standing = own.reduce((best, step) => (step.width / step.height < best.width / best.height ? step : best));
    return { name, faces, steps: own, standing };
  });
};

/** RGBA of what the mask shows, its edge half seen through, so that no rim of the old ground comes along. */
const cutOut = (
  rgb: Uint8Array,
  { box, mask, size }: { readonly box: PixelBox; readonly mask: Uint8Array; readonly size: PictureSize },
): Sprite | undefined => {
  let [left, right, top, bottom] = [box.width, -1, box.height, -1];
  for (let at = 0; at < mask.length; at++) {
    if (!mask[at]) continue;
    const x = at % box.width;
    const y = (at - x) / box.width;
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
  }
  if (right < left) return undefined;
  const width = right - left + 1;
  const height = bottom - top + 1;
  const rgba = new Uint8Array(width * height * 4);
  const inside = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < box.width && y < box.height && mask[y * box.width + x] ? 1 : 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [mx, my] = [left + x, top + y];
      if (!inside(mx, my)) continue;
      const around = inside(mx - 1, my) + inside(mx + 1, my) + inside(mx, my - 1) + inside(mx, my + 1);
      const from = ((box.y + my) * size.width + box.x + mx) * 3;
      const to = (y * width + x) * 4;
      rgba[to] = rgb[from]!;
      rgba[to + 1] = rgb[from + 1]!;
      rgba[to + 2] = rgb[from + 2]!;
      rgba[to + 3] = around === 4 ? 255 : 150;
    }
  }
  return { width, height, rgba };
};
