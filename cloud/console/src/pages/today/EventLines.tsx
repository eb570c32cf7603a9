import '../parts/parts.css';
import { useTranslation } from 'react-i18next';
import type { HallEvent } from '../../api/events.js';
import { AppLink } from '../../app/AppLink.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SeverityMark } from '../parts/marks.js';

/** What the devices told last. */
export function EventLines({ events }: { events: HallEvent[] }) {
  const { t } = useTranslation('today');
  const label = useLabel();
  if (events.length === 0) return <p className="line-note">{t('noEvents')}</p>;
  return (
    <ul className="lines" aria-live="off">
      {events.map((event) => {
        const inner = (
          <>
            <SeverityMark severity={event.severity} bare />
            <span className="grow clip">
              {label(event.label) || event.event}
              <span className="faint"> · {label(event.deviceName)}</span>
            </span>
            <span className="line-end">
              <RelativeTime time={event.at} />
            </span>
          </>
        );
        return (
          <li key={event.id}>
            {event.deviceId ? (
              <AppLink to={paths.device(event.deviceId)} search={{ tab: 'events' }} className="line">
                {inner}
              </AppLink>
            ) : (
              <div className="line">{inner}</div>
            )}
          </li>
        );
      })}
    </ul>
  );
}
