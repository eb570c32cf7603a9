import { uuidPattern } from '@hallhub/shared';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { supervisionQuery } from '../../api/supervision.js';
import { type TicketRow, ticketsQuery } from '../../api/tickets.js';
import { AppLink } from '../../app/AppLink.js';
import { anyText, like, oneOf, useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import { usePlace } from '../../app/use-place.js';
import { paths } from '../../paths.js';
import { Icon } from '../../ui/icons.js';
import { Page } from '../../ui/Page.js';
import { ExportButton } from './ExportButton.js';
import { type Press, PressDialog } from './PressDialog.js';
import { TaskLedger } from './supervision/TaskLedger.js';
import { WatchedTable } from './supervision/WatchedTable.js';
import { TicketPanel } from './TicketPanel.js';
import { TicketTabs } from './TicketTabs.js';
import './tickets.css';

const watched = ['supervised', 'red', 'yellow'] as const;
const lists = ['tasks', ...watched] as const;
const searchSchema = z.object({
  ...{ list: oneOf(lists), q: anyText, holder: like(uuidPattern), id: anyText },
  ...{ status: oneOf(['running', 'ended'] as const), year: like(/^20\d\d$/), office: like(uuidPattern) },
});

/** The ledger of supervised tasks; and of all tickets what is watched over and what burns: who has it, and the press of one key more. */
export default function SupervisionPage() {
  const { t } = useTranslation(['tickets', 'supervision']);
  const { hallId } = usePlace();
  const may = useRights();
  const [search, setSearch] = useSearchState(searchSchema);
  const [press, setPress] = useState<{ press: Press; rows: TicketRow[] }>();
  const list = search.list ?? 'tasks';
  const tasks = {
    ...{ status: search.status ?? 'running', year: search.year, officeId: search.office, q: search.q, hallId },
  } as const;
  const filterOf = (of: (typeof watched)[number]) => ({
    ...{ view: 'all', hallId, sort: 'due' },
    ...(of === 'supervised' ? { supervised: true } : { light: of }),
  });
  // For the figures on the switch: of each list, how many there are at least.
  const counted = {
    supervised: useInfiniteQuery(ticketsQuery(filterOf('supervised'))),
    red: useInfiniteQuery(ticketsQuery(filterOf('red'))),
    yellow: useInfiniteQuery(ticketsQuery(filterOf('yellow'))),
  };
  const ledger = useQuery(supervisionQuery({ status: 'running', hallId }));
  const countOf = (of: (typeof lists)[number]): string => {
    if (of === 'tasks') return ledger.data ? String(ledger.data.sums.running) : '';
    const pages = counted[of].data?.pages;
    const running = pages?.flatMap(({ items }) => items).filter(({ status }) => status !== 'ended').length ?? 0;
    return pages === undefined ? '' : `${pages.at(-1)?.nextCursor ? '≥ ' : ''}${running}`;
  };
  // Nothing burns: then nothing is red.
  const toneOf = (of: (typeof lists)[number]) => (['', '0'].includes(countOf(of)) ? '' : `is-${of}`);
  const nameOf = (of: (typeof lists)[number]) => (of === 'tasks' ? t('supervision:list') : t(`supervision.list.${of}`));
  const open = (id: string) => setSearch({ id }, { push: true });
  const filter = list === 'tasks' ? undefined : { ...filterOf(list), q: search.q, holderId: search.holder };
  return (
    <Page
      title={t('supervision.title')}
      tabs={<TicketTabs active="supervision" />}
      fill
      actions={
        <>
          {may('ticket.export') ? (
            filter ? (
              <ExportButton filter={filter} />
            ) : (
              <ExportButton path="/supervision/export" filter={tasks} />
            )
          ) : null}
          {may('ticket.make') ? (
            <AppLink to={paths.newTicket()} search={{ kind: 'supervised_task' }} className="button-link">
              <Button type="primary" icon={<Icon name="plus" size={16} />} tabIndex={-1}>
                {t('supervision:setUp')}
              </Button>
            </AppLink>
          ) : null}
        </>
      }
    >
      <div className="tickets-page">
        <div className="supervision-lists" role="toolbar" aria-label={t('supervision.title')}>
          {lists.map((of) => (
            <button
              key={of}
              type="button"
              aria-pressed={of === list}
              className={of === list ? `supervision-list is-active ${toneOf(of)}` : `supervision-list ${toneOf(of)}`}
              onClick={() => setSearch({ list: of, holder: undefined, id: undefined })}
            >
              <span className="supervision-count">{countOf(of) || '—'}</span>
              <span className="soft">{nameOf(of)}</span>
            </button>
          ))}
        </div>
        <div className="tickets-body">
          {filter && list !== 'tasks' ? (
            <WatchedTable
              {...{ list, filter, search }}
              onSearch={setSearch}
              onOpen={open}
              onPress={(which, rows) => setPress({ press: which, rows })}
            />
          ) : (
            <TaskLedger
              filter={tasks}
              onFilter={setSearch}
              openId={search.id}
              onOpen={open}
              onPress={(which, row) => setPress({ press: which, rows: [row] })}
            />
          )}
          {search.id ? (
            <TicketPanel key={search.id} ticketId={search.id} onClose={() => setSearch({ id: undefined })} />
          ) : null}
        </div>
      </div>
      {press ? <PressDialog {...press} onClose={() => setPress(undefined)} /> : null}
    </Page>
  );
}
