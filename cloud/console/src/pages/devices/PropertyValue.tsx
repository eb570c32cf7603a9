import { maskText, type ValueShape } from '@hallhub/shared/thing';
import { formatDuration } from '../../format/time.js';
import { formatUnit } from '../../format/ucum.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { Value } from '../../ui/Value.js';

interface PropertyValueProps {
  shape: ValueShape | undefined;
  value: unknown;
  changed?: boolean;
}

const unitMs: Record<string, number> = { s: 1_000, min: 60_000, h: 3_600_000 };

/** Long times are read in people's units: `8,043 s` as `2 小时 14 分钟`. Short ones stay figures. */
function durationMs(unit: string | undefined, value: unknown): number | undefined {
  const each = unit ? unitMs[unit] : undefined;
  return each && typeof value === 'number' && value >= 120 ? value * each : undefined;
}

/** A value as its thing model says it is written: words for enums, unit, decimals; personal data masked. */
export function PropertyValue({ shape, value, changed }: PropertyValueProps) {
  const label = useLabel();
  const language = useLanguage();
  const named = shape?.type === 'enum' ? shape.values?.find((one) => one.id === value) : undefined;
  const lasts = durationMs(shape?.unit, value);
  const shown = shape?.personal && value !== null && value !== undefined ? maskText(String(value)) : value;
  return (
    <Value
      value={shown}
      unit={formatUnit(shape?.unit)}
      digits={shape?.decimals}
      word={named ? label(named.label) : lasts ? formatDuration(lasts, language) : undefined}
      {...(changed ? { changed } : {})}
    />
  );
}
