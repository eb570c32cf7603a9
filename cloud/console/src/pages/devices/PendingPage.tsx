import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { type DeviceSummary, devicesQuery } from '../../api/devices.js';
import { anyText, useSearchState } from '../../app/search-state.js';
import { usePlace } from '../../app/use-place.js';
import { useLabel } from '../../i18n/use-language.js';
import { Page } from '../../ui/Page.js';
import { Elapsed } from '../../ui/RelativeTime.js';
import { Empty } from '../../ui/states.js';
import { type Column, DataTable } from '../../ui/table/DataTable.js';
import { useListing } from '../parts/list-state.js';
import { DeviceStateMark } from '../parts/marks.js';
import { useCodeWord } from '../parts/words.js';
import { DeviceTabs } from './DeviceTabs.js';
import { useDeviceName } from './device-name.js';
import { PendingPanel } from './PendingPanel.js';
import './devices.css';

const searchSchema = z.object({ id: anyText });

/** Devices that reached a unit and wait for a person's decision. */
export default function PendingPage() {
  const { t } = useTranslation('devices');
  const label = useLabel();
  const word = useCodeWord();
  const nameOf = useDeviceName();
  const { hallId } = usePlace();
  const [search, setSearch] = useSearchState(searchSchema);
  const list = useListing(devicesQuery({ hallId, state: 'quarantined' }));
  const columns: Column<DeviceSummary>[] = [
    { id: 'name', title: t('columns.model'), cell: nameOf, text: nameOf },
    {
      id: 'vendor',
      title: t('fact.vendor'),
      width: 130,
      priority: 2,
      cell: (device) => device.vendor,
      text: (device) => device.vendor,
    },
    {
      id: 'serial',
      title: t('fact.serial'),
      width: 150,
      cell: (device) => <code>{device.serial}</code>,
      text: (device) => device.serial,
    },
    {
      id: 'protocol',
      title: t('fact.protocol'),
      width: 104,
      priority: 3,
      cell: (device) => word('protocol', device.protocol),
      text: (device) => device.protocol,
    },
    {
      id: 'hall',
      title: t('columns.hall'),
      width: 170,
      priority: 2,
      cell: (device) => label(device.hallName),
      text: (device) => label(device.hallName),
    },
    {
      id: 'state',
      title: t('columns.presence'),
      width: 104,
      priority: 3,
      cell: (device) => <DeviceStateMark state={device.state} />,
    },
    {
      id: 'since',
      title: t('pending.waiting'),
      width: 112,
      priority: 2,
      cell: (device) => <Elapsed since={device.createdAt} />,
      text: (device) => device.createdAt,
    },
  ];
  return (
    <Page title={t('title')} lead={t('pending.lead')} tabs={<DeviceTabs active="pending" />} fill>
      <DataTable
        name="pending"
        label={t('tabs.pending')}
        columns={columns}
        rowKey={(device) => device.id}
        {...list}
        openKey={search.id}
        onOpen={(device) => setSearch({ id: device.id }, { push: true })}
        empty={<Empty icon="pending" title={t('pending.empty')} hint={t('pending.emptyHint')} />}
      />
      {search.id ? (
        <PendingPanel key={search.id} deviceId={search.id} onClose={() => setSearch({ id: undefined })} />
      ) : null}
    </Page>
  );
}
