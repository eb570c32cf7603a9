import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { importsQuery, type TicketImport } from '../../api/ticket-imports.js';
import { formatNumber } from '../../format/number.js';
import { formatStamp } from '../../format/time.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { StatusMark } from '../../ui/StatusMark.js';
import type { Column } from '../../ui/table/DataTable.js';
import { useListing } from '../parts/list-state.js';
import { SetUpList } from '../ticket-kinds/SetUpList.js';
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
    ...{
      id,
      title: t(`count.${id}`),
      width: id === 'known' ? 116 : 92,
      align: 'end' as const,
      ...(priority ? { priority } : {}),
    },
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
  return (
    <SetUpList
      tab="imports"
      title={t('title')}
      lead={t('lead')}
      add={{ text: t('new'), start: () => setAdding(true) }}
      none={{ icon: 'pending', title: t('none'), hint: t('noneHint') }}
      name="ticket-imports"
      columns={columns}
      {...list}
      rowKey={({ id }) => id}
      onOpen={({ id }) => void navigate({ to: paths.ticketImport(id) as string })}
    >
      {adding ? <NewImport onClose={() => setAdding(false)} /> : null}
    </SetUpList>
  );
}
