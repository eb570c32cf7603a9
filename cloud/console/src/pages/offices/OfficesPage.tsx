import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { officesQuery } from '../../api/offices.js';
import { anyText, oneOf, useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import type { Column } from '../../ui/table/DataTable.js';
import { SetUpList } from '../ticket-kinds/SetUpList.js';
import { OfficeForm } from './OfficeForm.js';
import { OfficePanel } from './OfficePanel.js';
import { type OfficeRow, officeRows } from './office-tree.js';
import { StandIns } from './StandIns.js';
import './offices.css';

const searchSchema = z.object({ id: anyText, stand: oneOf(['ins']) });

/** Who handles tickets: offices, their people, what they look after, who stands in for whom. */
export default function OfficesPage() {
  const { t } = useTranslation('offices');
  const may = useRights();
  const [search, setSearch] = useSearchState(searchSchema);
  const [adding, setAdding] = useState(false);
  const query = useQuery(officesQuery);
  const rows = query.data && officeRows(query.data);
  const mayWrite = may('office.write');
  const leaders = ({ office }: OfficeRow) =>
    office.members.flatMap(({ isLeader, name }) => (isLeader ? [name] : [])).join(' ');
  const after = ({ office }: OfficeRow) =>
    [
      office.areas.length > 0 ? t('areasCount', { count: office.areas.length }) : '',
      office.categories.length > 0 ? t('categoriesCount', { count: office.categories.length }) : '',
    ]
      .filter(Boolean)
      .join(' · ');
  const columns: Column<OfficeRow>[] = [
    {
      ...{ id: 'name', title: t('name') },
      cell: ({ office, depth }) => (
        <span className="office-name" style={{ paddingInlineStart: depth * 18 }}>
          {office.name}
          {office.isFallback ? <span className="faint small"> · {t('fallback')}</span> : null}
        </span>
      ),
      text: ({ office }) => office.name,
    },
    {
      ...{ id: 'code', title: t('code'), width: 150, priority: 3 },
      cell: ({ office }) => <code className="soft">{office.code}</code>,
      text: ({ office }) => office.code,
    },
    { ...{ id: 'leader', title: t('leader'), width: 150, priority: 2 }, cell: leaders, text: leaders },
    {
      ...{ id: 'members', title: t('people'), width: 80, align: 'end' as const },
      cell: ({ office }) => office.members.length,
      text: ({ office }) => String(office.members.length),
    },
    { ...{ id: 'after', title: t('looksAfter'), width: 200, priority: 2 }, cell: after, text: after },
    {
      ...{ id: 'tasks', title: t('openTasks'), width: 90, align: 'end' as const },
      cell: ({ office }) => office.openTasks,
      text: ({ office }) => String(office.openTasks),
    },
  ];
  const open = query.data?.find(({ id }) => id === search.id);
  return (
    <SetUpList
      tab="offices"
      title={t('title')}
      besides={<Button onClick={() => setSearch({ stand: 'ins' })}>{t('standIns.title')}</Button>}
      add={mayWrite ? { text: t('new'), start: () => setAdding(true) } : undefined}
      none={{ icon: 'admin', title: t('none'), hint: t('noneHint') }}
      name="offices"
      columns={columns}
      rows={rows}
      rowKey={({ office }) => office.id}
      error={query.error}
      onRetry={() => void query.refetch()}
      openKey={search.id}
      onOpen={({ office }) => setSearch({ id: office.id }, { push: true })}
    >
      {open && query.data ? (
        <OfficePanel
          key={`${open.id} ${open.version}`}
          office={open}
          offices={query.data}
          mayWrite={mayWrite}
          onClose={() => setSearch({ id: undefined })}
        />
      ) : null}
      {adding ? (
        <OfficeForm
          offices={query.data ?? []}
          onClose={() => setAdding(false)}
          onDone={({ id }) => setSearch({ id })}
        />
      ) : null}
      {search.stand ? <StandIns mayWrite={mayWrite} onClose={() => setSearch({ stand: undefined })} /> : null}
    </SetUpList>
  );
}
