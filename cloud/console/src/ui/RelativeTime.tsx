import { useTranslation } from 'react-i18next';
import { formatDuration, formatExact, formatRelative, relativeTickMs } from '../format/time.js';
import { useLanguage } from '../i18n/use-language.js';
import { useNow } from './use-now.js';

interface RelativeTimeProps {
  time: string | number | null | undefined;
  /** IANA zone of the hall; the browser's where the thing has no hall. */
  zone?: string | undefined;
}

/** `3 分钟前`, with the exact time and its zone on hover. */
export function RelativeTime({ time, zone }: RelativeTimeProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  const now = useNow(time ? relativeTickMs(time, Date.now()) : 300_000);
  if (!time) return <span className="faint">{t('never')}</span>;
  return (
    <time className="nowrap" dateTime={new Date(time).toISOString()} title={formatExact(time, zone)}>
      {formatRelative(time, now, language, t('justNow'))}
    </time>
  );
}

/** How long something has lasted, counting up. */
export function Elapsed({ since }: { since: string | number }) {
  const language = useLanguage();
  const sinceMs = new Date(since).getTime();
  const now = useNow(relativeTickMs(sinceMs, Date.now()));
  return <span className="nowrap">{formatDuration(Math.max(1000, now - sinceMs), language)}</span>;
}
