import sharp from 'sharp';
import type { PictureSize } from './raw-video.js';

export const hallSize = { width: 768, height: 432 } as const;

/** What stands in front of those behind the counter, and all that lies behind them. */
export interface Backdrop extends PictureSize {
  /** Packed RGB. */
  readonly behind: Uint8Array;
  /** Packed RGBA, empty but for the counter. */
  readonly counter: Uint8Array;
}

const windows = [0.36, 0.56, 0.76];

const wall = `
  <linearGradient id="wall" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#cfd6d8"/><stop offset="1" stop-color="#b9c2c4"/></linearGradient>
  <linearGradient id="floor" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#9c9a94"/><stop offset="1" stop-color="#c4c1b8"/></linearGradient>
  <rect width="768" height="240" fill="url(#wall)"/><rect y="225" width="768" height="207" fill="url(#floor)"/>
  <rect x="0" y="58" width="62" height="210" fill="#8fb0bd"/><rect x="6" y="64" width="50" height="204" fill="#c6dfe6"/><path d="M31 64V268" stroke="#7b8a90" stroke-width="4"/>
  <rect x="96" y="70" width="104" height="66" fill="#35566b"/><path d="M104 84h88M104 98h70M104 112h80M104 124h52" stroke="#d9e6ec" stroke-width="4"/>
  <rect x="226" y="18" width="530" height="22" fill="#7a2f2c"/>`;
const signs = windows
  .map((x, i) => {
    const at = x * 768;
    return `<rect x="${at - 34}" y="44" width="68" height="24" rx="3" fill="#22303a"/><text x="${at}" y="62" font-size="17" text-anchor="middle" font-family="sans-serif" fill="#ffb347">0${i + 1}</text>`;
  })
  .join('');
const tiles = [250, 285, 330, 385]
  .map((y) => `<path d="M0 ${y}H768" stroke="#8d8a83" stroke-width="1"/>`)
  .concat(
    Array.from(
      { length: 13 },
      (_, i) => `<path d="M${384 + (i - 6) * 60} 225L${384 + (i - 6) * 170} 432" stroke="#8d8a83" stroke-width="1"/>`,
    ),
  )
  .join('');
const line = '<path d="M330 300L520 300" stroke="#d9b23a" stroke-width="5" opacity=".8"/>';

const counter = `
  <path d="M206 158H768V176H206Z" fill="#7d5a3c"/><path d="M206 176H768V246H206Z" fill="#a47b52"/><path d="M206 240H768V246H206Z" fill="#5b412b"/>
  ${windows.map((x) => `<rect x="${x * 768 - 58}" y="186" width="116" height="44" fill="#b58b61" stroke="#8a6543"/>`).join('')}
  ${windows.map((x) => `<rect x="${x * 768 + 22}" y="140" width="30" height="20" rx="2" fill="#23292d"/><rect x="${x * 768 + 34}" y="158" width="6" height="4" fill="#23292d"/>`).join('')}`;

const svg = (body: string) =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${hallSize.width}" height="${hallSize.height}">${body}</svg>`,
  );

/** A hall with three counters, door on the left, drawn. */
export const drawHall = async (): Promise<Backdrop> => {
  const [behind, front] = await Promise.all([
    sharp(svg(wall + signs + tiles + line))
      .removeAlpha()
      .raw()
      .toBuffer(),
    sharp(svg(counter)).ensureAlpha().raw().toBuffer(),
  ]);
  return { ...hallSize, behind, counter: front };
};
