import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { placesQuery } from '../../api/places.js';
import { useRights } from '../../app/session.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { Icon } from '../../ui/icons.js';
import { Page } from '../../ui/Page.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { Empty } from '../../ui/states.js';
import { type Column, DataTable } from '../../ui/table/DataTable.js';
import { PlaceForm } from './PlaceForm.js';
import { type PlaceRow, placeRows } from './place-rows.js';
import './halls.css';

/** Regions, halls and counters as one tree, with how each stands. */
export default function HallsPage() {
  const { t } = useTranslation('halls');
  const label = useLabel();
  const may = useRights();
  const navigate = useNavigate();
  const query = useQuery(placesQuery);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [adding, setAdding] = useState(false);
  const places = query.data;
  // Counters stay folded until somebody asks for them.
  const closed = new Set(
    places?.filter((place) => (place.kind === 'hall') !== toggled.has(place.id)).map((place) => place.id),
  );
  const toggle = (id: string) => {
    const next = new Set(toggled);
    if (!next.delete(id)) next.add(id);
    setToggled(next);
  };
  const nameOf = (row: PlaceRow) => label(row.place.name);
  const ratio = (some: number, all: number) => (
    <span className={some < all ? undefined : 'soft'}>
      {some} <span className="faint">/ {all}</span>
    </span>
  );
  const columns: Column<PlaceRow>[] = [
    {
      id: 'name',
      title: t('columns.name'),
      cell: (row) => (
        <span className="place-cell" style={{ paddingLeft: row.depth * 22 }}>
          {row.hasChildren ? (
            <button
              type="button"
              className={closed.has(row.place.id) ? 'place-toggle' : 'place-toggle is-open'}
              aria-expanded={!closed.has(row.place.id)}
              aria-label={t('toggle', { name: nameOf(row) })}
              onClick={() => toggle(row.place.id)}
            >
              <Icon name="chevron" size={14} />
            </button>
          ) : (
            <span className="place-toggle" />
          )}
          <span className={row.place.kind === 'counter' ? 'clip soft' : 'clip'}>{nameOf(row)}</span>
        </span>
      ),
      text: nameOf,
    },
    {
      id: 'kind',
      title: t('columns.kind'),
      width: 96,
      priority: 2,
      cell: (row) => <span className="soft">{t(`kind.${row.place.kind}`)}</span>,
      text: (row) => t(`kind.${row.place.kind}`),
    },
    {
      id: 'code',
      title: t('columns.code'),
      width: 110,
      priority: 3,
      cell: (row) => <span className="soft">{row.place.code}</span>,
      text: (row) => row.place.code ?? '',
    },
    {
      id: 'units',
      title: t('columns.units'),
      width: 104,
      priority: 2,
      align: 'end',
      cell: (row) => (row.counts ? ratio(row.counts.unitsOnline, row.counts.units) : null),
      text: (row) => (row.counts ? `${row.counts.unitsOnline}/${row.counts.units}` : ''),
    },
    {
      id: 'devices',
      title: t('columns.devices'),
      width: 104,
      align: 'end',
      cell: (row) => (row.counts ? ratio(row.counts.devicesOnline, row.counts.devices) : null),
      text: (row) => (row.counts ? `${row.counts.devicesOnline}/${row.counts.devices}` : ''),
    },
    {
      id: 'alarms',
      title: t('columns.alarms'),
      width: 84,
      align: 'end',
      cell: (row) =>
        row.counts && row.counts.openAlarms > 0 ? (
          <StatusMark tone="warn" shape="triangle" word={String(row.counts.openAlarms)} title={t('columns.alarms')} />
        ) : null,
      text: (row) => String(row.counts?.openAlarms ?? ''),
    },
  ];
  const add = may('place.write') ? (
    <Button type="primary" onClick={() => setAdding(true)}>
      {t('new.open')}
    </Button>
  ) : undefined;
  return (
    <Page title={t('title')} actions={add} fill>
      <DataTable
        name="places"
        label={t('title')}
        columns={columns}
        rows={places ? placeRows(places, closed, (place) => `${place.kind} ${label(place.name)}`) : undefined}
        rowKey={(row) => row.place.id}
        error={query.error}
        onRetry={() => void query.refetch()}
        onOpen={(row) => void navigate({ to: paths.place(row.place.id) as string })}
        act={{ does: t('keys.toggle'), run: (row) => row.hasChildren && toggle(row.place.id) }}
        empty={<Empty icon="hall" title={t('empty.title')} hint={t('empty.hint')} action={add} />}
      />
      {adding ? <PlaceForm onClose={() => setAdding(false)} /> : null}
    </Page>
  );
}
