import type { ValueShape } from '@hallhub/shared/thing';

/** What a value is set by. */
export type Control = 'choice' | 'select' | 'number' | 'text' | 'longText';

const mostChoices = 4;
const longestChoices = 24;
const longText = 80;

interface Settable extends Pick<ValueShape, 'type' | 'values' | 'maxLength'> {
  optional?: boolean;
}

/** Few short words stand side by side, more are a list; a text that may be long has several lines. */
export function controlOf(field: Settable): Control {
  switch (field.type) {
    case 'boolean':
      return 'choice';
    case 'enum': {
      const values = field.values ?? [];
      // A choice cannot be taken back: what may be left out is a list with a way to clear it.
      if (field.optional || values.length > mostChoices) return 'select';
      const longest = Math.max(
        0,
        ...(['zh', 'en'] as const).map((language) =>
          values.reduce((sum, { label }) => sum + widthOf(label[language] ?? label.zh), 0),
        ),
      );
      return longest > longestChoices ? 'select' : 'choice';
    }
    case 'number':
    case 'integer':
      return 'number';
    case 'string':
      return (field.maxLength ?? 0) > longText ? 'longText' : 'text';
  }
}

/** In widths of a Chinese letter; a Latin one takes half. */
const widthOf = (text: string): number =>
  [...text].reduce((sum, letter) => sum + (/\p{Script=Han}/u.test(letter) ? 1 : 0.5), 0);
