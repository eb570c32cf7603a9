import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, Segmented, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { type IncidentReport, incidentReportQuery } from '../../api/incidents.js';
import { AppLink } from '../../app/AppLink.js';
import { anyText, oneOf, useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import { formatDuration } from '../../format/time.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { FileMenu } from '../../ui/FileMenu.js';
import { Page, Section } from '../../ui/Page.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { useSaveLink } from '../../ui/use-save-link.js';
import { HallSelect } from '../parts/HallSelect.js';
import { TicketTabs } from '../tickets/TicketTabs.js';
import { IncidentItem } from './IncidentItem.js';
import { LedgerSheet } from './LedgerSheet.js';
import { SupportLineSection } from './SupportLineSection.js';
import { type Period, shiftDate } from './shift-date.js';
import './incident-ledger.css';
import { today } from '../../format/page-zone.js';

const periods = ['day', 'week', 'month', 'quarter', 'year'] as const satisfies readonly Period[];
/** What may be saved of a period. */
const files = {
  xlsx: { format: 'xlsx' },
  csv: { format: 'csv' },
  faultsCsv: { format: 'csv', sheet: 'faults' },
} as const;
const searchSchema = z.object({ period: oneOf(periods), date: anyText, hall: anyText, level: anyText });

/** What broke, how far it reached, how it was handled, when it was well again and why it broke; and whether promises were kept. */
export default function IncidentLedgerPage() {
  const { t } = useTranslation('incidents');
  const onSave = useSaveLink();
  const may = useRights();
  const language = useLanguage();
  const label = useLabel();
  const [search, setSearch] = useSearchState(searchSchema);
  const period = search.period ?? 'month';
  const asked = { period, date: search.date, hallId: search.hall, level: search.level };
  const { data, error, refetch } = useQuery({ ...incidentReportQuery(asked), placeholderData: keepPreviousData });
  const turn = (by: -1 | 1) => data && setSearch({ date: shiftDate(data.firstDay, period, by) });
  const hrefOf = (file: keyof typeof files): string => {
    const query = new URLSearchParams({ ...files[file], language, period });
    if (search.date) query.set('date', search.date);
    if (search.hall) query.set('hallId', search.hall);
    if (search.level) query.set('level', search.level);
    return `/api/v1/incidents/export?${query}`;
  };
  const isNow = !data || data.lastDay >= today();
  return (
    <Page
      title={t('title')}
      tabs={<TicketTabs active="incidents" />}
      lead={data ? t('span', { from: data.firstDay, to: data.lastDay, zone: data.zone }) : undefined}
      actions={
        <>
          {may('ticket.export') ? (
            <FileMenu
              label={t('export')}
              files={(['xlsx', 'csv', 'faultsCsv'] as const).map((key) => ({ key, label: t(key), href: hrefOf(key) }))}
            />
          ) : null}
          <Button onClick={() => window.print()}>{t('print')}</Button>
        </>
      }
    >
      <div className="row row-wrap incidents-bar">
        <Segmented
          value={period}
          aria-label={t('period.label')}
          options={periods.map((value) => ({ value, label: t(`period.${value}`) }))}
          onChange={(next) => setSearch({ period: next, date: undefined })}
        />
        <Button onClick={() => turn(-1)} disabled={!data}>
          {t('earlier')}
        </Button>
        <Button onClick={() => turn(1)} disabled={isNow}>
          {t('later')}
        </Button>
        <div className="incidents-hall">
          <HallSelect
            clearable
            placeholder={t('allHalls')}
            {...(search.hall ? { value: search.hall } : {})}
            onChange={(hall) => setSearch({ hall: hall || undefined })}
          />
        </div>
        <Select
          aria-label={t('level')}
          allowClear
          placeholder={t('allLevels')}
          value={search.level ?? null}
          options={data?.levels.map((one) => ({ value: one.id, label: label(one.label) })) ?? []}
          onChange={(level: string | undefined) => setSearch({ level })}
        />
      </div>
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <SkeletonLines lines={8} />
      ) : (
        <>
          {data.rows.length === 0 ? (
            <Empty icon="ticket" title={t('none')} hint={t('noneHint')} />
          ) : (
            <Report report={data} />
          )}
          {may('alarm.read') ? (
            <Section title={t('faults')}>
              <p className="incidents-faults">
                {data.faults.alarms === 0
                  ? t('noFaults')
                  : t('faultsOf', { ...data.faults, count: data.faults.alarms })}
                {data.faults.alarms > 0 && may('ticket.export') ? (
                  <a href={hrefOf('faultsCsv')} download onClick={onSave}>
                    {t('faultRows')}
                  </a>
                ) : null}
                <AppLink to={paths.alarms()}>{t('toAlarms')}</AppLink>
              </p>
            </Section>
          ) : null}
          {data.supportLine ? (
            <SupportLineSection {...{ line: data.supportLine, firstDay: data.firstDay, lastDay: data.lastDay }} />
          ) : null}
        </>
      )}
    </Page>
  );
}

function Report({ report }: { report: IncidentReport }) {
  const { t } = useTranslation('incidents');
  const label = useLabel();
  const span = useSpan();
  const { total, before } = report;
  const figures = [
    ...[[t('count'), String(total.count), String(before.count)] as const],
    ...[[t('breached'), String(total.breached), String(before.breached)] as const],
    ...[[t('answer'), span(total.meanAnswerMs), span(before.meanAnswerMs)] as const],
    ...[[t('arrive'), span(total.meanArriveMs), span(before.meanArriveMs)] as const],
    ...[[t('restore'), span(total.meanRestoreMs), span(before.meanRestoreMs)] as const],
    ...[[t('people'), String(total.people), String(before.people)] as const],
  ];
  const levelOf = (id: string | null) => label(report.levels.find((one) => one.id === id)?.label) || t('noLevel');
  return (
    <>
      <dl className="incidents-figures">
        {figures.map(([name, value, earlier]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {value}
              <small>{t('before', { value: earlier })}</small>
            </dd>
          </div>
        ))}
      </dl>
      <div className="incidents-tables">
        <Section title={t('byLevel')}>
          <LedgerSheet
            head={[t('level'), t('count'), t('open'), t('late'), t('answer'), t('arrive'), t('restore')]}
            rows={report.byLevel.map((one) => [
              ...[levelOf(one.level), String(one.count), String(one.open), String(one.breached)],
              ...[span(one.meanAnswerMs), span(one.meanArriveMs), span(one.meanRestoreMs)],
            ])}
          />
        </Section>
        <Section title={t('byClock')}>
          <LedgerSheet
            head={[t('clock'), t('runs'), t('late'), t('rate')]}
            rows={report.byClock.map((one) => [
              ...[label(one.label), String(one.runs), String(one.breached)],
              one.settled === 0 ? '–' : `${Math.floor(((one.settled - one.breached) / one.settled) * 100)}%`,
            ])}
          />
        </Section>
      </div>
      <Section title={t('rows')}>
        <ol className="incidents-rows">
          {report.rows.map((row) => (
            <IncidentItem key={row.ticketId} row={row} zone={report.zone} />
          ))}
        </ol>
      </Section>
      {report.truncated ? <p className="faint small">{t('truncated')}</p> : null}
    </>
  );
}

const useSpan = (): ((ms: number | null) => string) => {
  const language = useLanguage();
  return (ms) => (ms === null ? '–' : formatDuration(Math.max(1_000, ms), language));
};
