import {
  bandBackground,
  bandSvg,
  findingNumber,
  hallTimeText,
  layOut,
  type OverlayFacts,
  positionText,
} from '@hallhub/shared/vision';
import type sharp from 'sharp';
import type { EvidenceJob } from './evidence-job.js';
import { loadSharp } from './load-sharp.js';
import { pixelsOf, type RawPicture } from './raw-picture.js';

const jpegQuality = 88;
const mark = '#ffb300';
/** In both languages: who reads it is not known when it is written. */
const wayWords = { in: '进 IN', out: '出 OUT' } as const;

export const imageOf = (make: typeof sharp, { width, height, rgb }: RawPicture) =>
  make(Buffer.from(rgb.buffer, rgb.byteOffset, rgb.byteLength), { raw: { width, height, channels: 3 } });

export const jpeg = (image: sharp.Sharp): Promise<Buffer> => image.jpeg({ quality: jpegQuality }).toBuffer();

const factsOf = ({ placeName, cameraName, rule, code, ...job }: EvidenceJob): OverlayFacts => ({
  ...{ place: placeName, camera: cameraName, rule: rule.name, code },
  direction: job.way === undefined ? '' : wayWords[job.way],
  position: job.position ? positionText(job.position) : '',
  time: hallTimeText(job.atMs, job.zone),
  number: findingNumber(job.episodeId),
});

/** With the text where the overlay says, as JPEG. */
export const withBand = async (job: EvidenceJob, picture: RawPicture): Promise<Buffer> => {
  const make = await loadSharp();
  const { band, colour } = job.overlay;
  const { width, height } = picture;
  const layout = layOut(factsOf(job), job.overlay, picture);
  if (layout.lines.length === 0) return jpeg(imageOf(make, picture));
  if (band === 'on') {
    const input = Buffer.from(bandSvg(layout, { width, colour, background: bandBackground(band) }));
    return jpeg(imageOf(make, picture).composite([{ input, left: 0, top: Math.max(0, height - layout.heightPx) }]));
  }
  const input = Buffer.from(bandSvg(layout, { width, colour, background: bandBackground(band) }));
  const isAbove = band === 'above';
  const canvas = make({
    create: { width, height: height + layout.heightPx, channels: 3, background: '#000000' },
  }).composite([
    {
      input: Buffer.from(picture.rgb.buffer, picture.rgb.byteOffset, picture.rgb.byteLength),
      raw: { width, height, channels: 3 },
      ...{ left: 0, top: isAbove ? layout.heightPx : 0 },
    },
    { input, left: 0, top: isAbove ? 0 : height },
  ]);
  return jpeg(canvas);
};

/** Frames around those whom the rule saw. */
export const marks = ({ seen }: EvidenceJob, { width, height }: RawPicture): Buffer => {
  const stroke = Math.max(2, Math.round(height / 270));
  const frames = seen.flatMap(({ box }) => {
    const pixels = pixelsOf(box, { width, height });
    if (!pixels) return [];
    const { left, top, width: w, height: h } = pixels;
    return [`<rect x="${left}" y="${top}" width="${w}" height="${h}" rx="${stroke}"/>`];
  });
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><g fill="none" stroke="${mark}" stroke-width="${stroke}">${frames.join('')}</g></svg>`,
  );
};
