import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { deviceRepairsQuery } from '../../../api/auto-tickets.js';
import type { TicketPage } from '../../../api/tickets.js';
import { AppLink } from '../../../app/AppLink.js';
import { useRights } from '../../../app/session.js';
import { formatDuration } from '../../../format/time.js';
import { useLabel, useLanguage } from '../../../i18n/use-language.js';
import { paths } from '../../../paths.js';
import { Section } from '../../../ui/Page.js';
import { RelativeTime } from '../../../ui/RelativeTime.js';
import { Skeleton } from '../../../ui/Skeleton.js';
import { StatusMark } from '../../../ui/StatusMark.js';
import { ErrorState } from '../../../ui/states.js';
import { otherRepairs } from './device-story.js';
import './device.css';

/** What a ticket is about where it is a thing of the hall: the device, its alarm, how often it failed, what was done before. */
export function DeviceSection({ page }: { page: TicketPage }) {
  const { t } = useTranslation('ticketDesk');
  const label = useLabel();
  const may = useRights();
  const { device, alarm } = page;
  if (!device && !alarm) return null;
  return (
    <Section title={t('device.title')}>
      <div className="card-pad stack">
        {device ? (
          <p className="device-name">
            {may('device.read') ? <AppLink to={paths.device(device.id)}>{device.name}</AppLink> : device.name}
          </p>
        ) : null}
        {alarm ? (
          <p>
            <StatusMark
              tone={alarm.state === 'cleared' ? 'quiet' : alarm.state === 'open' ? 'bad' : 'warn'}
              shape={alarm.state === 'cleared' ? 'check' : 'triangle'}
              word={t(`device.alarm.${alarm.state}`)}
            />{' '}
            {may('alarm.read') ? (
              <AppLink to={paths.alarms()} search={{ id: alarm.id }}>
                {label(alarm.message)}
              </AppLink>
            ) : (
              label(alarm.message)
            )}
          </p>
        ) : null}
        {device ? <Repairs deviceId={device.id} ticketId={page.id} /> : null}
      </div>
    </Section>
  );
}

function Repairs({ deviceId, ticketId }: { deviceId: string; ticketId: string }) {
  const { t } = useTranslation(['ticketDesk', 'autoTickets']);
  const label = useLabel();
  const language = useLanguage();
  const { data, error, refetch } = useQuery(deviceRepairsQuery(deviceId));
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} compact />;
  if (!data) return <Skeleton width="100%" height={48} />;
  const { shown, more } = otherRepairs(data.items, ticketId, data.total);
  return (
    <>
      {data.replaceAdvised ? (
        <p role="status">
          <StatusMark tone="warn" shape="triangle" word={t('autoTickets:device.advised', { count: data.failures })} />
        </p>
      ) : null}
      <p className="small soft">
        {t('device.failures', { count: data.failures })}
        {data.meanTimeToRepairMs === null
          ? null
          : ` · ${t('autoTickets:device.mttr')} ${formatDuration(Math.max(60_000, data.meanTimeToRepairMs), language)}`}
      </p>
      {shown.length > 0 ? (
        <ul className="device-repairs" aria-label={t('device.before')}>
          {shown.map((repair) => (
            <li key={repair.ticketId}>
              <AppLink to={paths.ticket(repair.ticketId)} className="clip" title={repair.title}>
                {repair.title}
              </AppLink>
              <span className="small faint">
                {repair.number} · {label(repair.state)} · <RelativeTime time={repair.madeAt} />
              </span>
              {repair.cause || repair.parts ? (
                <span className="small soft">
                  {[repair.cause ? label(repair.cause) : null, repair.parts].filter(Boolean).join(' · ')}
                </span>
              ) : null}
            </li>
          ))}
        </ul>
      ) : data.elsewhere > 0 ? null : (
        <p className="small faint">{t('device.first')}</p>
      )}
      {more > 0 ? <p className="small faint">{t('device.more', { count: more })}</p> : null}
      {data.elsewhere > 0 ? (
        <p className="small faint">{t('autoTickets:device.elsewhere', { count: data.elsewhere })}</p>
      ) : null}
    </>
  );
}
