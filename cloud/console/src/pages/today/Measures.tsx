import { useTranslation } from 'react-i18next';
import type { Overview } from '../../api/overview.js';
import { AppLink } from '../../app/AppLink.js';
import { formatNumber } from '../../format/number.js';
import { useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { Proportion } from '../../ui/Proportion.js';
import { Sparkline } from '../../ui/Sparkline.js';

interface MeasuresProps {
  overview: Overview;
  /** Narrows what the links lead to. */
  hallId: string | undefined;
}

/** Three measures, each against its whole or its last hour. */
export function Measures({ overview, hallId }: MeasuresProps) {
  const { t } = useTranslation('today');
  const language = useLanguage();
  const { devices, units, messages } = overview;
  const known = devices.online + devices.degraded + devices.offline;
  const used = Math.max(known, devices.total - devices.quarantined);
  const unknown = Math.max(0, used - known);
  // The minute that is still running would always look like a fall.
  const whole = messages.slice(0, -1);
  const last = whole.at(-1)?.count ?? 0;
  return (
    <dl className="measures">
      <div className="measure">
        <dt>{t('devicesOnline')}</dt>
        <dd>
          <AppLink to={paths.devices()} search={{ hall: hallId }} className="measure-value">
            <span className="measure-number">{devices.online}</span>
            <span className="faint">/ {used}</span>
          </AppLink>
          <Proportion
            label={t('devicesOnline')}
            parts={[
              { key: 'online', count: devices.online, tone: 'quiet', word: t('part.online') },
              { key: 'degraded', count: devices.degraded, tone: 'warn', word: t('part.degraded') },
              { key: 'offline', count: devices.offline, tone: 'bad', word: t('part.offline') },
              { key: 'unknown', count: unknown, tone: 'unknown', word: t('part.unknown') },
            ]}
          />
        </dd>
      </div>
      <div className="measure">
        <dt>{t('unitsOnline')}</dt>
        <dd>
          <AppLink to={paths.units()} search={{ hall: hallId }} className="measure-value">
            <span className="measure-number">{units.online}</span>
            <span className="faint">/ {units.total}</span>
          </AppLink>
          <Proportion
            label={t('unitsOnline')}
            parts={[
              { key: 'online', count: units.online, tone: 'quiet', word: t('part.online') },
              {
                key: 'offline',
                count: units.total - units.online - units.neverSeen,
                tone: 'bad',
                word: t('part.offline'),
              },
              { key: 'new', count: units.neverSeen, tone: 'unknown', word: t('neverConnected') },
            ]}
          />
        </dd>
      </div>
      <div className="measure measure-wide">
        <dt>{t('rowsPerMinute')}</dt>
        <dd>
          <span className="measure-value">
            <span className="measure-number">{formatNumber(last, language, 0)}</span>
            <span className="faint">{t('lastHour')}</span>
          </span>
          <Sparkline
            label={t('rowsPerMinute')}
            points={whole.map((one) => ({ atMs: Date.parse(one.at), value: one.count }))}
          />
        </dd>
      </div>
    </dl>
  );
}
