import { useTranslation } from 'react-i18next';

/** Seconds in the largest unit that is whole. */
export function useSpanText(): (seconds: number) => string {
  const { t } = useTranslation('autoTickets');
  return (seconds) => {
    if (seconds >= 3_600 && seconds % 3_600 === 0) return t('hours', { count: seconds / 3_600 });
    if (seconds >= 60 && seconds % 60 === 0) return t('minutes', { count: seconds / 60 });
    return t('seconds', { count: seconds });
  };
}
