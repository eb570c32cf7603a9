import { decodeText, encodeText, type FrameField } from '@hallhub/shared/profile';
import { bytesOfField, rangeOfField, sizeOfField } from './field-bytes.js';
import { type Carried, carriedBy, type RawValue } from './raw-value.js';

const textual = ['text', 'decimal', 'hex', 'ascii-hex'];

/** Yes and no are a digit where no map says otherwise. */
const textsOf = (raw: RawValue): string[] =>
  typeof raw === 'boolean' ? [raw ? '1' : '0', String(raw)] : [String(raw)];

/** Digits of a number in a text of so many places: 23.5 in five is 023.5. Undefined where it does not fit. */
export const digitsIn = (raw: RawValue, places: number): string | undefined => {
  const number = Number(raw);
  const plain = String(Math.abs(number));
  const sign = number < 0 ? '-' : '';
  const room = places - sign.length;
  if (plain.length <= room) return `${sign}${plain.padStart(room, '0')}`;
  const whole = plain.split('.')[0] ?? '';
  if (whole.length > room) return undefined;
  return `${sign}${Math.abs(number)
    .toFixed(Math.max(0, room - whole.length - 1))
    .padStart(room, '0')}`;
};

/** A number or text as a group's own pattern wants it written; undefined where no way of writing it fits. */
export const textInGroup = (field: FrameField, raw: RawValue, inner: string): string | undefined => {
  const expression = new RegExp(`^(?:${inner})$`, 'u');
  const tries: string[] = [];
  if (field.type === 'decimal') {
    const number = Number(raw);
    const size = Math.abs(number);
    const plain = [String(size), ...[0, 1, 2, 3, 4].map((decimals) => size.toFixed(decimals))];
    for (const text of plain.filter((one) => Math.abs(Number(one) - size) < 1e-9)) {
      for (const filler of ['0', ' ']) {
        for (let places = 0; places <= 10; places++) {
          for (const sign of number < 0 ? ['-'] : ['', '+', ' ']) {
            tries.push(`${sign}${text.padStart(places, filler)}`);
            if (filler === ' ') tries.push(`${sign}${text}`.padStart(places, filler));
          }
        }
      }
    }
  } else if (field.type === 'hex' || field.type === 'ascii-hex') {
    const digits = Number(raw).toString(16);
    for (let places = 0; places <= 16; places++)
      tries.push(digits.toUpperCase().padStart(places, '0'), digits.padStart(places, '0'));
  } else tries.push(...textsOf(raw));
  return tries.find((text) => expression.test(text));
};

/** Bytes of a field at its offset; a text of any length where the field goes `until` somewhere. */
export const bytesInFrame = (field: FrameField, raw: RawValue): Uint8Array | undefined => {
  if (!textual.includes(field.type)) {
    const bytes = bytesOfField(field, raw);
    return field.hexDigits ? hexDigitsOf(bytes) : bytes;
  }
  const places = field.bytes;
  if (field.type === 'hex') {
    const bytes = Buffer.from(String(raw).padStart((places ?? 1) * 2, '0'), 'hex');
    const placed = field.order === 'little' ? bytes.reverse() : bytes;
    return field.hexDigits ? hexDigitsOf(placed) : placed;
  }
  if (field.type === 'ascii-hex') {
    return encodeText(
      Number(raw)
        .toString(16)
        .toUpperCase()
        .padStart(places ?? 1, '0'),
      'ascii',
    );
  }
  if (field.type === 'decimal') {
    const digits = places === undefined ? String(raw) : digitsIn(raw, places);
    return digits === undefined ? undefined : encodeText(digits, 'ascii');
  }
  const text = encodeText(textsOf(raw)[0] ?? '', field.encoding);
  if (places === undefined) return text;
  const unit = encodeText(' ', field.encoding);
  const whole = new Uint8Array(places);
  for (let at = 0; at < places; at += unit.length) whole.set(unit.subarray(0, places - at), at);
  whole.set(text.subarray(0, places));
  return whole;
};

/** Bytes that a field takes in a frame; undefined where its text decides. */
export const placesOf = (field: FrameField): number | undefined => {
  const size = textual.includes(field.type) ? field.bytes : sizeOfField(field);
  return size === undefined ? undefined : size * (field.hexDigits ? 2 : 1);
};

const hexDigitsOf = (bytes: Uint8Array): Uint8Array =>
  encodeText(Buffer.from(bytes).toString('hex').toUpperCase(), 'ascii');

/** What a field of a frame can carry; `inner` is its group's own pattern. */
export const carriedByField = (field: FrameField, inner?: string, wantedDecimals = 1): Carried => {
  if (field.map) return carriedBy(field);
  switch (field.type) {
    case 'text': {
      const unit = encodeText('A', field.encoding).length;
      const most = field.bytes === undefined ? 32 : Math.floor(field.bytes / unit);
      return { maxBytes: most, ...(inner === undefined ? {} : { pattern: inner }) };
    }
    case 'hex':
      if (inner !== undefined) return carriedBy(field, { least: 0, greatest: 0xffff, whole: true });
      return field.scale === undefined ? { exactBytes: (field.bytes ?? 1) * 2, pattern: '[0-9A-F]+' } : {};
    case 'ascii-hex':
      return carriedBy(field, { least: 0, greatest: 16 ** Math.min(field.bytes ?? 4, 12) - 1, whole: true });
    case 'decimal':
      return carriedByDigits(field, inner, wantedDecimals);
    default: {
      const range = rangeOfField(field);
      const whole = field.type !== 'f32' && field.type !== 'f64';
      return carriedBy(field, { ...(range ? { least: range[0], greatest: range[1] } : {}), whole });
    }
  }
};

/** Digits in a text: how many decimals there is room for, and the greatest number. */
const carriedByDigits = (field: FrameField, inner: string | undefined, wantedDecimals: number): Carried => {
  if (inner !== undefined) {
    const samples = [5, 25, 125, 1250, 12_500, 125_000, 1_250_000];
    for (const decimals of [4, 3, 2, 1, 0].sort(
      (a, b) => Math.abs(a - wantedDecimals) - Math.abs(b - wantedDecimals),
    )) {
      const step = 10 ** -decimals;
      // An odd last digit, so that fewer decimals cannot say it.
      const sayable = [0, ...samples]
        .map((one) => one + step)
        .filter((one) => textInGroup(field, Number(one.toFixed(decimals)), inner));
      if (sayable.length === 0) continue;
      const [least, greatest] = limitsInGroup(field, inner, decimals);
      const carried = carriedBy(field, { least, greatest });
      return { ...carried, quantum: Math.abs(field.scale ?? 1) * step, base: field.offset ?? 0 };
    }
    return {};
  }
  const places = field.bytes ?? 8;
  const decimals = field.scale !== undefined ? 0 : Math.min(wantedDecimals, Math.max(0, places - 3));
  const room = decimals > 0 ? places - decimals - 1 : places;
  const carried = carriedBy(field, { least: -(10 ** (room - 1) - 1), greatest: 10 ** room - 1 });
  return { ...carried, quantum: Math.abs(field.scale ?? 1) * 10 ** -decimals, base: field.offset ?? 0 };
};

const limitsInGroup = (field: FrameField, inner: string, decimals: number): [least: number, greatest: number] => {
  const written = (value: number) => textInGroup(field, Number(value.toFixed(decimals)), inner) !== undefined;
  const sizes = [1, 2, 3, 4, 5, 6, 7].map((digits) => 10 ** digits - 10 ** -decimals);
  const greatest = sizes.filter(written).at(-1) ?? 9;
  const least = sizes.filter((size) => written(-size)).at(-1);
  return [least === undefined ? (written(0) ? 0 : 10 ** Math.floor(Math.log10(greatest))) : -least, greatest];
};

/** Text of bytes, or undefined where they are no text of that encoding. */
export const textOrNothing = (bytes: Uint8Array, encoding: FrameField['encoding']): string | undefined => {
  try {
    return decodeText(bytes, encoding);
  } catch {
    return undefined;
  }
};
