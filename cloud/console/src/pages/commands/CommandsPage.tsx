import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { type Command, commandsQuery } from '../../api/commands.js';
import { anyText, oneOf, useSearchState } from '../../app/search-state.js';
import { usePlace } from '../../app/use-place.js';
import { formatDuration } from '../../format/time.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { Page } from '../../ui/Page.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { Empty } from '../../ui/states.js';
import { type Column, DataTable } from '../../ui/table/DataTable.js';
import { DeviceTabs } from '../devices/DeviceTabs.js';
import { FilterChoice } from '../parts/FilterChoice.js';
import { useListing } from '../parts/list-state.js';
import { CommandMark } from '../parts/marks.js';
import { BatchProgress } from './BatchProgress.js';
import { CommandPanel } from './CommandPanel.js';
import '../devices/device-page.css';
import './commands.css';

const states = [
  'queued',
  'sent',
  'received',
  'running',
  'succeeded',
  'failed',
  'expired',
  'cancelled',
  'unknown',
] as const;
const searchSchema = z.object({ state: oneOf(states), batch: anyText, id: anyText });

/** The ledger: every command to any device, by whom, each step with its time and who said it. */
export default function CommandsPage() {
  const { t } = useTranslation('commands');
  const label = useLabel();
  const language = useLanguage();
  const { hallId } = usePlace();
  const [search, setSearch] = useSearchState(searchSchema);
  const [now] = useState(Date.now);
  const list = useListing(commandsQuery({ hallId, state: search.state, batchId: search.batch }));
  const nameOf = (command: Command) => label(command.label) || command.name;
  const targetOf = (command: Command) =>
    command.target.unit ? command.target.unitName : (command.target.deviceName ?? '—');
  const took = (command: Command) =>
    formatDuration(
      (command.finishedAt ? Date.parse(command.finishedAt) : now) - Date.parse(command.issuedAt),
      language,
    );
  const columns: Column<Command>[] = [
    { id: 'name', title: t('columns.name'), cell: nameOf, text: nameOf },
    {
      id: 'target',
      title: t('columns.target'),
      width: 200,
      priority: search.batch ? 1 : 2,
      cell: targetOf,
      text: targetOf,
    },
    {
      id: 'state',
      title: t('columns.state'),
      width: 130,
      cell: (command) => <CommandMark state={command.state} provisional={command.provisional} />,
      text: (command) => t(`state.${command.state}`),
    },
    {
      id: 'by',
      title: t('columns.by'),
      width: 130,
      priority: 3,
      cell: (command) => command.issuedBy?.name ?? '—',
      text: (command) => command.issuedBy?.name ?? '',
    },
    {
      id: 'issued',
      title: t('columns.issued'),
      width: 120,
      priority: 2,
      cell: (command) => <RelativeTime time={command.issuedAt} />,
      text: (command) => command.issuedAt,
    },
    { id: 'took', title: t('columns.took'), width: 110, priority: 3, cell: took, text: took },
  ];
  return (
    <Page
      title={t('title')}
      tabs={
        <>
          <DeviceTabs active="commands" />
          {search.batch ? <BatchProgress batchId={search.batch} onAll={() => setSearch({ batch: undefined })} /> : null}
        </>
      }
      fill
    >
      <DataTable
        name="commands"
        label={t('title')}
        columns={columns}
        rowKey={(command) => command.id}
        {...list}
        openKey={search.id}
        onOpen={(command) => setSearch({ id: command.id }, { push: true })}
        tools={
          <FilterChoice
            label={t('columns.state')}
            value={search.state}
            options={states.map((value) => ({ value, label: t(`state.${value}`) }))}
            onChange={(state) => setSearch({ state })}
          />
        }
        empty={
          search.state || search.batch ? (
            <Empty icon="filter" title={t('none.title')} hint={t('none.hint')} />
          ) : (
            <Empty title={t('empty.title')} hint={t('empty.hint')} />
          )
        }
      />
      {search.id ? (
        <CommandPanel
          commandId={search.id}
          onBatch={(batch) => setSearch({ batch, state: undefined })}
          onClose={() => setSearch({ id: undefined })}
        />
      ) : null}
    </Page>
  );
}
