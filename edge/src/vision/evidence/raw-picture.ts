/** Packed RGB24. */
export interface RawPicture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** A rectangle of whole pixels. */
export interface PixelBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A box in fractions as pixels inside the picture; undefined: nothing of it is inside. */
export const pixelsOf = (
  [x, y, width, height]: readonly [number, number, number, number],
  picture: Pick<RawPicture, 'width' | 'height'>,
): PixelBox | undefined => {
  const left = Math.max(0, Math.floor(x * picture.width));
  const top = Math.max(0, Math.floor(y * picture.height));
  const right = Math.min(picture.width, Math.ceil((x + width) * picture.width));
  const bottom = Math.min(picture.height, Math.ceil((y + height) * picture.height));
  return right > left && bottom > top ? { left, top, width: right - left, height: bottom - top } : undefined;
};
