import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type DeviceRepair, deviceRepairsQuery } from '../../api/auto-tickets.js';
import { AppLink } from '../../app/AppLink.js';
import { useRights } from '../../app/session.js';
import { formatDecimals } from '../../format/number.js';
import { formatDuration, formatExact } from '../../format/time.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { Empty, ErrorState } from '../../ui/states.js';
import '../auto-tickets/auto-tickets.css';

interface DeviceRepairsProps {
  deviceId: string;
  zone: string | undefined;
}

/** What was repaired on a device, how long it took, what it cost, and whether another one would be better. */
export function DeviceRepairs({ deviceId, zone }: DeviceRepairsProps) {
  const { t } = useTranslation('autoTickets');
  const language = useLanguage();
  const may = useRights();
  const { data, error, refetch } = useQuery(deviceRepairsQuery(deviceId));
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonLines lines={6} />;
  const report = may('ticket.make') ? (
    <AppLink to={paths.newTicket()} search={{ kind: 'repair', device: deviceId }}>
      {t('device.report')}
    </AppLink>
  ) : undefined;
  if (data.total + data.elsewhere === 0) {
    return <Empty icon="device" title={t('device.none')} hint={t('device.noneHint')} action={report} />;
  }
  return (
    <>
      {data.replaceAdvised ? (
        <p className="repairs-advice" role="status">
          <StatusMark tone="warn" shape="triangle" word={t('device.advised', { count: data.failures })} />{' '}
          <span className="small soft">{t('device.advisedHint')}</span>
        </p>
      ) : null}
      <dl className="repairs-figures">
        <Figure
          name={t('device.mttr')}
          value={
            data.meanTimeToRepairMs === null ? '–' : formatDuration(Math.max(60_000, data.meanTimeToRepairMs), language)
          }
          hint={t('device.mttrHint', { count: data.repaired })}
        />
        <Figure name={t('device.repairs')} value={String(data.total)} />
        <Figure name={t('device.failures')} value={t('device.failuresValue', { count: data.failures })} />
        <Figure name={t('device.cost')} value={`¥${formatDecimals(data.partsCost / 100, language, 2)}`} />
      </dl>
      {data.items.length > 0 ? (
        <div className="card">
          <ul className="repairs-list">
            {data.items.map((repair) => (
              <Repair key={repair.ticketId} repair={repair} zone={zone} />
            ))}
          </ul>
        </div>
      ) : null}
      {data.total > data.items.length ? (
        <p className="faint small">{t('device.more', { count: data.items.length })}</p>
      ) : null}
      {data.elsewhere > 0 ? <p className="faint small">{t('device.elsewhere', { count: data.elsewhere })}</p> : null}
    </>
  );
}

function Figure({ name, value, hint }: { name: string; value: string; hint?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value}
        {hint ? <small>{hint}</small> : null}
      </dd>
    </div>
  );
}

function Repair({ repair, zone }: { repair: DeviceRepair; zone: string | undefined }) {
  const { t } = useTranslation('autoTickets');
  const label = useLabel();
  const language = useLanguage();
  const cost = repair.partsCost === null ? null : formatDecimals(repair.partsCost / 100, language, 2);
  const facts = [
    repair.cause ? t('device.cause', { value: label(repair.cause) }) : null,
    repair.method ? t('device.method', { value: label(repair.method) }) : null,
    repair.parts ? t(cost === null ? 'device.parts' : 'device.partsCost', { value: repair.parts, cost }) : null,
  ].filter((one) => one !== null);
  return (
    <li>
      <div className="repairs-head">
        <span className="grow">{repair.title}</span>
        <AppLink to={paths.ticket(repair.ticketId)}>{repair.number}</AppLink>
        <span className="soft small">{label(repair.state)}</span>
        {repair.reopened > 0 ? (
          <span className="auto-bad small">{t('device.reopened', { count: repair.reopened })}</span>
        ) : null}
      </div>
      <p className="small">
        {t('device.time')} {formatExact(repair.madeAt, zone)}
        {repair.tookMs === null
          ? null
          : ` · ${t('device.took')} ${formatDuration(Math.max(1_000, repair.tookMs), language)}`}
      </p>
      {facts.length > 0 ? <p className="small">{facts.join('　')}</p> : null}
      {repair.result ? <p className="small">{t('device.result', { value: repair.result })}</p> : null}
    </li>
  );
}
