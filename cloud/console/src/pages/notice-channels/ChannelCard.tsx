import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type ChannelSecret,
  changeNoticeChannel,
  type DeliveryCounts,
  endNoticeChannel,
  type NoticeChannel,
  renewNoticeSecret,
} from '../../api/notice-channels.js';
import { AppLink } from '../../app/AppLink.js';
import { paths } from '../../paths.js';
import { Section } from '../../ui/Page.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { Facts } from '../parts/Facts.js';
import { FormProblem } from '../parts/FormProblem.js';
import { ChannelForm } from './ChannelForm.js';
import { channelLooks, useWhy } from './looks.js';
import { TestChannel } from './TestChannel.js';

interface ChannelCardProps {
  channel: NoticeChannel;
  onSecret: (secret: ChannelSecret) => void;
}

/** One channel: where it leads, how it stands, its figures. */
export function ChannelCard({ channel, onSecret }: ChannelCardProps) {
  const { t } = useTranslation(['noticeChannels', 'common']);
  const why = useWhy();
  const client = useQueryClient();
  const { modal } = App.useApp();
  const [editing, setEditing] = useState(false);
  const { kind, config, state } = channel;
  const done = () => client.invalidateQueries({ queryKey: ['notice-channels'] });
  const toggle = useMutation({
    mutationFn: () => changeNoticeChannel(channel, { enabled: !channel.enabled }),
    onSettled: done,
  });
  const end = useMutation({ mutationFn: () => endNoticeChannel(channel), onSettled: done });
  const renew = useMutation({ mutationFn: () => renewNoticeSecret(channel), onSuccess: onSecret, onSettled: done });
  const ask = (what: 'end' | 'renew', run: () => void) =>
    modal.confirm({
      ...{ title: t(`${what}.title`, { name: channel.name }), content: t(`${what}.text`) },
      ...{ okText: t(`${what}.do`), cancelText: t('common:cancel'), okButtonProps: { danger: what === 'end' } },
      onOk: run,
    });
  const isTroubled = state === 'failing' || state === 'gave_up';
  return (
    <Section title={channel.name} aside={<StatusMark {...channelLooks[state]} word={t(`state.${state}`)} />}>
      <div className="card-pad stack nc-card">
        {isTroubled ? (
          <div className="nc-trouble" role="status">
            <strong>{why(channel.lastCode)}</strong>
            <p>{t(`todo.${channel.lastCode ?? 'other'}` as 'todo.other', { defaultValue: t('todo.other') })}</p>
            {channel.lastDetail ? <p className="small soft break">{channel.lastDetail}</p> : null}
          </div>
        ) : null}
        <Facts
          facts={[
            { label: t('kindLabel'), value: t(`kind.${kind}`) },
            {
              label: t('leadsTo'),
              value: (
                <span className="break">{kind === 'email' ? `${config.host}:${config.port}` : String(config.url)}</span>
              ),
            },
            kind === 'email' && { label: t('from'), value: String(config.from) },
            { label: t('lastOk'), value: channel.lastOkAt ? <RelativeTime time={channel.lastOkAt} /> : t('never') },
            channel.failingSince && { label: t('failingSince'), value: <RelativeTime time={channel.failingSince} /> },
            channel.held > 0 && {
              label: t('held.count'),
              value: (
                <AppLink to={paths.noticeLog()} search={{ channelId: channel.id, held: 'true' }}>
                  {String(channel.held)}
                </AppLink>
              ),
            },
            channel.waiting > 0 && { label: t('waiting'), value: String(channel.waiting) },
            channel.receiptsPath && {
              label: t('receiptsPath'),
              value: <code className="break small">{`${location.origin}${channel.receiptsPath}`}</code>,
            },
            channel.oldSecretUntil && { label: t('oldSecret'), value: <RelativeTime time={channel.oldSecretUntil} /> },
          ]}
        />
        <Counts channel={channel} />
        <div className="nc-actions">
          <TestChannel channel={channel} />
          <Button onClick={() => setEditing(true)}>{t('edit')}</Button>
          <Button loading={toggle.isPending} onClick={() => toggle.mutate()}>
            {t(channel.enabled ? 'switchOff' : 'switchOn')}
          </Button>
          {kind === 'email' ? null : (
            <Button loading={renew.isPending} onClick={() => ask('renew', () => renew.mutate())}>
              {t('renew.do')}
            </Button>
          )}
          <Button type="text" danger loading={end.isPending} onClick={() => ask('end', () => end.mutate())}>
            {t('end.do')}
          </Button>
        </div>
        <FormProblem error={toggle.error ?? end.error ?? renew.error} />
      </div>
      {editing ? (
        <ChannelForm kind={kind} channel={channel} onClose={() => setEditing(false)} onSecret={onSecret} />
      ) : null}
    </Section>
  );
}

const figures = ['sent', 'delivered', 'failed', 'unknown', 'skipped'] as const;

/** The last day and week; delivered is known only where the other side says so. */
function Counts({ channel }: { channel: NoticeChannel }) {
  const { t } = useTranslation('noticeChannels');
  const why = useWhy();
  const shown = figures.filter((one) => channel.kind === 'sms' || (one !== 'delivered' && one !== 'unknown'));
  const row = (name: 'day' | 'week', counts: DeliveryCounts) => (
    <tr>
      <th scope="row">{t(`span.${name}`)}</th>
      {shown.map((one) => (
        <td key={one} className={one === 'failed' && counts.failed > 0 ? 'nc-bad' : undefined}>
          {counts[one]}
        </td>
      ))}
    </tr>
  );
  return (
    <div>
      <table className="nc-counts">
        <thead>
          <tr>
            <td />
            {shown.map((one) => (
              <th key={one} scope="col">
                {t(`delivery.${one}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {row('day', channel.day)}
          {row('week', channel.week)}
        </tbody>
      </table>
      {channel.week.reasons.length > 0 ? (
        <ul className="nc-reasons">
          {channel.week.reasons.slice(0, 5).map(({ code, count }) => (
            <li key={code}>
              <AppLink to={paths.noticeLog()} search={{ channelId: channel.id, code }}>
                {`${why(code)} · ${count}`}
              </AppLink>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
