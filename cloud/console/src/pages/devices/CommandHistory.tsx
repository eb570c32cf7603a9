import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Command, commandsQuery } from '../../api/commands.js';
import type { Device } from '../../api/devices.js';
import { formatClock, formatDuration } from '../../format/time.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { Empty } from '../../ui/states.js';
import { type Column, DataTable } from '../../ui/table/DataTable.js';
import { Facts } from '../parts/Facts.js';
import { useListing } from '../parts/list-state.js';
import { CommandMark } from '../parts/marks.js';
import { CommandProgress } from './CommandProgress.js';
import { PropertyValue } from './PropertyValue.js';
import { commandEntries } from './writable.js';

/** Every command this device was sent, by whom, and what came of it. */
export function CommandHistory({ device }: { device: Device }) {
  const { t } = useTranslation('commands');
  const label = useLabel();
  const language = useLanguage();
  const [openId, setOpenId] = useState<string>();
  const list = useListing(commandsQuery({ deviceId: device.id }));
  const nameOf = (command: Command) => label(command.label) || command.name;
  const took = (command: Command) =>
    command.finishedAt ? formatDuration(Date.parse(command.finishedAt) - Date.parse(command.issuedAt), language) : '—';
  const columns: Column<Command>[] = [
    { id: 'name', title: t('columns.name'), cell: nameOf, text: nameOf },
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
      priority: 2,
      cell: (command) => command.issuedBy?.name ?? '—',
      text: (command) => command.issuedBy?.name ?? '',
    },
    {
      id: 'issued',
      title: t('columns.issued'),
      width: 120,
      cell: (command) => <RelativeTime time={command.issuedAt} />,
      text: (command) => command.issuedAt,
    },
    { id: 'took', title: t('columns.took'), width: 110, priority: 2, cell: took, text: took },
  ];
  const open = list.rows?.find((command) => command.id === openId);
  return (
    <div className="tab-list">
      <DataTable
        name="device-commands"
        label={t('title')}
        columns={columns}
        rowKey={(command) => command.id}
        {...list}
        openKey={openId}
        onOpen={(command) => setOpenId(command.id)}
        empty={<Empty title={t('empty.title')} hint={t('empty.hint')} />}
      />
      {open ? (
        <SidePanel title={nameOf(open)} onClose={() => setOpenId(undefined)}>
          <div className="stack">
            <CommandProgress commandId={open.id} thing={device.thing} />
            <Facts
              facts={[
                ...commandEntries(device.thing, open, 'input').map(({ name, shape, value }) => ({
                  label: shape ? label(shape.label) : name,
                  value: <PropertyValue shape={shape} value={value} />,
                })),
                { label: t('columns.by'), value: open.issuedBy?.name ?? '—' },
                ...open.steps.map((step) => ({
                  label: t(`state.${step.state}`),
                  value: (
                    <>
                      {formatClock(step.at, Date.now())}{' '}
                      <span className="faint small">{t(`source.${step.source}`)}</span>
                    </>
                  ),
                })),
              ]}
            />
          </div>
        </SidePanel>
      ) : null}
    </div>
  );
}
