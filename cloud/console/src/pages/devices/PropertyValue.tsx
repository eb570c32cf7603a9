import type { ValueShape } from '@hallhub/shared/thing';
import { maskPersonal } from '../../format/mask.js';
import { formatUnit } from '../../format/ucum.js';
import { useLabel } from '../../i18n/use-language.js';
import { Value } from '../../ui/Value.js';

interface PropertyValueProps {
  shape: ValueShape | undefined;
  value: unknown;
  changed?: boolean;
}

/** A value as its thing model says it is written: words for enums, unit, decimals; personal data masked. */
export function PropertyValue({ shape, value, changed }: PropertyValueProps) {
  const label = useLabel();
  const named = shape?.type === 'enum' ? shape.values?.find((one) => one.id === value) : undefined;
  const shown = shape?.personal && value !== null && value !== undefined ? maskPersonal(String(value)) : value;
  return (
    <Value
      value={shown}
      unit={formatUnit(shape?.unit)}
      digits={shape?.decimals}
      word={named ? label(named.label) : undefined}
      {...(changed ? { changed } : {})}
    />
  );
}
