import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Channel, channelsQuery } from '../../api/exchange.js';
import { paths } from '../../paths.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { StatusMark } from '../../ui/StatusMark.js';
import type { Column } from '../../ui/table/DataTable.js';
import { useNow } from '../../ui/use-now.js';
import { wholeList } from '../parts/list-state.js';
import { SetUpList } from '../ticket-kinds/SetUpList.js';
import { troubleLooks, troubleOf } from './channel-state.js';
import { NewChannel } from './NewChannel.js';
import './exchange.css';

/** Platforms that tickets come from and go to, and how each stands. */
export default function ExchangePage() {
  const { t } = useTranslation('exchange');
  const navigate = useNavigate();
  const now = useNow(30_000);
  const [adding, setAdding] = useState(false);
  const query = useQuery(channelsQuery);
  const word = (channel: Channel) =>
    t(`trouble.${troubleOf(channel, now)}`, { count: channel.failed + channel.refused });
  const columns: Column<Channel>[] = [
    { id: 'name', title: t('name'), cell: ({ name }) => name, text: ({ name }) => name },
    {
      ...{ id: 'partner', title: t('partner'), width: 140, priority: 2 },
      cell: ({ partner }) => t(`partners.${partner}`),
      text: ({ partner }) => t(`partners.${partner}`),
    },
    {
      ...{ id: 'state', title: t('state'), width: 190 },
      cell: (channel) => <StatusMark {...troubleLooks[troubleOf(channel, now)]} word={word(channel)} />,
      text: word,
    },
    {
      ...{ id: 'in', title: t('lastIn'), width: 120, priority: 2 },
      cell: ({ lastInAt }) => <RelativeTime time={lastInAt} />,
      text: ({ lastInAt }) => lastInAt ?? '',
    },
    {
      ...{ id: 'out', title: t('lastOut'), width: 120, priority: 2 },
      cell: ({ lastOutAt }) => <RelativeTime time={lastOutAt} />,
      text: ({ lastOutAt }) => lastOutAt ?? '',
    },
    {
      ...{ id: 'waiting', title: t('waiting'), width: 80, align: 'end' as const, priority: 3 },
      cell: ({ waiting }) => waiting,
      text: ({ waiting }) => String(waiting),
    },
    {
      ...{ id: 'tickets', title: t('tickets'), width: 80, align: 'end' as const, priority: 3 },
      cell: ({ tickets }) => tickets,
      text: ({ tickets }) => String(tickets),
    },
  ];
  return (
    <SetUpList
      tab="exchange"
      title={t('title')}
      lead={t('lead')}
      add={{ text: t('new'), start: () => setAdding(true) }}
      none={{ icon: 'network', title: t('none'), hint: t('noneHint') }}
      name="exchange-channels"
      columns={columns}
      {...wholeList(query)}
      rowKey={({ id }) => id}
      onOpen={({ id }) => void navigate({ to: paths.exchangeChannel(id) as string })}
    >
      {adding ? <NewChannel onClose={() => setAdding(false)} /> : null}
    </SetUpList>
  );
}
