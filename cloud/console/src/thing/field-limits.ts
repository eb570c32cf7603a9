import type { ValueShape } from '@hallhub/shared/thing';
import { formatNumber } from '../format/number.js';

/** What may be given, as a hint: `0 – 63`, `5 – 35 °C`, with the step where it is not plain. */
export interface FieldLimits {
  range?: string;
  step?: string;
}

const most = 1e9;

/** The limits worth telling: not those that only say what fits into a register. */
export function fieldLimits(
  { type, range, step }: Pick<ValueShape, 'type' | 'range' | 'step'>,
  language: string,
): FieldLimits {
  const write = (value: number) => formatNumber(value, language, 9);
  const tells = range && Math.max(Math.abs(range[0]), Math.abs(range[1])) <= most;
  const plain = step === undefined || (type === 'integer' ? step === 1 : step <= 0.01);
  return {
    ...(tells ? { range: `${write(range[0])} – ${write(range[1])}` } : {}),
    ...(plain ? {} : { step: write(step) }),
  };
}
