import { useTranslation } from 'react-i18next';

/** A span of time in people's units: 2 天 3 小时. */
export function useSpan(): (ms: number) => string {
  const { t } = useTranslation('ticketKinds');
  return (ms) => {
    const minutes = Math.round(ms / 60_000);
    const [days, hours, rest] = [Math.floor(minutes / 1_440), Math.floor((minutes % 1_440) / 60), minutes % 60];
    const parts = [
      days > 0 ? t('span.days', { n: days }) : '',
      hours > 0 ? t('span.hours', { n: hours }) : '',
      rest > 0 && days === 0 ? t('span.minutes', { n: rest }) : '',
    ].filter(Boolean);
    return parts.join(' ') || t('span.minutes', { n: 0 });
  };
}
