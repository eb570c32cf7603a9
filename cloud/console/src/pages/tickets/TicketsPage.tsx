import { Button, Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import { type TicketRow, ticketsQuery } from '../../api/tickets.js';
import { AppLink } from '../../app/AppLink.js';
import { useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import { usePlace, useZone } from '../../app/use-place.js';
import { paths } from '../../paths.js';
import { Icon } from '../../ui/icons.js';
import { useKeys } from '../../ui/keys.js';
import { Page } from '../../ui/Page.js';
import { Empty } from '../../ui/states.js';
import { DataTable } from '../../ui/table/DataTable.js';
import { useListing } from '../parts/list-state.js';
import { AsideHint } from '../tickets-aside/AsideHint.js';
import { Board } from './Board.js';
import { BatchBar } from './batch/BatchBar.js';
import { ExportButton } from './ExportButton.js';
import { TicketFilters } from './TicketFilters.js';
import { TicketPanel } from './TicketPanel.js';
import { TicketTabs } from './TicketTabs.js';
import { useTicketColumns } from './ticket-columns.js';
import { countNarrowing, sortOf, ticketFilter, ticketSearchSchema, viewOf } from './ticket-search.js';
import { useNewTicketKey } from './use-new-ticket-key.js';
import { ViewSwitch } from './ViewSwitch.js';
import './tickets.css';

/** Tickets as a table or a board: mine to do first, by when they are due. */
export default function TicketsPage() {
  const { t } = useTranslation('tickets');
  const { hallId } = usePlace();
  const may = useRights();
  const [search, setSearch] = useSearchState(ticketSearchSchema);
  const columns = useTicketColumns();
  const filter = ticketFilter(search, hallId, useZone());
  const list = useListing(ticketsQuery(filter));
  const view = viewOf(search);
  const sort = sortOf(search);
  const isBoard = search.as === 'board';
  const open = (id: string | undefined) => setSearch({ id }, { push: Boolean(id) });
  useNewTicketKey();
  useKeys([
    {
      key: 'b',
      does: t(isBoard ? 'keys.table' : 'keys.board'),
      run: () => setSearch({ as: isBoard ? undefined : 'board' }),
    },
  ]);
  const empty =
    countNarrowing(search) > 0 ? (
      <Empty icon="filter" title={t('none.title')} hint={t('none.hint')} />
    ) : (
      <Empty icon="ticket" title={t(`empty.${view}.title`)} hint={t(`empty.${view}.hint`)} />
    );
  return (
    <Page
      title={t('title')}
      tabs={<TicketTabs active="tickets" />}
      fill
      actions={
        <>
          {may('ticket.export') ? <ExportButton filter={filter} /> : null}
          {may('ticket.make') ? (
            <AppLink to={paths.newTicket()} className="button-link">
              <Button type="primary" icon={<Icon name="plus" size={16} />} tabIndex={-1}>
                {t('make.label')}
              </Button>
            </AppLink>
          ) : null}
        </>
      }
    >
      <div className="tickets-page">
        <div className="tickets-head">
          <ViewSwitch value={view} onChange={(next) => setSearch({ view: next, sort: undefined, id: undefined })} />
          {may('ticket.act') ? (
            <AppLink to={paths.fieldTickets()} className="tickets-in-hand">
              {t('inHand')}
            </AppLink>
          ) : null}
          <Segmented
            aria-label={t('as.label')}
            value={isBoard ? 'board' : 'table'}
            options={(['table', 'board'] as const).map((value) => ({ value, label: t(`as.${value}`) }))}
            onChange={(as) => setSearch({ as: as === 'board' ? 'board' : undefined })}
          />
        </div>
        {may('ticket.supervise') ? <AsideHint /> : null}
        <div className="tickets-body">
          {isBoard ? (
            <Board
              {...list}
              tools={<TicketFilters search={search} onChange={setSearch} />}
              openId={search.id}
              onOpen={open}
              empty={empty}
            />
          ) : (
            <DataTable<TicketRow>
              key={view}
              name="tickets"
              label={t(`view.${view}`)}
              columns={columns}
              rowKey={(row) => row.id}
              {...list}
              openKey={search.id}
              onOpen={(row) => open(row.id)}
              sort={{ by: sort.replace('-', ''), descending: sort.startsWith('-') }}
              onSort={({ by, descending }) =>
                setSearch({ sort: by === 'made' ? (descending ? '-made' : 'made') : 'due' })
              }
              {...(may('ticket.act') ? { bulk: (rows, clear) => <BatchBar rows={rows} onDone={clear} /> } : {})}
              tools={<TicketFilters search={search} onChange={setSearch} />}
              empty={empty}
            />
          )}
          {search.id ? <TicketPanel key={search.id} ticketId={search.id} onClose={() => open(undefined)} /> : null}
        </div>
      </div>
    </Page>
  );
}
