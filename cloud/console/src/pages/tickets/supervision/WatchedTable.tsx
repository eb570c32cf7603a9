import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { type TicketRow, ticketsQuery } from '../../../api/tickets.js';
import { Empty } from '../../../ui/states.js';
import { type Column, DataTable } from '../../../ui/table/DataTable.js';
import { FilterText } from '../../parts/FilterText.js';
import { useListing } from '../../parts/list-state.js';
import { byHolder } from '../by-holder.js';
import type { Press } from '../PressDialog.js';
import { useTicketColumns } from '../ticket-columns.js';

interface WatchedTableProps {
  list: 'supervised' | 'red' | 'yellow';
  filter: Parameters<typeof ticketsQuery>[0];
  search: { q?: string | undefined; holder?: string | undefined; id?: string | undefined };
  onSearch: (patch: { q?: string | undefined; holder?: string | undefined }) => void;
  onOpen: (id: string) => void;
  onPress: (press: Press, rows: TicketRow[]) => void;
}

/** Tickets of any kind that are watched over or burn: who has them, how often they were reminded. */
export function WatchedTable({ list, filter, search, onSearch, onOpen, onPress }: WatchedTableProps) {
  const { t } = useTranslation('tickets');
  const rows = useListing(ticketsQuery(filter));
  const running = rows.rows?.filter(({ status }) => status !== 'ended');
  const columns = useWatchedColumns((row, press) => onPress(press, [row]));
  return (
    <DataTable
      key={list}
      name="supervision"
      label={t(`supervision.list.${list}`)}
      columns={columns}
      rowKey={(row) => row.id}
      {...rows}
      rows={running}
      openKey={search.id}
      onOpen={(row) => onOpen(row.id)}
      act={{ does: t('do.remind'), run: (row) => onPress('remind', [row]) }}
      bulk={(picked, clear) =>
        (['remind', 'instruct'] as const).map((one) => (
          <Button
            key={one}
            size="small"
            onClick={() => {
              onPress(one, picked);
              clear();
            }}
          >
            {t(`do.${one}`)}
          </Button>
        ))
      }
      tools={
        <>
          <FilterText value={search.q} placeholder={t('filter.text')} onChange={(q) => onSearch({ q })} />
          {byHolder(running ?? [])
            .slice(0, 6)
            .map((holder) => (
              <Button
                key={holder.id}
                size="small"
                type={search.holder === holder.id ? 'primary' : 'default'}
                ghost={search.holder === holder.id}
                aria-pressed={search.holder === holder.id}
                onClick={() => onSearch({ holder: search.holder === holder.id ? undefined : holder.id })}
              >
                {holder.name} <span className="faint">{holder.count}</span>
              </Button>
            ))}
        </>
      }
      empty={
        search.q || search.holder ? (
          <Empty icon="filter" title={t('none.title')} hint={t('none.hint')} />
        ) : (
          <Empty icon="check" title={t(`supervision.empty.${list}.title`)} hint={t(`supervision.empty.${list}.hint`)} />
        )
      }
    />
  );
}

/** The list's own columns, with how often they were reminded and the two ways to press. */
function useWatchedColumns(onPress: (row: TicketRow, press: Press) => void): Column<TicketRow>[] {
  const { t } = useTranslation('tickets');
  const columns = useTicketColumns().filter(({ id }) => ['due', 'title', 'state', 'holders', 'number'].includes(id));
  return [
    ...columns.map(({ sort: _, ...column }) => column),
    {
      id: 'reminded',
      title: t('columns.reminded'),
      width: 84,
      priority: 2,
      align: 'end',
      cell: (row) => (row.reminded > 0 ? row.reminded : <span className="faint">—</span>),
      text: (row) => String(row.reminded),
    },
    {
      id: 'press',
      title: t('columns.press'),
      width: 140,
      priority: 2,
      cell: (row) => (
        <span className="row">
          {(['remind', 'instruct'] as const).map((one) => (
            <Button key={one} size="small" type="link" onClick={() => onPress(row, one)}>
              {t(`do.${one}`)}
            </Button>
          ))}
        </span>
      ),
    },
  ];
}
