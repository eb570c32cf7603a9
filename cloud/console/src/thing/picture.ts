/** First letters of pictures in base64, by their signature; SVG is left out on purpose, it can carry scripts. */
const kinds: readonly [string, string][] = [
  ['/9j/', 'image/jpeg'],
  ['iVBORw0KGgo', 'image/png'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
];
const leastLetters = 64;
const dataUri = /^data:image\/(?:jpeg|png|gif|webp);base64,([A-Za-z0-9+/=\s]+)$/;
const base64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

/** A text that is a picture, as an address an `<img>` takes: a data URI, or base64 that begins as pictures do. */
export function pictureOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length < leastLetters) return undefined;
  if (dataUri.test(value)) return value;
  const kind = kinds.find(([start]) => value.startsWith(start))?.[1];
  return kind && base64.test(value) ? `data:${kind};base64,${value.replace(/\s+/g, '')}` : undefined;
}
