import { useTranslation } from 'react-i18next';
import { type Evidence, evidenceQuery } from '../../api/evidence.js';
import { formatBytes } from '../../format/number.js';
import { formatStamp } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { Empty } from '../../ui/states.js';
import { type Column, DataTable } from '../../ui/table/DataTable.js';
import { useListing } from '../parts/list-state.js';
import { EvidenceDetails } from './EvidenceDetails.js';
import { evidenceLooks, kindOf } from './evidence-look.js';

interface EvidenceTableProps {
  deviceId: string;
  zone: string | undefined;
  openId: string | undefined;
  onOpen: (id: string | undefined) => void;
}

/** The files that belong to a device, and whether they are here. */
export function EvidenceTable({ deviceId, zone, openId, onOpen }: EvidenceTableProps) {
  const { t } = useTranslation('evidence');
  const language = useLanguage();
  const list = useListing(evidenceQuery({ deviceId }));
  const nameOf = (evidence: Evidence) => evidence.name || t(`kind.${kindOf(evidence)}`);
  const columns: Column<Evidence>[] = [
    {
      id: 'name',
      title: t('columns.name'),
      cell: (evidence) => <span className="clip">{nameOf(evidence)}</span>,
      text: nameOf,
    },
    {
      id: 'state',
      title: t('columns.state'),
      width: 124,
      cell: (evidence) => <StatusMark {...evidenceLooks[evidence.state]} word={t(`state.${evidence.state}`)} />,
      text: (evidence) => t(`state.${evidence.state}`),
    },
    {
      id: 'bytes',
      title: t('columns.bytes'),
      width: 96,
      align: 'end',
      priority: 2,
      cell: (evidence) => (evidence.bytes === null ? '—' : formatBytes(evidence.bytes, language)),
      text: (evidence) => String(evidence.bytes ?? ''),
    },
    {
      id: 'made',
      title: t('columns.made'),
      width: 120,
      priority: 2,
      cell: (evidence) => <RelativeTime time={evidence.madeAt ?? evidence.receivedAt} zone={zone} />,
      text: (evidence) => formatStamp(evidence.madeAt ?? evidence.receivedAt, zone),
    },
  ];
  const open = list.rows?.find(({ id }) => id === openId);
  return (
    <div className="tab-list">
      <DataTable
        name="device-evidence"
        label={t('title')}
        columns={columns}
        rowKey={(evidence) => evidence.id}
        {...list}
        openKey={openId}
        onOpen={(evidence) => onOpen(evidence.id)}
        empty={<Empty icon="camera" title={t('none')} hint={t('noneDevice')} />}
      />
      {open ? (
        <SidePanel
          title={nameOf(open)}
          mark={<StatusMark {...evidenceLooks[open.state]} word={t(`state.${open.state}`)} />}
          onClose={() => onOpen(undefined)}
        >
          <EvidenceDetails key={open.id} evidence={open} zone={zone} />
        </SidePanel>
      ) : null}
    </div>
  );
}
