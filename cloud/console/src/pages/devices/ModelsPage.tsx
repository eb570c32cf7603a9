import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { type DeviceModel, modelsQuery } from '../../api/models.js';
import { anyText, useSearchState } from '../../app/search-state.js';
import { usePlace } from '../../app/use-place.js';
import { formatNumber } from '../../format/number.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { Page } from '../../ui/Page.js';
import { Empty } from '../../ui/states.js';
import { type Column, DataTable } from '../../ui/table/DataTable.js';
import { FilterChoice } from '../parts/FilterChoice.js';
import { FilterText } from '../parts/FilterText.js';
import { useCodeWord } from '../parts/words.js';
import { ClassMark } from './ClassMark.js';
import { DeviceTabs } from './DeviceTabs.js';
import { ModelPanel } from './ModelPanel.js';
import './devices.css';

const searchSchema = z.object({ q: anyText, class: anyText, id: anyText });

const plain = (text: string) => text.toLocaleLowerCase();

/** Every device model that units have told of: what it is, by which document, and how many are in use. */
export default function ModelsPage() {
  const { t } = useTranslation('devices');
  const label = useLabel();
  const language = useLanguage();
  const word = useCodeWord();
  const { hallId } = usePlace();
  const [search, setSearch] = useSearchState(searchSchema);
  const query = useQuery(modelsQuery(hallId));
  const nameOf = (model: DeviceModel) => label(model.label) || model.profileId;
  const meant = (model: DeviceModel) =>
    (!search.class || model.deviceClass === search.class) &&
    [
      nameOf(model),
      model.profileId,
      model.label?.zh,
      model.label?.en,
      model.vendorLabel?.zh,
      model.vendorLabel?.en,
    ].some((name) => plain(name ?? '').includes(plain(search.q ?? '')));
  const rows = query.data?.filter(meant).sort((a, b) => b.devices - a.devices || nameOf(a).localeCompare(nameOf(b)));
  const classes = new Map(
    (query.data ?? []).flatMap((one) => (one.deviceClass ? [[one.deviceClass, one.classLabel]] : [])),
  );
  const number = (value: number) => formatNumber(value, language, 0);
  const columns: Column<DeviceModel>[] = [
    {
      id: 'model',
      title: t('columns.model'),
      cell: (model) => (
        <span className={model.devices === 0 ? 'row soft' : 'row'}>
          <ClassMark deviceClass={model.deviceClass ?? 'other'} />
          <span className="clip">{nameOf(model)}</span>
        </span>
      ),
      text: nameOf,
    },
    {
      id: 'class',
      title: t('models.class'),
      width: 130,
      priority: 2,
      cell: (model) => label(model.classLabel) || '—',
      text: (model) => label(model.classLabel),
    },
    {
      id: 'vendor',
      title: t('fact.vendor'),
      width: 150,
      priority: 2,
      cell: (model) => label(model.vendorLabel) || '—',
      text: (model) => label(model.vendorLabel),
    },
    {
      id: 'protocol',
      title: t('fact.protocol'),
      width: 110,
      priority: 3,
      cell: (model) => model.protocols.map((one) => word('protocol', one)).join(', ') || '—',
      text: (model) => model.protocols.join(', '),
    },
    {
      id: 'devices',
      title: t('models.devices'),
      width: 104,
      align: 'end',
      cell: (model) => (
        <>
          {number(model.online)} <span className="faint">/ {number(model.devices)}</span>
        </>
      ),
      text: (model) => `${model.online}/${model.devices}`,
    },
    {
      id: 'contents',
      title: t('models.contents'),
      width: 150,
      priority: 3,
      cell: (model) => (
        <span className="soft">
          {number(model.properties)} · {number(model.commands)} · {number(model.events)}
        </span>
      ),
      text: (model) => `${model.properties} ${model.commands} ${model.events}`,
    },
    {
      id: 'version',
      title: t('fact.version'),
      width: 88,
      priority: 3,
      cell: (model) => <span className="soft">{model.version}</span>,
      text: (model) => model.version,
    },
    {
      id: 'source',
      title: t('models.source'),
      width: 320,
      priority: 3,
      cell: (model) => <span className="soft">{model.source?.document ?? '—'}</span>,
      text: (model) => model.source?.document ?? '',
    },
  ];
  const open = query.data?.find(({ profileId }) => profileId === search.id);
  const filtered = Boolean(search.q || search.class);
  return (
    <Page title={t('title')} tabs={<DeviceTabs active="models" />} fill>
      <DataTable
        name="device-models"
        label={t('tabs.models')}
        columns={columns}
        rowKey={(model) => model.profileId}
        rows={rows}
        error={query.error}
        onRetry={() => void query.refetch()}
        openKey={search.id}
        onOpen={(model) => setSearch({ id: model.profileId }, { push: true })}
        tools={
          <>
            <FilterText value={search.q} placeholder={t('models.find')} onChange={(q) => setSearch({ q })} />
            <FilterChoice
              label={t('models.class')}
              value={search.class}
              options={[...classes]
                .map(([value, name]) => ({ value, label: label(name) || value }))
                .sort((a, b) => a.label.localeCompare(b.label))}
              onChange={(next) => setSearch({ class: next })}
            />
            {rows ? <span className="faint small">{t('models.count', { count: rows.length })}</span> : null}
          </>
        }
        empty={
          filtered ? (
            <Empty icon="filter" title={t('models.none')} hint={t('none.hint')} />
          ) : (
            <Empty icon="book" title={t('models.empty')} hint={t('models.emptyHint')} />
          )
        }
      />
      {open ? <ModelPanel model={open} onClose={() => setSearch({ id: undefined })} /> : null}
    </Page>
  );
}
