import type { MessageCondition, MessagePlace, MqttMessage } from '@hallhub/shared/profile';
import { bytesOfField, sizeOfField } from './field-bytes.js';
import type { RawValue } from './raw-value.js';

type Shape = Pick<MqttMessage, 'format' | 'separator' | 'wrapped'>;

const keyOf = ({ pointer, column, at, bit, type }: MessagePlace): string =>
  `${pointer ?? ''} ${column ?? ''} ${at ?? ''} ${type === 'bits' ? (bit ?? 0) : ''}`;

/** A message that a device puts together place by place, keeping to the conditions under which a rule reads it. */
export class MessagePayload {
  readonly #shape: Shape;
  readonly #filled = new Map<string, { place: MessagePlace; raw: RawValue }>();
  readonly #present: string[] = [];
  readonly #absent: string[] = [];

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  copy(): MessagePayload {
    const copy = new MessagePayload(this.#shape);
    for (const [key, entry] of this.#filled) copy.#filled.set(key, entry);
    copy.#present.push(...this.#present);
    copy.#absent.push(...this.#absent);
    return copy;
  }

  get isEmpty(): boolean {
    return this.#filled.size === 0;
  }

  at(place: MessagePlace): RawValue | undefined {
    return this.#filled.get(keyOf(place))?.raw;
  }

  /** False: something else stands there, or nothing may. */
  put(place: MessagePlace, raw: RawValue): boolean {
    const known = this.at(place);
    if (known !== undefined) return String(known) === String(raw);
    if (place.pointer !== undefined && this.#absent.some((pointer) => isWithin(place.pointer ?? '', pointer)))
      return false;
    this.#filled.set(keyOf(place), { place, raw });
    return true;
  }

  /** Makes a condition hold. False: it cannot. */
  require(condition: MessageCondition | undefined): boolean {
    if (!condition) return true;
    const { equals, oneOf, present } = condition;
    if (present === false) {
      if (this.#has(condition)) return false;
      if (condition.pointer !== undefined) this.#absent.push(condition.pointer);
      return true;
    }
    const wanted = equals === undefined ? oneOf : [equals];
    if (wanted) {
      const known = this.at(condition);
      if (known !== undefined) return wanted.some((one) => String(one) === String(known));
      return this.put(condition, wanted[0] as RawValue);
    }
    if (present && condition.pointer !== undefined) this.#present.push(condition.pointer);
    return true;
  }

  /** Whether a condition holds for what stands there now. */
  holds(condition: MessageCondition | undefined): boolean {
    if (!condition) return true;
    const { equals, oneOf, present } = condition;
    const raw = this.at(condition);
    if (present !== undefined && present !== this.#has(condition)) return false;
    if (equals !== undefined && String(raw) !== String(equals)) return false;
    return oneOf === undefined || oneOf.some((one) => String(one) === String(raw));
  }

  #has(place: MessagePlace): boolean {
    if (place.pointer === undefined) return this.at(place) !== undefined;
    return [...this.#filled.values()].some((entry) => isWithin(entry.place.pointer ?? '', place.pointer ?? ''));
  }

  bytes(): Buffer {
    const entries = [...this.#filled.values()];
    switch (this.#shape.format) {
      case 'text':
        return Buffer.from(String(entries[0]?.raw ?? ''));
      case 'csv': {
        const columns: string[] = [];
        for (const { place, raw } of entries) columns[place.column ?? 0] = String(raw);
        return Buffer.from(Array.from(columns, (column) => column ?? '').join(this.#shape.separator));
      }
      case 'binary':
        return this.#wrap(binaryOf(entries));
      case 'json':
        return Buffer.from(JSON.stringify(this.#json(entries)));
    }
  }

  #json(entries: readonly { place: MessagePlace; raw: RawValue }[]): unknown {
    let json: unknown;
    for (const { place, raw } of entries)
      json = placed(json, place.pointer ?? '', typeof raw === 'bigint' ? Number(raw) : raw);
    for (const pointer of this.#present) {
      if (!entries.some(({ place }) => isWithin(place.pointer ?? '', pointer))) json = placed(json, pointer, true);
    }
    return json ?? {};
  }

  #wrap(bytes: Buffer): Buffer {
    const { wrapped } = this.#shape;
    if (!wrapped) return bytes;
    const text = bytes.toString(wrapped.encoding);
    return Buffer.from(wrapped.pointer === undefined ? text : JSON.stringify(placed(undefined, wrapped.pointer, text)));
  }
}

const isWithin = (pointer: string, outer: string): boolean =>
  pointer === outer || pointer.startsWith(`${outer}/`) || outer === '';

/** RFC 6901, making what is missing on the way: a list where a level is a number. */
const placed = (json: unknown, pointer: string, value: unknown): unknown => {
  const levels = pointer
    .split('/')
    .slice(1)
    .map((level) => level.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (levels.length === 0) return value;
  const make = (level: string | undefined) => (level !== undefined && /^\d+$/.test(level) ? [] : {});
  const root = (typeof json === 'object' && json !== null ? json : make(levels[0])) as Record<string, unknown>;
  let at = root;
  for (const [index, level] of levels.entries()) {
    if (index === levels.length - 1) {
      at[level] = value;
      break;
    }
    if (typeof at[level] !== 'object' || at[level] === null) at[level] = make(levels[index + 1]);
    at = at[level] as Record<string, unknown>;
  }
  fillHoles(root);
  return root;
};

/** Lists as devices send them have no holes. */
const fillHoles = (json: unknown): void => {
  if (Array.isArray(json)) for (let at = 0; at < json.length; at++) json[at] ??= null;
  if (typeof json === 'object' && json !== null) for (const one of Object.values(json)) fillHoles(one);
};

const bytesAt = ({ type = 'u8', ...place }: MessagePlace, raw: RawValue): Buffer => {
  if (type !== 'text') return bytesOfField({ ...place, type }, raw);
  const text = Buffer.from(String(raw));
  return place.bytes === undefined ? text : Buffer.concat([text, Buffer.alloc(Math.max(0, place.bytes - text.length))]);
};

const binaryOf = (entries: readonly { place: MessagePlace; raw: RawValue }[]): Buffer => {
  const sized = entries.map(({ place, raw }) => ({ at: place.at ?? 0, place, bytes: bytesAt(place, raw) }));
  const front = Math.max(0, ...sized.filter(({ at }) => at >= 0).map(({ at, bytes }) => at + bytes.length));
  const back = Math.max(0, ...sized.filter(({ at }) => at < 0).map(({ at }) => -at));
  const whole = Buffer.alloc(front + back);
  for (const { at, place, bytes } of sized) {
    const from = at < 0 ? whole.length + at : at;
    if (place.type === 'bits') for (const [i, byte] of bytes.entries()) whole[from + i] = (whole[from + i] ?? 0) | byte;
    else bytes.copy(whole, from);
  }
  return whole;
};

/** The limits of a place's own type. */
export const placeSize = (place: MessagePlace): number | undefined =>
  place.type === undefined ? undefined : sizeOfField({ ...place, type: place.type });
