import { imageOf } from './draw-overlay.js';
import { loadSharp } from './load-sharp.js';
import type { PixelBox, RawPicture } from './raw-picture.js';

export interface FourInOne {
  /** The oldest first; of more than two the first and the last count. */
  readonly before: readonly RawPicture[];
  readonly now: RawPicture;
  /** In `now`; undefined: its middle. */
  readonly closeup: PixelBox | undefined;
}

/** A composite has at least 1280 x 720 pixels by its four tiles. */
const tileWidthPx = 960;

/**
 * Two earlier overviews in the upper row, the one of the moment and its close-up in the lower: two by two, tiles of equal size.
 * GA/T 832-2014 asks for two or more overviews of different moments, or one with a recording (3.3), in 24 bits and at least 1280 x 720 (3.4). It leaves the
 * arrangement that devices use open in the part that is public; two by two with the close-up at the lower right is that of type 303 in
 * Hikvision's NET_ITS_IMGMERGE_CFG.
 */
export const fourInOne = async ({ before, now, closeup }: FourInOne): Promise<RawPicture> => {
  const make = await loadSharp();
  const width = Math.min(now.width, tileWidthPx) & ~1;
  const height = Math.round((width * now.height) / now.width) & ~1;
  const tile = (picture: RawPicture, part?: PixelBox): Promise<Buffer> => {
    const image = imageOf(make, picture);
    // The close-up is shown whole; what is left of its tile stays black.
    const cut = part ? image.extract(part) : image;
    return cut
      .resize({ width, height, fit: part ? 'contain' : 'fill', background: '#000000' })
      .raw()
      .toBuffer();
  };
  const [first, last] = [before[0] ?? now, before.at(-1) ?? now];
  const middle = {
    ...{ left: Math.floor(now.width / 4), top: Math.floor(now.height / 4) },
    ...{ width: Math.ceil(now.width / 2), height: Math.ceil(now.height / 2) },
  };
  const tiles = [await tile(first), await tile(last), await tile(now), await tile(now, closeup ?? middle)];
  const raw = { width, height, channels: 3 as const };
  const rgb = await make({ create: { width: width * 2, height: height * 2, channels: 3, background: '#000000' } })
    .composite(tiles.map((input, i) => ({ input, raw, left: (i % 2) * width, top: i < 2 ? 0 : height })))
    .removeAlpha()
    .raw()
    .toBuffer();
  return { width: width * 2, height: height * 2, rgb };
};
