import type { Label } from '@hallhub/shared';
import { type Language, labelText, maskText, type ValueShape } from '@hallhub/shared/thing';
import { formatDecimals, formatNumber } from '../format/number.js';
import { formatDuration } from '../format/time.js';
import { formatUnit } from '../format/ucum.js';
import { type BooleanKind, booleanKind } from './boolean-words.js';
import { pictureOf } from './picture.js';

type Shape = Pick<ValueShape, 'id' | 'type' | 'unit' | 'decimals' | 'values' | 'personal'> & { label: Label | string };

export interface Reader {
  language: Language;
  yesNo: (kind: BooleanKind, value: boolean) => string;
  /** What stands for a text of no letters. */
  emptyText: string;
}

/** A value in the reader's words. */
export interface ValueText {
  text: string;
  /** UCUM code written for people; left out where the text says it. */
  unit?: string | undefined;
  /** Something is wrong: shown by colour and shape as well. */
  trouble?: boolean;
  /** An address for `<img>`. */
  picture?: string | undefined;
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, min: 60_000, h: 3_600_000 };
const leastDuration = 120;
const hidden = '••';

/** How a value is written by what its thing model says of it; undefined where there is none. */
export function valueText(shape: Shape | undefined, value: unknown, reader: Reader): ValueText | undefined {
  if (value === null || value === undefined) return undefined;
  // Only of a text some letters may be shown; a masked number or choice would still be one.
  if (shape?.personal) return { text: shape.type === 'string' ? maskText(String(value)) || reader.emptyText : hidden };
  if (typeof value === 'boolean') return booleanText(shape, value, reader);
  if (typeof value === 'number') return numberText(shape, value, reader.language);
  if (typeof value !== 'string') return { text: JSON.stringify(value) };
  const named = shape?.values?.find(({ id }) => id === value);
  if (named) return { text: labelText(named.label, reader.language) };
  return { text: value || reader.emptyText, picture: pictureOf(value) };
}

function booleanText(shape: Shape | undefined, value: boolean, reader: Reader): ValueText {
  const kind = shape ? booleanKind(shape) : 'so';
  return { text: reader.yesNo(kind, value), trouble: kind === 'trouble' && value };
}

/** Long times are read in people's units: `8,043 s` as `2 小时 14 分钟`. Short ones stay figures. */
function numberText(shape: Shape | undefined, value: number, language: Language): ValueText {
  const each = unitMs[shape?.unit ?? ''];
  if (each && Math.abs(value) >= leastDuration) {
    return { text: (value < 0 ? '−' : '') + formatDuration(Math.abs(value) * each, language) };
  }
  const text =
    shape?.decimals === undefined ? formatNumber(value, language) : formatDecimals(value, language, shape.decimals);
  return { text, unit: formatUnit(shape?.unit) };
}
