import { useInfiniteQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { type TicketRow, ticketsQuery } from '../../api/tickets.js';
import { anyText, oneOf, useSearchState } from '../../app/search-state.js';
import { usePlace } from '../../app/use-place.js';
import { Page } from '../../ui/Page.js';
import { Empty } from '../../ui/states.js';
import { type Column, DataTable } from '../../ui/table/DataTable.js';
import { FilterText } from '../parts/FilterText.js';
import { useListing } from '../parts/list-state.js';
import { byHolder } from './by-holder.js';
import { ExportButton } from './ExportButton.js';
import { type Press, PressDialog } from './PressDialog.js';
import { TicketPanel } from './TicketPanel.js';
import { TicketTabs } from './TicketTabs.js';
import { useTicketColumns } from './ticket-columns.js';
import './tickets.css';

const lists = ['supervised', 'red', 'yellow'] as const;
const searchSchema = z.object({ list: oneOf(lists), q: anyText, holder: anyText, id: anyText });

/** What is watched over and what burns: who has it, how often they were reminded, and the press of one key more. */
export default function SupervisionPage() {
  const { t } = useTranslation('tickets');
  const { hallId } = usePlace();
  const [search, setSearch] = useSearchState(searchSchema);
  const [press, setPress] = useState<{ press: Press; rows: TicketRow[] }>();
  const list = search.list ?? 'supervised';
  const filterOf = (of: (typeof lists)[number]) => ({
    ...{ view: 'all', hallId, sort: 'due' },
    ...(of === 'supervised' ? { supervised: true } : { light: of }),
  });
  const filter = { ...filterOf(list), q: search.q, holderId: search.holder };
  const rows = useListing(ticketsQuery(filter));
  // For the figures on the switch: of each list, how many there are at least.
  const counted = {
    supervised: useInfiniteQuery(ticketsQuery(filterOf('supervised'))),
    red: useInfiniteQuery(ticketsQuery(filterOf('red'))),
    yellow: useInfiniteQuery(ticketsQuery(filterOf('yellow'))),
  };
  const countOf = (of: (typeof lists)[number]): string => {
    const pages = counted[of].data?.pages;
    const running = pages?.flatMap(({ items }) => items).filter(({ status }) => status !== 'ended').length ?? 0;
    return pages === undefined ? '' : `${pages.at(-1)?.nextCursor ? '≥ ' : ''}${running}`;
  };
  // Nothing burns: then nothing is red.
  const toneOf = (of: (typeof lists)[number]) => (['', '0'].includes(countOf(of)) ? '' : `is-${of}`);
  const running = rows.rows?.filter(({ status }) => status !== 'ended');
  const columns = useSupervisionColumns((row, which) => setPress({ press: which, rows: [row] }));
  const holders = byHolder(running ?? []);
  return (
    <Page
      title={t('supervision.title')}
      tabs={<TicketTabs active="supervision" />}
      fill
      actions={<ExportButton filter={filter} />}
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
              <span className="soft">{t(`supervision.list.${of}`)}</span>
            </button>
          ))}
        </div>
        <div className="tickets-body">
          <DataTable
            key={list}
            name="supervision"
            label={t(`supervision.list.${list}`)}
            columns={columns}
            rowKey={(row) => row.id}
            {...rows}
            rows={running}
            openKey={search.id}
            onOpen={(row) => setSearch({ id: row.id }, { push: true })}
            act={{ does: t('do.remind'), run: (row) => setPress({ press: 'remind', rows: [row] }) }}
            bulk={(picked, clear) =>
              (['remind', 'instruct'] as const).map((one) => (
                <Button
                  key={one}
                  size="small"
                  onClick={() => {
                    setPress({ press: one, rows: picked });
                    clear();
                  }}
                >
                  {t(`do.${one}`)}
                </Button>
              ))
            }
            tools={
              <>
                <FilterText value={search.q} placeholder={t('filter.text')} onChange={(q) => setSearch({ q })} />
                {holders.slice(0, 6).map((holder) => (
                  <Button
                    key={holder.id}
                    size="small"
                    type={search.holder === holder.id ? 'primary' : 'default'}
                    ghost={search.holder === holder.id}
                    aria-pressed={search.holder === holder.id}
                    onClick={() => setSearch({ holder: search.holder === holder.id ? undefined : holder.id })}
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
                <Empty
                  icon="check"
                  title={t(`supervision.empty.${list}.title`)}
                  hint={t(`supervision.empty.${list}.hint`)}
                />
              )
            }
          />
          {search.id ? (
            <TicketPanel key={search.id} ticketId={search.id} onClose={() => setSearch({ id: undefined })} />
          ) : null}
        </div>
      </div>
      {press ? <PressDialog {...press} onClose={() => setPress(undefined)} /> : null}
    </Page>
  );
}

/** The list's own columns, with how often they were reminded and the two ways to press. */
function useSupervisionColumns(onPress: (row: TicketRow, press: Press) => void): Column<TicketRow>[] {
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
