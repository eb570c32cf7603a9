import type { PrimaryValue as Primary } from '../../api/devices.js';
import { useLabel } from '../../i18n/use-language.js';
import { useValueText } from '../../thing/use-value-text.js';
import type { ValueText } from '../../thing/value-text.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { Value } from '../../ui/Value.js';

/** One of the values that matter most, as lists and tiles show it. */
export function PrimaryValue({ primary }: { primary: Primary }) {
  const said = usePrimaryText()(primary);
  if (said?.trouble) return <StatusMark tone="warn" shape="triangle" word={said.text} />;
  return <Value value={primary.value} unit={said?.unit} word={said?.text} />;
}

/** The same as text. The type of its shape is the value's own: a list has no thing model. */
export function usePrimaryText(): (primary: Primary) => ValueText | undefined {
  const label = useLabel();
  const valueText = useValueText();
  return ({ property, label: named, value, unit, decimals, valueLabel }) =>
    valueLabel
      ? { text: label(valueLabel) }
      : valueText(
          {
            ...{ id: property, label: named, type: typeof value === 'number' ? 'number' : 'string' },
            ...(unit ? { unit } : {}),
            ...(decimals === null ? {} : { decimals }),
          },
          value,
        );
}
