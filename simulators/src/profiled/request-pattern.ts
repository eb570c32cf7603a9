import {
  buildFrame,
  decodeText,
  type FramePart,
  type SerialBinding,
  type TemplateValues,
} from '@hallhub/shared/profile';
import { rawOfField, sizeOfField } from './field-bytes.js';
import { textOrNothing } from './field-text.js';
import { type Captured, readText } from './payload-template.js';
import type { RawValue } from './raw-value.js';

export interface FoundRequest {
  readonly captured: Captured;
  readonly used: number;
}

/** Recognises what the unit sends for a step, and takes the inputs out of it. */
export class RequestPattern {
  readonly #expression: RegExp;
  readonly #parts: readonly FramePart[];
  readonly #params: TemplateValues;

  constructor(binding: SerialBinding, parts: readonly FramePart[], params: TemplateValues) {
    this.#parts = parts;
    this.#params = params;
    const pieces = parts.map((part, at) =>
      isOpen(part, params)
        ? `(?<p${at}>${openPattern(part)})`
        : literal(buildFrame(binding, [part], {}, { params, raw: true })),
    );
    this.#expression = new RegExp(`^${pieces.join('')}`);
  }

  /** Of a framed request the body alone, which has to fit whole. */
  whole(body: Uint8Array): Captured | undefined {
    const expression = new RegExp(`${this.#expression.source}$`);
    return this.#read(expression.exec(Buffer.from(body).toString('latin1')))?.captured;
  }

  /** Of a stream: what stands at its front. */
  front(held: Uint8Array): FoundRequest | undefined {
    return this.#read(this.#expression.exec(Buffer.from(held).toString('latin1')));
  }

  #read(match: RegExpExecArray | null): FoundRequest | undefined {
    if (!match) return undefined;
    const captured: Record<string, RawValue> = {};
    for (const [at, part] of this.#parts.entries()) {
      const text = match.groups?.[`p${at}`];
      if (text === undefined) continue;
      const found = readPart(part, Buffer.from(text, 'latin1'));
      if (!found) return undefined;
      for (const [name, raw] of Object.entries(found)) if (!Object.hasOwn(this.#params, name)) captured[name] = raw;
    }
    return { captured, used: match[0].length };
  }
}

/** Whether a part depends on what a command is given. */
const isOpen = (part: FramePart, params: TemplateValues): boolean =>
  part.input !== undefined ||
  (part.text !== undefined &&
    [...part.text.matchAll(/\{(\w+)(?::\d+)?\}/g)].some(([, name]) => !Object.hasOwn(params, name ?? '')));

const literal = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');

const openPattern = (part: FramePart): string => {
  if (part.codec) return '[\\s\\S]*?';
  const digits = part.hexDigits ? 2 : 1;
  if (part.text !== undefined) {
    return part.bytes === undefined ? '[\\s\\S]*?' : `[\\s\\S]{${(part.bytes + (part.lengthPrefix ?? 0)) * digits}}`;
  }
  const size = part.type === 'ascii-hex' ? (part.bytes ?? 2) : sizeOfField(part);
  return size === undefined ? '[\\s\\S]*?' : `[\\s\\S]{${size * digits}}`;
};

const readPart = (part: FramePart, given: Buffer): Captured | undefined => {
  // What a printer's codec made of a text is for paper only.
  if (part.codec) return {};
  const bytes = part.hexDigits ? Buffer.from(given.toString('latin1'), 'hex') : given;
  if (part.text !== undefined) {
    const prefix = part.lengthPrefix ?? 0;
    if (prefix > 0) {
      const size = part.order === 'little' ? bytes.readUIntLE(0, prefix) : bytes.readUIntBE(0, prefix);
      if (size !== bytes.length - prefix) return undefined;
    }
    const text = textOrNothing(new Uint8Array(bytes.subarray(prefix)), part.encoding);
    if (text === undefined) return undefined;
    return readText(part.text, part.bytes === undefined ? text : unpadded(part, text));
  }
  const name = part.input ?? '';
  if (part.type === 'ascii-hex') {
    const number = Number.parseInt(bytes.toString('latin1'), 16);
    return Number.isNaN(number) ? undefined : { [name]: transformed(part, number) };
  }
  const raw = rawOfField(part, bytes);
  return raw === undefined ? undefined : { [name]: transformed(part, raw) };
};

/** Back through the part's transform: what the command was given. */
const transformed = (part: FramePart, raw: RawValue): RawValue => {
  if (part.map) return (part.map[String(raw)] as RawValue | undefined) ?? raw;
  if (part.scale === undefined && part.offset === undefined) return raw;
  return Number((Number(raw) * (part.scale ?? 1) + (part.offset ?? 0)).toPrecision(12));
};

const unpadded = (part: FramePart, text: string): string => {
  const pad = decodeText(Uint8Array.from(Buffer.from(part.pad, 'hex')), 'ascii');
  let cut = text;
  if (part.align === 'left') while (cut.endsWith(pad)) cut = cut.slice(0, -1);
  else while (cut.startsWith(pad)) cut = cut.slice(1);
  return cut;
};
