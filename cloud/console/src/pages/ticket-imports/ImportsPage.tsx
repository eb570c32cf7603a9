import { useNavigate } from '@tanstack/react-router';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { importsQuery, type TicketImport } from '../../api/ticket-imports.js';
import { formatNumber } from '../../format/number.js';
import { formatStamp } from '../../format/time.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { Page } from '../../ui/Page.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { Empty } from '../../ui/states.js';
import { type Column, DataTable } from '../../ui/table/DataTable.js';
import { useListing } from '../parts/list-state.js';
import { SetUpTabs } from '../ticket-kinds/SetUpTabs.js';
import { importLooks } from './import-looks.js';
import { NewImport } from './NewImport.js';
import './ticket-imports.css';

/** Files of tickets: those that were imported, those that wait, and a new one. */
export default function ImportsPage() {
  const { t } = useTranslation('ticketImports');
  const label = useLabel();
  const language = useLanguage();
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const list = useListing({
    ...importsQuery(),
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some((one) => one.state === 'checking' || one.state === 'running'))
        ? 3_000
        : false,
  });
  const number = (value: number) => formatNumber(value, language, 0);
  const count = (id: 'rows' | 'made' | 'known' | 'bad', priority?: 2 | 3): Column<TicketImport> => ({
    ...{ id, title: t(`count.${id}`), width: 92, align: 'end' as const, ...(priority ? { priority } : {}) },
    cell: (one) =>
      id === 'bad' && one.bad > 0 ? <span className="import-bad">{number(one.bad)}</span> : number(one[id]),
    text: (one) => String(one[id]),
  });
  const columns: Column<TicketImport>[] = [
    { id: 'file', title: t('file'), cell: ({ fileName }) => fileName, text: ({ fileName }) => fileName },
    {
      ...{ id: 'kind', title: t('kind'), width: 140, priority: 2 },
      cell: ({ kind }) => label(kind.label),
      text: ({ kind }) => label(kind.label),
    },
    {
      ...{ id: 'state', title: t('state.label'), width: 130 },
      cell: ({ state }) => <StatusMark {...importLooks[state]} word={t(`state.${state}`)} />,
      text: ({ state }) => t(`state.${state}`),
    },
    count('rows'),
    count('made', 2),
    count('known', 3),
    count('bad', 2),
    {
      ...{ id: 'by', title: t('by'), width: 120, priority: 3 },
      cell: ({ byName }) => byName,
      text: ({ byName }) => byName,
    },
    {
      ...{ id: 'at', title: t('at'), width: 120, priority: 2 },
      cell: ({ at }) => <RelativeTime time={at} />,
      text: ({ at }) => formatStamp(at),
    },
  ];
  const add = (
    <Button type="primary" onClick={() => setAdding(true)}>
      {t('new')}
    </Button>
  );
  return (
    <Page title={t('title')} lead={t('lead')} tabs={<SetUpTabs active="imports" />} actions={add} fill>
      <DataTable
        name="ticket-imports"
        label={t('title')}
        columns={columns}
        rowKey={({ id }) => id}
        {...list}
        onOpen={({ id }) => void navigate({ to: paths.ticketImport(id) as string })}
        empty={<Empty icon="pending" title={t('none')} hint={t('noneHint')} action={add} />}
      />
      {adding ? <NewImport onClose={() => setAdding(false)} /> : null}
    </Page>
  );
}
