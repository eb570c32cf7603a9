import { useQuery } from '@tanstack/react-query';
import { Button, Dropdown } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ChannelKind, type ChannelSecret, channelKinds, noticeChannelsQuery } from '../../api/notice-channels.js';
import { AppLink } from '../../app/AppLink.js';
import { paths } from '../../paths.js';
import { Page } from '../../ui/Page.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { SetUpTabs } from '../ticket-kinds/SetUpTabs.js';
import { ChannelCard } from './ChannelCard.js';
import { ChannelForm } from './ChannelForm.js';
import { SecretModal } from './SecretModal.js';
import './notice-channels.css';

/** Over what notices leave the house, how each channel stands, and what is to be done about one that fails. */
export default function NoticeChannelsPage() {
  const { t } = useTranslation('noticeChannels');
  const [adding, setAdding] = useState<ChannelKind>();
  const [secret, setSecret] = useState<ChannelSecret>();
  const query = useQuery(noticeChannelsQuery);
  const has = (kind: ChannelKind) => query.data?.some((channel) => channel.kind === kind) ?? false;
  const add = (
    <Dropdown
      trigger={['click']}
      menu={{
        items: channelKinds.map((kind) => ({
          ...{ key: kind, label: t(`kind.${kind}`), disabled: kind !== 'webhook' && has(kind) },
        })),
        onClick: ({ key }) => setAdding(key as ChannelKind),
      }}
    >
      <Button type="primary">{t('new')}</Button>
    </Dropdown>
  );
  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      tabs={<SetUpTabs active="notices" />}
      actions={
        <>
          <AppLink to={paths.noticeLog()} className="button-link">
            <Button tabIndex={-1}>{t('log.title')}</Button>
          </AppLink>
          {query.data?.length === 0 ? null : add}
        </>
      }
    >
      {query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : query.isPending ? (
        <SkeletonLines lines={6} />
      ) : query.data.length === 0 ? (
        <Empty icon="mail" title={t('none')} hint={t('noneHint')} action={add} />
      ) : (
        <div className="nc-cards">
          {query.data.map((channel) => (
            <ChannelCard key={channel.id} channel={channel} onSecret={setSecret} />
          ))}
        </div>
      )}
      {adding ? <ChannelForm kind={adding} onClose={() => setAdding(undefined)} onSecret={setSecret} /> : null}
      {secret ? <SecretModal secret={secret} onClose={() => setSecret(undefined)} /> : null}
    </Page>
  );
}
