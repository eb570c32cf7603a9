import { HubError } from '@hallhub/shared';
import type { PictureBytes } from '../inference/index.js';

const headerBytes = 54;
const uncompressed = 0;

/** What readers of identity cards give: a Windows bitmap of 24 or 32 bits a pixel without compression. Throws `invalid_input`, `too_large`. */
export const readBmp = (bytes: Uint8Array, maxPixels: number): PictureBytes => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < headerBytes) throw damaged();
  const start = view.getUint32(10, true);
  const [width, high] = [view.getInt32(18, true), view.getInt32(22, true)];
  const [bits, compression] = [view.getUint16(28, true), view.getUint32(30, true)];
  const height = Math.abs(high);
  if ((bits !== 24 && bits !== 32) || compression !== uncompressed) {
    throw new HubError('invalid_input', `a bitmap of ${bits} bits a pixel, packed in way ${compression}`, {
      hint: '24 or 32 bits without compression',
    });
  }
  if (width < 1 || height < 1) throw damaged();
  if (width * height > maxPixels) throw new HubError('too_large', `the picture has ${width} x ${height} pixels`);
  const step = bits / 8;
  const rowBytes = Math.ceil((width * step) / 4) * 4;
  if (start + rowBytes * height > bytes.length) throw damaged();
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    // From below, unless the height is negative.
    let from = start + (high > 0 ? height - 1 - y : y) * rowBytes;
    for (let x = 0; x < width; x++, from += step) {
      rgb[to++] = bytes[from + 2]!;
      rgb[to++] = bytes[from + 1]!;
      rgb[to++] = bytes[from]!;
    }
  }
  return { width, height, rgb };
};

const damaged = (): HubError => new HubError('invalid_input', 'the bitmap is damaged');
