import { useTranslation } from 'react-i18next';
import { formatDecimals, formatNumber } from '../format/number.js';
import { useLanguage } from '../i18n/use-language.js';
import './value.css';

interface ValueProps {
  value: unknown;
  unit?: string | undefined;
  digits?: number | undefined;
  /** What is shown instead of the value itself. */
  word?: string | undefined;
  changed?: boolean;
  /** A long text wraps instead of being cut. */
  whole?: boolean;
}

/** Units of time are words, and words are translated. */
const timeUnits = { s: 1, min: 60, h: 3600, d: 86_400 } as const;

/** A unit as the reader writes it: symbols stay, units of time become words. */
export function useUnitText(): (unit: string | undefined) => string | undefined {
  const { t } = useTranslation();
  return (unit) => (unit && unit in timeUnits ? t(`unit.${unit as keyof typeof timeUnits}`) : unit);
}

/** A value and its unit, quiet about the unit; nothing measured yet is a dash, never a zero. */
export function Value({ value, unit, digits, word, changed, whole }: ValueProps) {
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
      ? digits === undefined
        ? formatNumber(value, language)
        : formatDecimals(value, language, digits)
      : typeof value === 'boolean'
        ? t(value ? 'yes' : 'no')
        : typeof value === 'string'
          ? value || t('emptyText')
          : JSON.stringify(value));
  return (
    <span className={['value', changed && 'value-changed', whole && 'value-whole'].filter(Boolean).join(' ')}>
      <span className="value-text" {...(text.length > 24 && !whole ? { title: text } : {})}>
        {text}
      </span>
      {unit ? <span className="value-unit">{unitText(unit)}</span> : null}
    </span>
  );
}
