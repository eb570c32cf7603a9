import '../parts/parts.css';
import { Trans, useTranslation } from 'react-i18next';
import type { Overview } from '../../api/overview.js';
import { AppLink } from '../../app/AppLink.js';
import { formatNumber } from '../../format/number.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { UnitMark } from '../parts/marks.js';

/** Each unit's link to the cloud, and what still waits on it. */
export function UplinkLines({ uplinks }: { uplinks: Overview['uplinks'] }) {
  const { t } = useTranslation('today');
  const label = useLabel();
  const language = useLanguage();
  if (uplinks.length === 0) return <p className="line-note">{t('noUplinks')}</p>;
  return (
    <ul className="lines">
      {uplinks.map((uplink) => (
        <li key={uplink.unitId}>
          <AppLink to={paths.unit(uplink.unitId)} className="line">
            <UnitMark unit={{ presence: uplink.presence, presenceReason: null, state: uplink.state }} />
            <span className="grow clip">{label(uplink.unitName)}</span>
            <span className="line-end">
              {uplink.state === 'new' ? (
                t('neverConnected')
              ) : uplink.presence === 'offline' ? (
                <Trans t={t} i18nKey="away" components={[<RelativeTime key="since" time={uplink.since} />]} />
              ) : (uplink.pending ?? 0) > 0 ? (
                t('pending', { count: uplink.pending ?? 0, shown: formatNumber(uplink.pending ?? 0, language, 0) })
              ) : (
                t('upToDate')
              )}
            </span>
          </AppLink>
        </li>
      ))}
    </ul>
  );
}
