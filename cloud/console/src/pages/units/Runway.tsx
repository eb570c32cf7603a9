import { useTranslation } from 'react-i18next';
import type { Unit } from '../../api/units.js';
import { formatDuration } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';

/** "If the line fails now": queue and kiosks need no line; the rest lasts as long as the disk does. */
export function Runway({ unit }: { unit: Unit }) {
  const { t } = useTranslation('units');
  const language = useLanguage();
  const { runway, runwayMs } = unit;
  const lasts = (ms: number | null, known: boolean) =>
    ms === null ? t(known ? 'runway.unlimited' : 'runway.unknown') : formatDuration(ms, language);
  if (!runway) return <>{t('fact.runwayValue', { time: lasts(runwayMs, false) })}</>;
  const measured = runway.measuredMs > 0;
  return (
    <span className="runway">
      <span>{t('runway.always')}</span>
      <span>{t('runway.events', { time: lasts(runway.eventsMs, measured) })}</span>
      <span>{t('runway.telemetry', { time: lasts(runway.telemetryMs, measured) })}</span>
      <span>{t('runway.evidence', { time: lasts(runway.evidenceMs, measured) })}</span>
    </span>
  );
}
