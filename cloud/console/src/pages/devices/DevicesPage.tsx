import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { mostInBatch } from '../../api/commands.js';
import { type DeviceSummary, devicesQuery } from '../../api/devices.js';
import { anyText, oneOf, useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import { usePlace } from '../../app/use-place.js';
import { paths } from '../../paths.js';
import { HeldButton } from '../../ui/HeldButton.js';
import { Page } from '../../ui/Page.js';
import { Empty } from '../../ui/states.js';
import { DataTable } from '../../ui/table/DataTable.js';
import { FilterChoice } from '../parts/FilterChoice.js';
import { FilterText } from '../parts/FilterText.js';
import { useListing } from '../parts/list-state.js';
import { PresenceMark } from '../parts/marks.js';
import { DevicePanel } from './DevicePanel.js';
import { DeviceTabs } from './DeviceTabs.js';
import { useDeviceColumns } from './device-columns.js';
import { ToReplaceHint } from './ToReplaceHint.js';
import './devices.css';

const NewBatch = lazy(() => import('../commands/NewBatch.js').then((page) => ({ default: page.NewBatch })));

const presences = ['online', 'degraded', 'offline', 'unknown'] as const;
const states = ['active', 'retired', 'refused'] as const;

const searchSchema = z.object({
  q: anyText,
  presence: oneOf(presences),
  state: oneOf(states),
  unit: anyText,
  id: anyText,
});

/** All devices that the person may see; details at the right. */
export default function DevicesPage() {
  const { t } = useTranslation(['devices', 'commands', 'common']);
  const { hallId } = usePlace();
  const [search, setSearch] = useSearchState(searchSchema);
  const columns = useDeviceColumns();
  const may = useRights();
  const navigate = useNavigate();
  const [told, setTold] = useState<readonly DeviceSummary[]>([]);
  const list = useListing(
    devicesQuery({
      hallId,
      q: search.q,
      presence: search.presence,
      state: search.state ?? 'active',
      unitId: search.unit,
    }),
  );
  const inUse = (search.state ?? 'active') === 'active';
  const filtered = Boolean(search.q || search.presence || search.state || search.unit);
  return (
    <Page title={t('title')} tabs={<DeviceTabs active="all" />} fill>
      <div className="devices-page">
        {may('ticket.read') ? <ToReplaceHint hallId={hallId} /> : null}
        <DataTable
          name="devices"
          label={t('title')}
          columns={columns}
          rowKey={(device) => device.id}
          {...list}
          openKey={search.id}
          onOpen={(device) => setSearch({ id: device.id }, { push: true })}
          {...(inUse && may('command.issue')
            ? {
                bulk: (devices: DeviceSummary[]) => (
                  <HeldButton
                    size="small"
                    why={devices.length > mostInBatch ? t('commands:batch.most', { count: mostInBatch }) : undefined}
                    onClick={() => setTold(devices)}
                  >
                    {t('commands:batch.open')}
                  </HeldButton>
                ),
              }
            : {})}
          tools={
            <>
              <FilterText value={search.q} placeholder={t('filter.q')} onChange={(q) => setSearch({ q })} />
              <FilterChoice
                label={t('filter.presence')}
                value={search.presence}
                options={presences.map((value) => ({ value, label: <PresenceMark presence={value} /> }))}
                onChange={(presence) => setSearch({ presence })}
              />
              <FilterChoice
                label={t('filter.state')}
                value={search.state}
                options={states.map((value) => ({ value, label: t(`common:deviceState.${value}`) }))}
                onChange={(state) => setSearch({ state })}
              />
              {list.total === undefined ? null : (
                <span className="faint small">{t('count', { count: list.total })}</span>
              )}
            </>
          }
          empty={
            filtered ? (
              <Empty icon="filter" title={t('none.title')} hint={t('none.hint')} />
            ) : (
              <Empty icon="device" title={t('empty.title')} hint={t('empty.hint')} />
            )
          }
        />
      </div>
      {told.length > 0 ? (
        <Suspense>
          <NewBatch
            devices={told}
            onClose={() => setTold([])}
            onSent={({ id }) => void navigate({ to: paths.commands(), search: { batch: id } as never })}
          />
        </Suspense>
      ) : null}
      {search.id ? <DevicePanel deviceId={search.id} onClose={() => setSearch({ id: undefined })} /> : null}
    </Page>
  );
}
