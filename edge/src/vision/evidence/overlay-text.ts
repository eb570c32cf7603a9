import { bandSvg } from '@hallhub/shared/vision';
import { loadSharp } from './load-sharp.js';

let known: Promise<boolean> | undefined;

/** Whether this machine has a font for Chinese: without one every character is the same empty box. */
export const hasChineseFont = (): Promise<boolean> => {
  known ??= (async () => {
    const sharp = await loadSharp();
    const drawn = (text: string): Promise<Buffer> => {
      const layout = { lines: [text], fontPx: 32, heightPx: 48 };
      return sharp(Buffer.from(bandSvg(layout, { width: 64, colour: '#ffffff', background: '#000000' })))
        .raw()
        .toBuffer();
    };
    const [one, other] = await Promise.all([drawn('厅'), drawn('枢')]);
    return !one.equals(other);
  })().catch(() => false);
  return known;
};
