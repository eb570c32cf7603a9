import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { changeChannel, channelQuery } from '../../api/exchange.js';
import { AppLink } from '../../app/AppLink.js';
import { PageLoading } from '../../app/PageStates.js';
import { oneOf, useSearchState } from '../../app/search-state.js';
import { paths } from '../../paths.js';
import { LinkTabs } from '../../ui/LinkTabs.js';
import { Page } from '../../ui/Page.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { ErrorState } from '../../ui/states.js';
import { useNow } from '../../ui/use-now.js';
import { FormProblem } from '../parts/FormProblem.js';
import { BooksTab } from './BooksTab.js';
import { troubleLooks, troubleOf } from './channel-state.js';
import { MessagesTab } from './MessagesTab.js';
import { MappingTab } from './mapping/MappingTab.js';
import { OverviewTab } from './OverviewTab.js';
import './exchange.css';

const tabs = ['overview', 'messages', 'books', 'mapping'] as const;
const searchSchema = z.object({ tab: oneOf(tabs) });

/** One platform: how it stands, what went either way, whether both ends agree, how they understand each other. */
export default function ChannelPage() {
  const { t } = useTranslation('exchange');
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const [{ tab = 'overview' }] = useSearchState(searchSchema);
  const client = useQueryClient();
  const now = useNow(30_000);
  const query = useQuery(channelQuery(id));
  const pause = useMutation({
    mutationFn: (paused: boolean) => changeChannel(query.data ?? { id, version: 0 }, { paused }),
    onSettled: () => void client.invalidateQueries({ queryKey: ['exchange-channels'] }),
  });
  if (!query.data)
    return query.error ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <PageLoading />;
  const channel = query.data;
  const trouble = troubleOf(channel, now);
  const waitingForPeople = channel.failed + channel.refused;
  const counts = { messages: waitingForPeople, mapping: channel.faults.length } as Record<string, number>;
  return (
    <Page
      title={channel.name}
      trail={<AppLink to={paths.exchange()}>{t('title')}</AppLink>}
      mark={<StatusMark {...troubleLooks[trouble]} word={t(`trouble.${trouble}`, { count: waitingForPeople })} />}
      fill={tab === 'messages'}
      actions={
        <Button loading={pause.isPending} onClick={() => pause.mutate(!channel.paused)}>
          {t(channel.paused ? 'resume' : 'pause')}
        </Button>
      }
      tabs={
        <LinkTabs
          label={t('parts')}
          tabs={tabs.map((key) => ({
            ...{ key, active: key === tab },
            link: (
              <AppLink to={paths.exchangeChannel(id)} search={key === 'overview' ? {} : { tab: key }}>
                {t(`tab.${key}`)}
                {counts[key] ? <span className="link-tab-count">{counts[key]}</span> : null}
              </AppLink>
            ),
          }))}
        />
      }
    >
      <FormProblem error={pause.error} />
      {tab === 'overview' ? <OverviewTab channel={channel} /> : null}
      {tab === 'messages' ? <MessagesTab channel={channel} /> : null}
      {tab === 'books' ? <BooksTab channel={channel} /> : null}
      {tab === 'mapping' ? <MappingTab key={channel.id} channel={channel} /> : null}
    </Page>
  );
}
