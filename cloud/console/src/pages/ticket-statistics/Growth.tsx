import { useTranslation } from 'react-i18next';
import { formatNumber } from '../../format/number.js';
import { useLanguage } from '../../i18n/use-language.js';
import { growth } from './statistics-span.js';

/** How a count has changed: an arrow and a share. Whether that is good is not said: more requests may be either. */
export function Growth({ now, before, against }: { now: number; before: number; against: string }) {
  const { t } = useTranslation('ticketStatistics');
  const language = useLanguage();
  const change = growth(now, before);
  const was = t('growth.was', { against, count: before, amount: formatNumber(before, language) });
  if (change === undefined)
    return (
      <span className="growth soft" title={was}>
        {before === 0 && now > 0 ? t('growth.new') : '—'}
      </span>
    );
  const percent = formatNumber(Math.round(Math.abs(change) * 1_000) / 10, language);
  const way = change > 0 ? 'up' : change < 0 ? 'down' : 'same';
  return (
    <span className="growth" title={was}>
      <span aria-hidden="true">{{ up: '↑', down: '↓', same: '=' }[way]}</span>
      <span className="sr-only">{t(`growth.${way}`)}</span> {percent} %
    </span>
  );
}
