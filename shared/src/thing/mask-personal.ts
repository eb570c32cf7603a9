import type { ValueShape } from './value-shape.js';

/** A text about a person as it may be shown: enough to compare with what one holds in the hand, too little to use. */
export const maskText = (text: string): string => {
  const letters = [...text];
  if (letters.length <= 1) return '•'.repeat(letters.length);
  if (letters.length < 8) return `${letters[0]}${'•'.repeat(letters.length - 1)}`;
  return `${letters.slice(0, 3).join('')}${'•'.repeat(Math.min(8, letters.length - 5))}${letters.slice(-2).join('')}`;
};

/**
 * Data with its personal fields masked: free texts by `maskText`, everything else that is personal (enums, numbers,
 * yes and no) left out, because no mask of it is still a value of its type.
 */
export const maskPersonalFields = <T>(
  fields: readonly { readonly id: string; readonly personal?: boolean; readonly type: ValueShape['type'] }[],
  data: Readonly<Record<string, T>>,
): Record<string, T | string> => {
  const personal = new Map(fields.filter((field) => field.personal).map((field) => [field.id, field.type]));
  if (personal.size === 0) return { ...data };
  const shown: Record<string, T | string> = {};
  for (const [id, value] of Object.entries(data)) {
    const type = personal.get(id);
    if (type === undefined) shown[id] = value;
    else if (type === 'string' && typeof value === 'string') shown[id] = maskText(value);
  }
  return shown;
};
