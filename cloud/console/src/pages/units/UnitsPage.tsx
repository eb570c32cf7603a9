import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { type Unit, unitsQuery } from '../../api/units.js';
import { anyText, oneOf, useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import { usePlace } from '../../app/use-place.js';
import { formatNumber } from '../../format/number.js';
import { formatDuration } from '../../format/time.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { Page } from '../../ui/Page.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { Empty } from '../../ui/states.js';
import { type Column, DataTable } from '../../ui/table/DataTable.js';
import { FilterChoice } from '../parts/FilterChoice.js';
import { FilterText } from '../parts/FilterText.js';
import { useListing } from '../parts/list-state.js';
import { PresenceMark, UnitMark } from '../parts/marks.js';
import { CertificateMark } from './enrolment/CertificateMark.js';
import { NewUnit } from './NewUnit.js';
import { UnitPanel } from './UnitPanel.js';
import { UnitTabs } from './UnitTabs.js';
import { pendingRows } from './unit-streams.js';

const presences = ['online', 'offline'] as const;

const searchSchema = z.object({
  q: anyText,
  presence: oneOf(presences),
  id: anyText,
});

/** The units in the halls: linked or not, what waits on them, when they were last heard. */
export default function UnitsPage() {
  const { t } = useTranslation(['units', 'enrolment']);
  const label = useLabel();
  const language = useLanguage();
  const may = useRights();
  const { hallId } = usePlace();
  const [search, setSearch] = useSearchState(searchSchema);
  const [adding, setAdding] = useState(false);
  const list = useListing(unitsQuery({ hallId, q: search.q, presence: search.presence }));
  const columns: Column<Unit>[] = [
    {
      id: 'name',
      title: t('columns.name'),
      cell: (unit) => label(unit.name),
      text: (unit) => label(unit.name),
    },
    {
      id: 'presence',
      title: t('columns.presence'),
      width: 112,
      cell: (unit) => <UnitMark unit={unit} />,
      text: (unit) => unit.presence,
    },
    {
      id: 'hall',
      title: t('columns.hall'),
      width: 140,
      priority: 2,
      cell: (unit) => label(unit.hallName),
      text: (unit) => label(unit.hallName),
    },
    {
      id: 'devices',
      title: t('columns.devices'),
      width: 88,
      priority: 2,
      align: 'end',
      cell: (unit) =>
        unit.devices ? (
          <span className={unit.presence === 'offline' ? 'soft' : undefined}>
            {unit.devices.online} <span className="faint">/ {unit.devices.online + unit.devices.offline}</span>
          </span>
        ) : (
          <span className="faint">—</span>
        ),
      text: (unit) => (unit.devices ? `${unit.devices.online}/${unit.devices.online + unit.devices.offline}` : ''),
    },
    {
      id: 'pending',
      title: t('columns.pending'),
      width: 84,
      priority: 3,
      align: 'end',
      cell: (unit) => formatNumber(pendingRows(unit), language, 0),
      text: (unit) => String(pendingRows(unit)),
    },
    {
      id: 'runway',
      title: t('runway.column'),
      width: 132,
      priority: 3,
      align: 'end',
      cell: (unit) => {
        const lastsMs = unit.runway?.telemetryMs ?? unit.runwayMs;
        return lastsMs === null ? <span className="faint">—</span> : formatDuration(lastsMs, language);
      },
      text: (unit) => String(unit.runway?.telemetryMs ?? unit.runwayMs ?? ''),
    },
    {
      id: 'seen',
      title: t('columns.seen'),
      width: 108,
      cell: (unit) => <RelativeTime time={unit.lastSeenAt} />,
      text: (unit) => unit.lastSeenAt ?? '',
    },
    {
      id: 'certificate',
      title: t('enrolment:fact'),
      width: 116,
      priority: 2,
      cell: (unit) => <CertificateMark unit={unit} brief />,
      text: (unit) => unit.certificate?.endsAt ?? '',
    },
    {
      id: 'software',
      title: t('columns.software'),
      width: 76,
      priority: 3,
      cell: (unit) => <span className="soft">{unit.software ?? '—'}</span>,
      text: (unit) => unit.software ?? '',
    },
  ];
  const add = may('unit.write') ? (
    <Button type="primary" onClick={() => setAdding(true)}>
      {t('new.open')}
    </Button>
  ) : undefined;
  return (
    <Page title={t('title')} actions={add} tabs={<UnitTabs active="units" />} fill>
      <DataTable
        name="units"
        label={t('title')}
        columns={columns}
        rowKey={(unit) => unit.id}
        {...list}
        openKey={search.id}
        onOpen={(unit) => setSearch({ id: unit.id }, { push: true })}
        tools={
          <>
            <FilterText value={search.q} placeholder={t('filter.q')} onChange={(q) => setSearch({ q })} />
            <FilterChoice
              label={t('filter.presence')}
              value={search.presence}
              options={presences.map((value) => ({ value, label: <PresenceMark presence={value} /> }))}
              onChange={(presence) => setSearch({ presence })}
            />
          </>
        }
        empty={
          search.q || search.presence ? (
            <Empty icon="filter" title={t('none.title')} hint={t('none.hint')} />
          ) : (
            <Empty icon="unit" title={t('empty.title')} hint={t('empty.hint')} action={add} />
          )
        }
      />
      {search.id ? <UnitPanel unitId={search.id} onClose={() => setSearch({ id: undefined })} /> : null}
      {adding ? <NewUnit hallId={hallId} onClose={() => setAdding(false)} /> : null}
    </Page>
  );
}
