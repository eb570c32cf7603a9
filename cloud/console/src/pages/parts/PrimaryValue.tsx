import type { PrimaryValue as Primary } from '../../api/types.js';
import { formatUnit } from '../../format/ucum.js';
import { useLabel } from '../../i18n/use-language.js';
import { Value } from '../../ui/Value.js';

/** One of the values that matter most, as lists and tiles show it. */
export function PrimaryValue({ primary }: { primary: Primary }) {
  const label = useLabel();
  return (
    <Value
      value={primary.value}
      unit={formatUnit(primary.unit)}
      digits={primary.decimals ?? undefined}
      word={primary.valueLabel ? label(primary.valueLabel) : undefined}
    />
  );
}
