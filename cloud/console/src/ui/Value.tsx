import { useTranslation } from 'react-i18next';
import { formatNumber } from '../format/number.js';
import { useLanguage } from '../i18n/use-language.js';
import './value.css';

interface ValueProps {
  value: unknown;
  unit?: string | undefined;
  digits?: number | undefined;
  /** Words for an enumerated or boolean value. */
  word?: string | undefined;
  changed?: boolean;
}

/** Units of time are words, and words are translated. */
const timeUnits = { s: 1, min: 60, h: 3600, d: 86_400 } as const;

/** A unit as the reader writes it: symbols stay, units of time become words. */
export function useUnitText(): (unit: string | undefined) => string | undefined {
  const { t } = useTranslation();
  return (unit) => (unit && unit in timeUnits ? t(`unit.${unit as keyof typeof timeUnits}`) : unit);
}

/** A value and its unit, quiet about the unit; nothing measured yet is a dash, never a zero. */
export function Value({ value, unit, digits, word, changed }: ValueProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  const unitText = useUnitText();
  if (value === null || value === undefined) {
    return (
      <span className="value value-none" title={t('noValueYet')}>
        —
      </span>
    );
  }
  const text =
    word ??
    (typeof value === 'number'
      ? formatNumber(value, language, digits)
      : typeof value === 'boolean'
        ? t(value ? 'yes' : 'no')
        : typeof value === 'string'
          ? value || t('emptyText')
          : JSON.stringify(value));
  return (
    <span className={changed ? 'value value-changed' : 'value'}>
      <span className="value-text">{text}</span>
      {unit && !word ? <span className="value-unit">{unitText(unit)}</span> : null}
    </span>
  );
}
