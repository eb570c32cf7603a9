import type { ValueShape } from '@hallhub/shared/thing';
import { formatUnit } from '../../format/ucum.js';
import { useLabel } from '../../i18n/use-language.js';
import { Value } from '../../ui/Value.js';

interface PropertyValueProps {
  shape: ValueShape | undefined;
  value: unknown;
  changed?: boolean;
}

/** A value as its thing model says it is written: words for enums, unit, decimals. */
export function PropertyValue({ shape, value, changed }: PropertyValueProps) {
  const label = useLabel();
  const named = shape?.type === 'enum' ? shape.values?.find((one) => one.id === value) : undefined;
  return (
    <Value
      value={value}
      unit={formatUnit(shape?.unit)}
      digits={shape?.decimals}
      word={named ? label(named.label) : undefined}
      {...(changed ? { changed } : {})}
    />
  );
}
