import { createReadStream } from 'node:fs';
import { HubError } from '@hallhub/shared';
import { boundedCell, maxCellLength, mostColumns, type RawCell, type RawRow } from './raw-row.js';

const delimiters = [',', ';', '\t', '|'] as const;
const boms: readonly (readonly [encoding: string, bytes: readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

const broken = (reason: string, message: string, more: object = {}): HubError =>
  new HubError('unsupported', message, { context: { reason, ...more } });

/** By its first bytes, else whichever of UTF-8 and GB18030 the whole of it is. Throws `unsupported` with reason `encoding`. */
export const encodingOf = async (file: string, head: Uint8Array): Promise<string> => {
  const marked = boms.find(([, bytes]) => bytes.every((byte, i) => head[i] === byte));
  if (marked) return marked[0];
  for (const encoding of ['utf-8', 'gb18030']) if (await isEncoded(file, encoding)) return encoding;
  throw broken('encoding', 'The file is text in neither UTF-8 nor GB18030');
};

const isEncoded = async (file: string, encoding: string): Promise<boolean> => {
  const decoder = new TextDecoder(encoding, { fatal: true });
  try {
    for await (const chunk of createReadStream(file)) {
      const text = decoder.decode(chunk as Buffer, { stream: true });
      // Text has no such characters; programs and pictures do.
      if (/[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text)) return false;
    }
    decoder.decode();
    return true;
  } catch {
    return false;
  }
};

export async function* textOfFile(file: string, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of createReadStream(file, { highWaterMark: 65_536 })) {
    yield decoder.decode(chunk as Buffer, { stream: true });
  }
  yield decoder.decode();
}

/** Which one the first lines have most steadily, outside of quotes. */
export const delimiterOf = (sample: string): string => {
  const lines: Map<string, number>[] = [];
  let counts = new Map<string, number>();
  let isQuoted = false;
  for (const char of sample) {
    if (char === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (char === '\n') {
      lines.push(counts);
      counts = new Map();
    } else if (char === ',' || char === ';' || char === '\t' || char === '|') {
      counts.set(char, (counts.get(char) ?? 0) + 1);
    }
  }
  if (lines.length === 0 || counts.size > 0) lines.push(counts);
  const [first] = lines;
  const score = (one: string): number => {
    const inFirst = first?.get(one) ?? 0;
    return inFirst === 0
      ? 0
      : inFirst + 1_000 * (lines.filter((line) => line.get(one) === inFirst).length / lines.length);
  };
  return delimiters.reduce((best, one) => (score(one) > score(best) ? one : best), ',' as string);
};

/**
 * Rows of delimited text (RFC 4180, and what programs make of it: quotes within bare cells, CR alone). `line` is where a row begins.
 * Throws `unsupported` with reason `quotes` and the line where a quote is never closed.
 */
export async function* readCsv(text: AsyncIterable<string>, delimiter: string): AsyncGenerator<RawRow> {
  let [line, beganAt, quotedAt] = [1, 1, 0];
  let cells: RawCell[] = [];
  let cell = '';
  let state: 'start' | 'bare' | 'quoted' | 'closed' = 'start';
  let wasReturn = false;
  const endCell = () => {
    if (cells.length < mostColumns) cells.push(unguarded(cell));
    else if (cell.trim() !== '')
      throw broken('columns', `A row has more than ${mostColumns} columns`, { line: beganAt });
    [cell, state] = ['', 'start'];
  };
  const add = (char: string) => {
    // Beyond the bound only that there is more counts.
    if (cell.length <= maxCellLength) cell += char;
  };
  for await (const chunk of text) {
    for (const char of chunk) {
      if (char === '\n' && wasReturn) {
        wasReturn = false;
        if (state === 'quoted') add(char);
        continue;
      }
      wasReturn = char === '\r';
      if (char === '\n' || char === '\r') line += 1;
      if (state === 'quoted') {
        if (char === '"') state = 'closed';
        else add(char);
      } else if (state === 'closed' && char === '"') {
        add(char);
        state = 'quoted';
      } else if (char === delimiter) endCell();
      else if (char === '\n' || char === '\r') {
        endCell();
        yield { line: beganAt, cells };
        [cells, beganAt] = [[], line];
      } else if (char === '"' && state === 'start') [state, quotedAt] = ['quoted', line];
      else {
        add(char);
        if (state === 'start') state = 'bare';
      }
    }
  }
  if (state === 'quoted') throw broken('quotes', `The quote of line ${quotedAt} is never closed`, { line: quotedAt });
  if (state !== 'start' || cells.length > 0) {
    endCell();
    yield { line: beganAt, cells };
  }
}

const risky = /^'*[=+\-@\t\r]/;
/** So that no sheet's program takes it for a formula; `unguarded` takes exactly that off again. */
export const guarded = (text: string): string => (risky.test(text) ? `'${text}` : text);
const unguarded = (text: string): RawCell =>
  boundedCell(text.startsWith("'") && risky.test(text) ? text.slice(1) : text);

/** A line of CSV, guarded and quoted (RFC 4180). */
export const csvLine = (cells: readonly string[]): string =>
  `${cells.map((text) => `"${guarded(text).replaceAll('"', '""')}"`).join(',')}\r\n`;
