import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import {
  type Delivery,
  deliveriesQuery,
  deliveryStates,
  liftHold,
  noticeChannelsQuery,
  replayDelivery,
} from '../../api/notice-channels.js';
import { AppLink } from '../../app/AppLink.js';
import { anyText, oneOf, useSearchState } from '../../app/search-state.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { Page } from '../../ui/Page.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { Empty } from '../../ui/states.js';
import { type Column, DataTable } from '../../ui/table/DataTable.js';
import { Facts } from '../parts/Facts.js';
import { FilterChoice } from '../parts/FilterChoice.js';
import { FormProblem } from '../parts/FormProblem.js';
import { useListing } from '../parts/list-state.js';
import { SetUpTabs } from '../ticket-kinds/SetUpTabs.js';
import { deliveryLooks, useWhy } from './looks.js';
import './notice-channels.css';

const searchSchema = z.object({
  channelId: anyText,
  state: oneOf(deliveryStates),
  code: anyText,
  open: anyText,
  held: anyText,
});
/** What a person may have sent again. */
const mayReplay = ({ state }: Delivery) => ['failed', 'unknown', 'skipped', 'waiting'].includes(state);

/** All that left the house, or did not, newest first. */
export default function NoticeLogPage() {
  const { t } = useTranslation('noticeChannels');
  const label = useLabel();
  const why = useWhy();
  const [search, setSearch] = useSearchState(searchSchema);
  const { open, ...filters } = search;
  const channels = useQuery(noticeChannelsQuery).data ?? [];
  const list = useListing(deliveriesQuery(filters));
  const whom = ({ to, addressee }: Delivery) =>
    to.name ?? (addressee === 'person' ? (to.shown ?? '') : t(`to.${addressee}`));
  const columns: Column<Delivery>[] = [
    {
      ...{ id: 'at', title: t('log.at'), width: 110 },
      cell: ({ madeAt }) => <RelativeTime time={madeAt} />,
      text: ({ madeAt }) => madeAt,
    },
    {
      ...{ id: 'text', title: t('log.text') },
      cell: ({ text }) => <span className="clip">{label(text)}</span>,
      text: ({ text }) => label(text),
    },
    {
      ...{ id: 'channel', title: t('kindLabel'), width: 120, priority: 2 },
      cell: ({ channel }) => t(`kind.${channel}`),
      text: ({ channel }) => t(`kind.${channel}`),
    },
    {
      ...{ id: 'to', title: t('log.to'), width: 130, priority: 2 },
      cell: (row) => <span className="clip">{whom(row)}</span>,
      text: whom,
    },
    {
      ...{ id: 'state', title: t('log.state'), width: 110 },
      cell: ({ state }) => <StatusMark {...deliveryLooks[state]} word={t(`delivery.${state}`)} />,
      text: ({ state }) => t(`delivery.${state}`),
    },
    {
      ...{ id: 'why', title: t('log.why'), width: 220, priority: 3 },
      cell: ({ code }) => <span className="soft clip">{why(code)}</span>,
      text: ({ code }) => why(code),
    },
  ];
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  const opened = list.rows?.find(({ id }) => id === open);
  return (
    <Page
      title={t('log.title')}
      trail={<AppLink to={paths.noticeChannels()}>{t('title')}</AppLink>}
      tabs={<SetUpTabs active="notices" />}
      fill
    >
      <DataTable
        name="notice-deliveries"
        label={t('log.title')}
        columns={columns}
        {...list}
        rowKey={({ id }) => id}
        openKey={open}
        onOpen={({ id }) => setSearch({ open: id }, { push: true })}
        tools={
          <>
            <FilterChoice
              label={t('log.channel')}
              value={search.channelId}
              options={channels.map(({ id, name }) => ({ value: id, label: name }))}
              onChange={(channelId) => setSearch({ channelId })}
            />
            <FilterChoice
              label={t('log.state')}
              value={search.state}
              options={deliveryStates.map((value) => ({ value, label: t(`delivery.${value}`) }))}
              onChange={(state) => setSearch({ state })}
            />
            {search.held ? (
              <Button size="small" onClick={() => setSearch({ held: undefined })}>
                {t('held.only')} ×
              </Button>
            ) : null}
            {search.code ? (
              <Button size="small" onClick={() => setSearch({ code: undefined })}>
                {why(search.code)} ×
              </Button>
            ) : null}
          </>
        }
        empty={
          <Empty
            icon="mail"
            title={t(isFiltered ? 'log.noneSuch' : 'log.none')}
            hint={t(isFiltered ? 'log.noneSuchHint' : 'log.noneHint')}
          />
        }
      />
      {opened ? (
        <DeliveryPanel
          key={opened.id}
          row={opened}
          whom={whom(opened)}
          onClose={() => setSearch({ open: undefined })}
        />
      ) : null}
    </Page>
  );
}

interface DeliveryPanelProps {
  row: Delivery;
  whom: string;
  onClose: () => void;
}

function DeliveryPanel({ row, whom, onClose }: DeliveryPanelProps) {
  const { t } = useTranslation('noticeChannels');
  const label = useLabel();
  const why = useWhy();
  const client = useQueryClient();
  const replay = useMutation({
    mutationFn: () => replayDelivery(row.id),
    onSettled: () => client.invalidateQueries({ queryKey: ['notice-deliveries'] }),
  });
  const lift = useMutation({
    mutationFn: liftHold,
    onSettled: () =>
      Promise.all(['notice-deliveries', 'notice-channels'].map((of) => client.invalidateQueries({ queryKey: [of] }))),
  });
  const { heldBy } = row;
  const todo = row.code ? t(`todo.${row.code}` as 'todo.other', { defaultValue: '' }) : '';
  return (
    <SidePanel
      title={label(row.text)}
      mark={<StatusMark {...deliveryLooks[row.state]} word={t(`delivery.${row.state}`)} />}
      actions={
        heldBy ? (
          <Button loading={lift.isPending} onClick={() => lift.mutate(heldBy)}>
            {t('held.lift')}
          </Button>
        ) : mayReplay(row) ? (
          <Button loading={replay.isPending} onClick={() => replay.mutate()}>
            {t('log.replay')}
          </Button>
        ) : undefined
      }
      onClose={onClose}
    >
      <div className="stack">
        {row.code ? <p>{todo ? t('log.because', { why: why(row.code), todo }) : why(row.code)}</p> : null}
        {row.detail ? <p className="small soft break">{row.detail}</p> : null}
        {heldBy ? <p>{t('held.about')}</p> : null}
        <Facts
          facts={[
            { label: t('log.to'), value: row.to.shown ? `${whom} · ${row.to.shown}` : whom },
            { label: t('kindLabel'), value: t(`kind.${row.channel}`) },
            row.ticket && {
              label: t('log.ticket'),
              value: <AppLink to={paths.ticket(row.ticket.id)}>{row.ticket.number}</AppLink>,
            },
            { label: t('log.made'), value: <RelativeTime time={row.madeAt} /> },
            row.sentAt && { label: t('delivery.sent'), value: <RelativeTime time={row.sentAt} /> },
            row.state === 'waiting' &&
              row.nextAt && { label: t('log.next'), value: <RelativeTime time={row.nextAt} /> },
            { label: t('log.attempts'), value: String(row.attempts) },
            row.channel === 'sms' && { label: t('log.receipts'), value: String(row.receipts) },
          ]}
        />
        <FormProblem error={replay.error ?? lift.error} />
      </div>
    </SidePanel>
  );
}
