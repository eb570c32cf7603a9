import type { Sprite } from './cut-outs.js';
import type { PixelBox } from './foreground.js';
import type { PictureSize } from './raw-video.js';

/** A picture that is being painted: packed RGB, and who is seen at each point (0: nobody). */
export interface Canvas extends PictureSize {
  readonly rgb: Uint8Array;
  readonly who: Uint8Array;
}

/** Scaled and mirrored by the nearest four points; alpha counts as weight, so that nothing dark bleeds in from outside. */
export const scaleSprite = (sprite: Sprite, scale: number, mirrored: boolean): Sprite => {
  const width = Math.max(1, Math.round(sprite.width * scale));
  const height = Math.max(1, Math.round(sprite.height * scale));
  const rgba = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const sy = Math.min(sprite.height - 1, Math.max(0, (y + 0.5) / scale - 0.5));
    for (let x = 0; x < width; x++) {
      const sx = Math.min(sprite.width - 1, Math.max(0, ((mirrored ? width - 1 - x : x) + 0.5) / scale - 0.5));
      let [red, green, blue, alpha] = [0, 0, 0, 0];
      for (let corner = 0; corner < 4; corner++) {
        const cx = Math.min(sprite.width - 1, Math.floor(sx) + (corner & 1));
        const cy = Math.min(sprite.height - 1, Math.floor(sy) + (corner >> 1));
        const weight = (corner & 1 ? sx % 1 : 1 - (sx % 1)) * (corner >> 1 ? sy % 1 : 1 - (sy % 1));
        const from = (cy * sprite.width + cx) * 4;
        const opaque = weight * sprite.rgba[from + 3]!;
        red += opaque * sprite.rgba[from]!;
        green += opaque * sprite.rgba[from + 1]!;
        blue += opaque * sprite.rgba[from + 2]!;
        alpha += opaque;
      }
      if (alpha === 0) continue;
      const to = (y * width + x) * 4;
      rgba[to] = red / alpha;
      rgba[to + 1] = green / alpha;
      rgba[to + 2] = blue / alpha;
      rgba[to + 3] = alpha;
    }
  }
  return { width, height, rgba };
};

/** Paints somebody with the middle of the feet at a point of the canvas. `hiddenBy`: RGBA of the canvas's size that lies over them. */
export const paintSprite = (
  canvas: Canvas,
  sprite: Sprite,
  {
    x,
    y,
    who,
    hiddenBy,
  }: { readonly x: number; readonly y: number; readonly who: number; readonly hiddenBy?: Uint8Array },
): { box: PixelBox; points: number } | undefined => {
  const left = Math.round(x - sprite.width / 2);
  const top = Math.round(y - sprite.height);
  let points = 0;
  let [minX, maxX, minY, maxY] = [canvas.width, -1, canvas.height, -1];
  for (let sy = Math.max(0, -top); sy < Math.min(sprite.height, canvas.height - top); sy++) {
    for (let sx = Math.max(0, -left); sx < Math.min(sprite.width, canvas.width - left); sx++) {
      const from = (sy * sprite.width + sx) * 4;
      const at = (top + sy) * canvas.width + left + sx;
      const alpha = sprite.rgba[from + 3]! / 255;
      if (alpha === 0 || (hiddenBy && hiddenBy[at * 4 + 3]! > 127)) continue;
      for (let channel = 0; channel < 3; channel++) {
        const old = canvas.rgb[at * 3 + channel]!;
        canvas.rgb[at * 3 + channel] = old + (sprite.rgba[from + channel]! - old) * alpha;
      }
      if (alpha < 0.5) continue;
      canvas.who[at] = who;
      points++;
      [minX, maxX] = [Math.min(minX, left + sx), Math.max(maxX, left + sx)];
      [minY, maxY] = [Math.min(minY, top + sy), Math.max(maxY, top + sy)];
    }
  }
  return points === 0
    ? undefined
    : { box: { x: minX, y: minY, width: maxX - minX + 1, height: maxY - minY + 1 }, points };
};

/** A soft dark spot under the feet. */
export const paintShadow = (canvas: Canvas, x: number, y: number, halfWidth: number): void => {
  const halfHeight = halfWidth * 0.28;
  for (let py = Math.max(0, Math.ceil(y - halfHeight)); py < Math.min(canvas.height, y + halfHeight); py++) {
    for (let px = Math.max(0, Math.ceil(x - halfWidth)); px < Math.min(canvas.width, x + halfWidth); px++) {
      const distance = ((px - x) / halfWidth) ** 2 + ((py - y) / halfHeight) ** 2;
      if (distance >= 1) continue;
      const light = 1 - 0.35 * (1 - distance);
      for (let channel = 0; channel < 3; channel++) canvas.rgb[(py * canvas.width + px) * 3 + channel]! *= light;
    }
  }
};

/** Lays RGBA of the canvas's size over it. */
export const paintLayer = (canvas: Canvas, layer: Uint8Array): void => {
  for (let at = 0; at < canvas.who.length; at++) {
    const alpha = layer[at * 4 + 3]! / 255;
    if (alpha === 0) continue;
    for (let channel = 0; channel < 3; channel++) {
      const old = canvas.rgb[at * 3 + channel]!;
      canvas.rgb[at * 3 + channel] = old + (layer[at * 4 + channel]! - old) * alpha;
    }
  }
};
