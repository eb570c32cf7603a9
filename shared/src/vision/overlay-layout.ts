import type { Overlay } from './config.js';

/** What each field says; empty: there is no such thing here, and it takes no room. */
export interface OverlayFacts {
  readonly place: string;
  readonly camera: string;
  readonly time: string;
  readonly rule: string;
  readonly code: string;
  readonly number: string;
  readonly direction: string;
  readonly position: string;
}

const fontFamily = "'Noto Sans CJK SC','Source Han Sans SC','WenQuanYi Micro Hei','Microsoft YaHei',sans-serif";
const lineHeight = 1.35;
const smallestPx = 10;
/** Of the picture's height, for all lines together. */
const mostOfPicture = 0.34;

/** A wide character (CJK) is as wide as it is high. */
const widthOf = (text: string): number =>
  [...text].reduce((sum, char) => sum + ((char.codePointAt(0) ?? 0) >= 0x2e80 ? 1 : 0.58), 0);

/** As people of the hall read it, with its offset. */
export const hallTimeText = (atMs: number, zone: string): string => {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: zone, hourCycle: 'h23', timeZoneName: 'longOffset' },
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
  });
  const part = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
  const offset = (part.timeZoneName ?? '').replace('GMT', '') || '+00:00';
  return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}:${part.second} ${offset}`;
};

/** Degrees as people read them aloud, to about a metre: `31.23040°N 121.47370°E`. */
export const positionText = ({ lat, lon }: { readonly lat: number; readonly lon: number }): string =>
  `${Math.abs(lat).toFixed(5)}°${lat < 0 ? 'S' : 'N'} ${Math.abs(lon).toFixed(5)}°${lon < 0 ? 'W' : 'E'}`;

export interface OverlayLayout {
  readonly lines: readonly string[];
  readonly fontPx: number;
  readonly heightPx: number;
}

/** Fields side by side, in lines that fit. Where the picture is too small for the size that was asked for, the text is smaller. */
export const layOut = (
  facts: OverlayFacts,
  { fields, sizePx }: Pick<Overlay, 'fields' | 'sizePx'>,
  { width, height }: { readonly width: number; readonly height: number },
): OverlayLayout => {
  const texts = fields.map((field) => facts[field].replace(/\p{Cc}/gu, ' ').trim()).filter((text) => text !== '');
  for (let fontPx: number = sizePx; ; fontPx = Math.max(smallestPx, Math.floor(fontPx * 0.85))) {
    const lines = wrap(texts, width / fontPx - 1);
    const heightPx = Math.ceil(lines.length * fontPx * lineHeight + fontPx * 0.4);
    if (fontPx <= smallestPx || heightPx <= height * mostOfPicture) return { lines, fontPx, heightPx };
  }
};

const gap = '   ';

const wrap = (texts: readonly string[], most: number): string[] => {
  const lines: string[] = [];
  for (const text of texts) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last + gap + text) <= most) lines[lines.length - 1] = last + gap + text;
    else lines.push(...broken(text, most));
  }
  return lines;
};

/** A text that is longer than a line. */
const broken = (text: string, most: number): string[] => {
  const lines = [''];
  for (const char of text) {
    if (widthOf(lines.at(-1) + char) > Math.max(1, most)) lines.push('');
    lines[lines.length - 1] += char;
  }
  return lines;
};

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Behind the letters: a veil on the picture, black beside it. */
export const bandBackground = (band: Overlay['band']): string => (band === 'on' ? 'rgba(0,0,0,0.55)' : '#000000');

/** A band of text as wide as the picture. */
export const bandSvg = (
  { lines, fontPx, heightPx }: OverlayLayout,
  { width, colour, background }: { readonly width: number; readonly colour: string; readonly background: string },
): string => {
  const texts = lines.map((line, i) => {
    const y = Math.round(fontPx * 0.2 + (i + 1) * fontPx * lineHeight - fontPx * 0.3);
    return `<text x="${Math.round(fontPx / 2)}" y="${y}" xml:space="preserve">${escaped(line)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${heightPx}"><rect width="100%" height="100%" fill="${background}"/><g font-family="${fontFamily}" font-size="${fontPx}" fill="${colour}">${texts.join('')}</g></svg>`;
};
