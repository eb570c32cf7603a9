import { useTranslation } from 'react-i18next';
import type { TicketRow } from '../../api/tickets.js';
import { formatStamp } from '../../format/time.js';
import { useLabel } from '../../i18n/use-language.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import type { Column } from '../../ui/table/DataTable.js';
import { useIsPhone } from '../../ui/use-is-phone.js';
import { RowDue, StateMark, TroubleMarks } from './marks.js';

/** The columns of a list of tickets. */
export function useTicketColumns(): Column<TicketRow>[] {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  const isPhone = useIsPhone();
  const holders = (row: TicketRow) => row.holders.map(({ name }) => name).join(t('and'));
  return [
    {
      id: 'due',
      title: t('columns.due'),
      width: 184,
      narrowWidth: isPhone ? 118 : 172,
      sort: 'due',
      cell: (row) => <RowDue row={row} short={isPhone} />,
      text: (row) => (row.dueAt ? formatStamp(row.dueAt) : ''),
    },
    {
      id: 'title',
      title: t('columns.title'),
      cell: (row) => (
        <span className={row.status === 'ended' ? 'ticket-line soft' : 'ticket-line'}>
          <span className="clip">{row.title || t('untitled')}</span>
          {row.level && row.status !== 'ended' ? <span className="trouble-mark">{label(row.level.label)}</span> : null}
          <TroubleMarks row={row} />
        </span>
      ),
      text: (row) => row.title,
    },
    {
      id: 'state',
      title: t('columns.state'),
      width: 164,
      narrowWidth: 148,
      priority: 2,
      cell: (row) => <StateMark state={row.state} />,
      text: (row) => label(row.state.label),
    },
    {
      id: 'holders',
      title: t('columns.holders'),
      width: 128,
      narrowWidth: 104,
      priority: 2,
      cell: (row) => (row.holders.length > 0 ? holders(row) : <span className="faint">—</span>),
      text: holders,
    },
    {
      id: 'kind',
      title: t('columns.kind'),
      width: 132,
      priority: 4,
      cell: (row) => label(row.kind.label),
      text: (row) => label(row.kind.label),
    },
    {
      id: 'number',
      title: t('columns.number'),
      width: 146,
      priority: 3,
      cell: (row) => <code>{row.number}</code>,
      text: (row) => row.number,
    },
    {
      id: 'made',
      title: t('columns.made'),
      width: 108,
      priority: 3,
      sort: 'made',
      cell: (row) => <RelativeTime time={row.madeAt} />,
      text: (row) => formatStamp(row.madeAt),
    },
  ];
}
