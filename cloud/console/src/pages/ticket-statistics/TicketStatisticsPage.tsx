import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Segmented, Select } from 'antd';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { type TicketGroup, type TicketStatistics, ticketStatisticsQuery } from '../../api/ticket-statistics.js';
import { makeableKindsQuery } from '../../api/tickets.js';
import { anyText, oneOf, useSearchState } from '../../app/search-state.js';
import { usePlace, useZone } from '../../app/use-place.js';
import { dayOf } from '../../format/day-in-zone.js';
import { useLabel } from '../../i18n/use-language.js';
import { type Bar, BarChart } from '../../ui/chart/BarChart.js';
import { Page, Section } from '../../ui/Page.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { TicketTabs } from '../tickets/TicketTabs.js';
import { useSourceName } from '../tickets/use-source-name.js';
import { ExportGroups } from './ExportGroups.js';
import { nextOrder, orderOf } from './group-order.js';
import { StatisticsFigures } from './StatisticsFigures.js';
import { StatisticsTable } from './StatisticsTable.js';
import { daysOf, keysOf, spanOfKey, spans, stepOf } from './statistics-span.js';
import './statistics.css';

const groupings = [
  'kind',
  'category',
  'office',
  'person',
  'hall',
  'region',
  'source',
  'level',
  'satisfaction',
] as const;
const searchSchema = z.object({ span: oneOf(spans), by: anyText, kind: anyText, order: anyText });

/** What became of the tickets of a span of days, beside the span before and the year before. */
export default function TicketStatisticsPage() {
  const { t } = useTranslation('ticketStatistics');
  const label = useLabel();
  const source = useSourceName();
  const { hallId } = usePlace();
  const [search, setSearch] = useSearchState(searchSchema);
  const span = search.span ?? '30d';
  const today = dayOf(Date.now(), useZone());
  const days = useMemo(() => daysOf(span, today), [span, today]);
  const step = stepOf(days);
  const kinds = useQuery(makeableKindsQuery).data?.items ?? [];
  const kind = kinds.find(({ code }) => code === search.kind);
  const choices = (kind ? [kind] : kinds).flatMap(({ document }) =>
    document.fields.flatMap((field) => (field.type === 'choice' && !field.personal ? [field] : [])),
  );
  const choiceOptions = [...new Map(choices.map((field) => [field.key, field])).values()].map((field) => ({
    value: `choice:${field.key}`,
    label: label(field.label),
  }));
  const by = search.by ?? 'kind';
  const [grouping = 'kind', choice] = by.split(':');
  const filter = { ...days, kind: search.kind, hallId };
  const query = useQuery({
    ...ticketStatisticsQuery({ ...filter, by: grouping, choice }),
    placeholderData: keepPreviousData,
  });
  const overTime = useQuery({ ...ticketStatisticsQuery({ ...filter, by: step }), placeholderData: keepPreviousData });
  const controls = (
    <div className="stat-controls">
      <Select
        aria-label={t('kind')}
        allowClear
        placeholder={t('allKinds')}
        value={search.kind ?? null}
        options={kinds.map(({ code, label: name }) => ({ value: code, label: label(name) }))}
        onChange={(next: string | undefined) => setSearch({ kind: next, by: undefined })}
        style={{ minWidth: 140 }}
      />
      <Segmented
        aria-label={t('span.label')}
        className="stat-span-wide"
        value={span}
        options={spans.map((value) => ({ value, label: t(`span.${value}`) }))}
        onChange={(next) => setSearch({ span: next })}
      />
      <Select
        aria-label={t('span.label')}
        className="stat-span-narrow"
        value={span}
        options={spans.map((value) => ({ value, label: t(`span.${value}`) }))}
        onChange={(next) => setSearch({ span: next })}
      />
    </div>
  );
  const nameOf = ({ key, label: known }: TicketGroup): string => {
    if (key === null) return t('notFilledIn');
    if (known) return label(known);
    return grouping === 'source' ? source(key) : grouping === 'satisfaction' ? t('stars', { count: Number(key) }) : key;
  };
  const searchOf = (group: TicketGroup, key: string): Record<string, string> => {
    const within = { view: 'all', ...days, ...(search.kind ? { kind: search.kind } : {}) };
    if (grouping === 'kind' || grouping === 'source' || grouping === 'level') return { ...within, [grouping]: key };
    if (grouping === 'hall') return { ...within, hall: key };
    const fact = `${choice ? `choice.${choice}` : grouping}:${key}`;
    return { ...within, fact, factName: nameOf(group) };
  };
  const data = query.data;
  return (
    <Page title={t('title')} tabs={<TicketTabs active="statistics" />} actions={controls}>
      {query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : !data ? (
        <SkeletonLines lines={8} />
      ) : data.total.made === 0 ? (
        <Empty icon="ticket" title={t('empty')} hint={t('emptyHint')} />
      ) : (
        <>
          <StatisticsFigures data={data} />
          <Section title={t(`over.${step}`)}>
            <div className="card-pad">
              <OverTime data={overTime.data} step={step} />
            </div>
          </Section>
          <Section
            title={t('by')}
            aside={
              <div className="row row-wrap">
                <ExportGroups data={data} caption={captionOf()} nameOf={nameOf} />
                <Select
                  aria-label={t('by')}
                  value={by}
                  options={[
                    { label: t('by'), options: groupings.map((value) => ({ value, label: t(`groups.${value}`) })) },
                    ...(choiceOptions.length > 0 ? [{ label: t('fields'), options: choiceOptions }] : []),
                  ]}
                  onChange={(next) => setSearch({ by: next, order: undefined })}
                  style={{ minWidth: 160 }}
                />
              </div>
            }
            bare
          >
            <StatisticsTable
              groups={data.groups}
              caption={captionOf()}
              nameOf={nameOf}
              searchOf={searchOf}
              order={orderOf(search.order)}
              onOrder={(column) => setSearch({ order: nextOrder(orderOf(search.order), column) })}
            />
          </Section>
        </>
      )}
    </Page>
  );

  function captionOf(): string {
    const known = groupings.find((one) => one === by);
    return known ? t(`groups.${known}`) : (choiceOptions.find(({ value }) => value === by)?.label ?? t('by'));
  }
}

function OverTime({ data, step }: { data: TicketStatistics | undefined; step: 'day' | 'week' | 'month' }) {
  const { t } = useTranslation('ticketStatistics');
  if (!data) return <SkeletonLines lines={4} />;
  const made = new Map(data.groups.map((group) => [group.key, group.made]));
  const bars = keysOf(data, step).map((key) => ({ ...spanOfKey(key, step), amount: made.get(key) ?? 0, name: key }));
  // A day stands over its date: the axis writes dates at midnights.
  const back = step === 'day' ? 43_200_000 : 0;
  const [first, last] = [spanOfKey(data.from, 'day'), spanOfKey(data.to, 'day')];
  const fromMs = Math.min(first.fromMs, ...bars.map((bar) => bar.fromMs)) - back;
  const toMs = Math.max(last.toMs, ...bars.map((bar) => bar.toMs)) - back;
  const drawn = bars.map((bar) => ({ ...bar, fromMs: bar.fromMs - back, toMs: bar.toMs - back }));
  const nameOf = (bar: Bar) => {
    const name = drawn.find((one) => one.fromMs === bar.fromMs)?.name ?? '';
    return step === 'week' ? t('weekOf', { day: name }) : name;
  };
  return (
    <BarChart
      {...{ label: t(`over.${step}`), unit: t('unit'), bars: drawn, fromMs, toMs, nameOf }}
      digits={0}
      height={220}
    />
  );
}
