import { storableText } from '../../db/index.js';

export type SampleValue = number | string | boolean | null;
export type Quality = 'good' | 'uncertain' | 'bad';

/** Stored codes; never renumbered. */
export const kinds = { null: 0, number: 1, text: 2, boolean: 3 } as const;
const qualityNames = ['good', 'uncertain', 'bad'] as const;

export const qualityCode = (quality: Quality | undefined): number => (quality ? qualityNames.indexOf(quality) : 0);

export interface StoredValue {
  readonly kind: number;
  readonly number: number | null;
  readonly text: string | null;
}

export const toStored = (value: SampleValue): StoredValue => {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value)
        ? { kind: kinds.number, number: value, text: null }
        : { kind: kinds.null, number: null, text: null };
    case 'boolean':
      return { kind: kinds.boolean, number: value ? 1 : 0, text: null };
    case 'string':
      return { kind: kinds.text, number: null, text: storableText(value) };
    default:
      return { kind: kinds.null, number: null, text: null };
  }
};

export const fromStored = ({ kind, number, text }: StoredValue): SampleValue => {
  if (kind === kinds.number) return number;
  if (kind === kinds.boolean) return number === 1;
  return kind === kinds.text ? text : null;
};

export const qualityName = (code: number): Quality => qualityNames[code] ?? 'bad';
