import { useTranslation } from 'react-i18next';
import type { Learned } from '../../../api/ticket-assist.js';
import { formatNumber } from '../../../format/number.js';
import { useLanguage } from '../../../i18n/use-language.js';

/** How sure, and by which words of the text. */
export function Because({ of }: { of: Learned }) {
  const { t } = useTranslation('tickets');
  const language = useLanguage();
  return (
    <span className="small soft">
      {formatNumber(Math.round(of.confidence * 100), language)} %
      {of.because.length > 0
        ? ` · ${t('assist.because', { words: of.because.map(({ word }) => word).join(t('and')) })}`
        : ''}
      {` · ${t('assist.learnedFrom', { count: of.learnedFrom })}`}
    </span>
  );
}
