import '../parts/parts.css';
import { useTranslation } from 'react-i18next';
import type { Alarm } from '../../api/alarms.js';
import { AppLink } from '../../app/AppLink.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SeverityMark } from '../parts/marks.js';

/** Open alarms, worst first as the API gives them. */
export function AlarmLines({ alarms }: { alarms: Alarm[] }) {
  const { t } = useTranslation('today');
  const label = useLabel();
  if (alarms.length === 0) return <p className="line-note">{t('noAlarms')}</p>;
  return (
    <ul className="lines">
      {alarms.map((alarm) => (
        <li key={alarm.id}>
          <AppLink to={paths.alarms()} search={{ id: alarm.id }} className="line">
            <SeverityMark severity={alarm.severity} />
            <span className="grow">
              <span className="line-text">{label(alarm.message)}</span>
              <span className="faint small line-sub">
                {[label(alarm.deviceName ?? alarm.unitName), label(alarm.hallName)].filter(Boolean).join(' · ')}
                {alarm.acknowledgedAt ? ` · ${t('acknowledged')}` : ''}
              </span>
            </span>
            <span className="line-end">
              <RelativeTime time={alarm.raisedAt} />
            </span>
          </AppLink>
        </li>
      ))}
    </ul>
  );
}
