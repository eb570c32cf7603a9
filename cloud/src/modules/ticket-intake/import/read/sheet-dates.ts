import { readXmlWhole } from './read-xml.js';

/** Formats that are built in and show a date or a time (ECMA-376, 18.8.30; the East Asian ones too). */
const builtIn = (id: number): boolean =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);

const isDateCode = (code: string): boolean =>
  /[ymdhs]/i.test(
    code
      .replace(/"[^"]*"|\\.|_.|\*./g, '')
      .replace(/\[(?!h|m|s)[^\]]*\]/gi, '')
      .replace(/general/gi, ''),
  );

/** Which styles of cells show dates. */
export const dateStylesOf = async (text: AsyncIterable<string>): Promise<ReadonlySet<number>> => {
  const custom = new Map<number, string>();
  const styles = new Set<number>();
  let [isCells, next] = [false, 0];
  await readXmlWhole(text, {
    open: (name, { numFmtId = '0', formatCode = '' }) => {
      if (name === 'numFmt') custom.set(Number(numFmtId), formatCode);
      else if (name === 'cellXfs') isCells = true;
      else if (name === 'xf' && isCells) {
        const id = Number(numFmtId);
        const code = custom.get(id);
        if (code === undefined ? builtIn(id) : isDateCode(code)) styles.add(next);
        next += 1;
      }
    },
    close: (name) => {
      if (name === 'cellXfs') isCells = false;
    },
  });
  return styles;
};

const two = (n: number): string => String(n).padStart(2, '0');
const dayMs = 86_400_000;

/** Days since 1900 (with the 29 February 1900 that sheets believe in) or 1904 as `YYYY-MM-DD[ hh:mm:ss]`; undefined where it is no date. */
export const serialText = (serial: number, is1904: boolean): string | undefined => {
  if (!Number.isFinite(serial) || serial < 0 || serial >= 2_958_466) return undefined;
  const [days, part] = [Math.floor(serial), serial - Math.floor(serial)];
  const seconds = Math.round(part * 86_400);
  const time = `${two(Math.floor(seconds / 3_600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  if (days === 0 && !is1904) return time;
  const base = is1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, days < 60 ? 31 : 30);
  const date = new Date(base + (days + (seconds === 86_400 ? 1 : 0)) * dayMs).toISOString().slice(0, 10);
  return part === 0 ? date : `${date} ${time}`;
};
