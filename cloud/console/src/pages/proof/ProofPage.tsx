import { useNavigate } from '@tanstack/react-router';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { type FleetProof, fleetProofQuery } from '../../api/proof.js';
import { oneOf, useSearchState } from '../../app/search-state.js';
import { usePlace } from '../../app/use-place.js';
import { formatNumber } from '../../format/number.js';
import { formatDuration } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { Page } from '../../ui/Page.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { Empty } from '../../ui/states.js';
import { type Column, DataTable } from '../../ui/table/DataTable.js';
import { FilterChoice } from '../parts/FilterChoice.js';
import { useListing } from '../parts/list-state.js';
import { UnitTabs } from '../units/UnitTabs.js';
import { asHeading } from './as-heading.js';
import { verdictLooks } from './proof-looks.js';
import { Reports } from './Reports.js';
import './proof.css';

const dayMs = 86_400_000;
const spans = ['1', '7', '14', '31'] as const;
const searchSchema = z.object({ days: oneOf(spans), reports: oneOf(['open']) });

const isoDay = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** Every unit's last days: who is proven, who waits, who differs. */
export default function ProofPage() {
  const { t } = useTranslation('proof');
  const language = useLanguage();
  const navigate = useNavigate();
  const { hallId } = usePlace();
  const [search, setSearch] = useSearchState(searchSchema);
  const [now] = useState(Date.now);
  const days = Number(search.days ?? '7');
  const list = useListing(fleetProofQuery({ hallId, from: isoDay(now - (days - 1) * dayMs), to: isoDay(now) }));
  const number = (value: number) => formatNumber(value, language, 0);
  const figure = (id: 'produced' | 'stored' | 'aside' | 'lost' | 'twice', priority?: 2 | 3): Column<FleetProof> => ({
    id,
    title: asHeading(t(`sum.${id}`)),
    width: 84,
    align: 'end',
    ...(priority ? { priority } : {}),
    cell: (unit) => (
      <span className={(id === 'lost' || id === 'twice') && unit.figures[id] > 0 ? 'proof-bad' : undefined}>
        {number(unit.figures[id])}
      </span>
    ),
    text: (unit) => String(unit.figures[id]),
  });
  const columns: Column<FleetProof>[] = [
    { id: 'name', title: t('columns.unit'), cell: (unit) => unit.unitName, text: (unit) => unit.unitName },
    {
      id: 'verdict',
      title: t('columns.verdict'),
      width: 140,
      cell: (unit) => <StatusMark {...verdictLooks[unit.verdict]} word={t(`verdict.${unit.verdict}`)} />,
      text: (unit) => t(`verdict.${unit.verdict}`),
    },
    {
      id: 'days',
      title: t('columns.days'),
      width: 140,
      priority: 2,
      cell: (unit) => (
        <span className="proof-mini" role="img" aria-label={t('columns.days')}>
          {unit.days.map(({ day, verdict }) => (
            <span
              key={day}
              className={`proof-hour proof-day-${verdict}`}
              title={`${day} · ${t(`verdict.${verdict}`)}`}
            />
          ))}
        </span>
      ),
      text: (unit) => unit.days.map(({ day, verdict }) => `${day} ${verdict}`).join(', '),
    },
    figure('produced'),
    figure('stored', 3),
    figure('aside', 3),
    figure('lost', 2),
    figure('twice', 3),
    {
      id: 'delay',
      title: t('columns.delay'),
      width: 132,
      priority: 3,
      align: 'end',
      cell: (unit) => (unit.figures.delayMaxMs === null ? '—' : formatDuration(unit.figures.delayMaxMs, language)),
      text: (unit) => String(unit.figures.delayMaxMs ?? ''),
    },
  ];
  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      tabs={<UnitTabs active="proof" />}
      actions={<Button onClick={() => setSearch({ reports: 'open' })}>{t('report.open')}</Button>}
      fill
    >
      <DataTable
        name="proof"
        label={t('title')}
        columns={columns}
        rowKey={(unit) => unit.unitId}
        {...list}
        onOpen={(unit) => void navigate({ to: paths.unitProof(unit.unitId) })}
        tools={
          <FilterChoice
            label={t('span', { count: 7 })}
            value={search.days}
            options={spans.map((value) => ({ value, label: t('span', { count: Number(value) }) }))}
            onChange={(next) => setSearch({ days: next })}
          />
        }
        empty={<Empty icon="unit" title={t('empty.title')} hint={t('empty.hint')} />}
      />
      {search.reports ? <Reports onClose={() => setSearch({ reports: undefined })} /> : null}
    </Page>
  );
}
