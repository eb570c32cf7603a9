import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { App, Button, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type Channel,
  type ChannelSecret,
  changeChannel,
  endChannel,
  renewSecret,
  testChannel,
} from '../../api/exchange.js';
import { AppLink } from '../../app/AppLink.js';
import { formatDuration } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { HeldButton } from '../../ui/HeldButton.js';
import { Section } from '../../ui/Page.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { Facts } from '../parts/Facts.js';
import { FormProblem } from '../parts/FormProblem.js';
import { Secret } from '../parts/Secret.js';
import { SecretModal } from './SecretModal.js';
import { useExchangeWords } from './use-exchange-words.js';

const scheme = 'https://';

/** How a channel stands, its two addresses and its key; it is tried, renewed and ended here. */
export function OverviewTab({ channel }: { channel: Channel }) {
  const { t } = useTranslation(['exchange', 'common']);
  const language = useLanguage();
  const words = useExchangeWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const [dialog, setDialog] = useState<'renew' | 'end' | 'address'>();
  const [address, setAddress] = useState(channel.baseUrl ?? '');
  const [made, setMade] = useState<ChannelSecret>();
  const settle = () => void client.invalidateQueries({ queryKey: ['exchange-channels'] });
  const test = useMutation({ mutationFn: () => testChannel(channel), onSettled: settle });
  const renew = useMutation({
    mutationFn: () => renewSecret(channel),
    onSuccess: (secret) => {
      setDialog(undefined);
      setMade(secret);
      settle();
    },
  });
  const move = useMutation({
    mutationFn: () => changeChannel(channel, { baseUrl: address.trim().replace(/\/+$/, '') || null }),
    onSuccess: () => {
      setDialog(undefined);
      void message.success(t('common:saved'));
      settle();
    },
  });
  const end = useMutation({
    mutationFn: () => endChannel(channel),
    onSuccess: () => {
      settle();
      void navigate({ to: paths.exchange() as string });
    },
  });
  const clock = Math.abs(channel.clockMs);
  const messages = (state: string) => ({ tab: 'messages', state });
  const counted = (count: number, state: string) =>
    count > 0 ? (
      <AppLink to={paths.exchangeChannel(channel.id)} search={messages(state)}>
        {count}
      </AppLink>
    ) : (
      0
    );
  return (
    <div className="exchange-columns">
      <Section title={t('traffic')}>
        <div className="card-pad">
          <Facts
            facts={[
              { label: t('lastIn'), value: <RelativeTime time={channel.lastInAt} /> },
              { label: t('lastOut'), value: <RelativeTime time={channel.lastOutAt} /> },
              { label: t('tickets'), value: channel.tickets },
              {
                label: t('waiting'),
                value: (
                  <>
                    {counted(channel.waiting, 'waiting')}
                    {channel.oldestWaitingAt ? (
                      <span className="faint">
                        {' '}
                        · {t('oldest')} <RelativeTime time={channel.oldestWaitingAt} />
                      </span>
                    ) : null}
                  </>
                ),
              },
              { label: t('failed'), value: counted(channel.failed, 'failed') },
              { label: t('refused'), value: counted(channel.refused, 'refused') },
              {
                label: t('clock'),
                value:
                  clock < 1000
                    ? t('clockSame')
                    : t(channel.clockMs > 0 ? 'clockAhead' : 'clockBehind', { time: formatDuration(clock, language) }),
              },
              {
                label: t('compared'),
                value: channel.compared ? (
                  <AppLink to={paths.exchangeChannel(channel.id)} search={{ tab: 'books' }}>
                    {t(`books.${channel.compared}`)} · <RelativeTime time={channel.comparedAt} />
                  </AppLink>
                ) : (
                  t('notCompared')
                ),
              },
            ]}
          />
        </div>
      </Section>
      <Section
        title={t('connection')}
        aside={
          <HeldButton
            size="small"
            loading={test.isPending}
            onClick={() => test.mutate()}
            why={channel.baseUrl === null ? t('noBaseUrl') : undefined}
          >
            {t('test.do')}
          </HeldButton>
        }
      >
        <div className="card-pad stack">
          <div role="status">
            {test.data ? (
              <div className={test.data.ok ? 'exchange-test is-good' : 'exchange-test is-bad'}>
                <StatusMark
                  tone={test.data.ok ? 'accent' : 'bad'}
                  shape={test.data.ok ? 'check' : 'triangle'}
                  word={test.data.ok ? t('test.ok', { ms: test.data.tookMs }) : words.why(test.data.problem)}
                />
                {test.data.ok ? null : <p>{words.advice(test.data.problem)}</p>}
                {test.data.detail ? <p className="faint small">{test.data.detail}</p> : null}
              </div>
            ) : null}
          </div>
          <FormProblem error={test.error} />
          <Facts
            facts={[
              { label: t('partner'), value: t(`partners.${channel.partner}`) },
              {
                label: t('baseUrl'),
                value: (
                  <span className="row row-wrap">
                    {channel.baseUrl ? <code>{channel.baseUrl}</code> : t('noBaseUrl')}
                    <Button size="small" onClick={() => setDialog('address')}>
                      {t('change')}
                    </Button>
                  </span>
                ),
              },
              { label: t('code'), value: <code>{channel.code}</code> },
              {
                label: t('key'),
                value: (
                  <span className="row row-wrap">
                    <code>{channel.keyId}</code>
                    <Button size="small" onClick={() => setDialog('renew')}>
                      {t('secret.renew')}
                    </Button>
                  </span>
                ),
              },
              channel.oldKeyUntil && { label: t('oldKey'), value: <RelativeTime time={channel.oldKeyUntil} /> },
            ]}
          />
          <span className="soft">{t('ourAddress')}</span>
          <Secret value={`${location.origin}${channel.ourPath}`} label={t('ourAddress')} />
          <div>
            <Button danger type="text" onClick={() => setDialog('end')}>
              {t('end.do')}
            </Button>
          </div>
        </div>
      </Section>
      {dialog === 'address' ? (
        <Modal
          open
          title={t('baseUrl')}
          okText={t('common:save')}
          cancelText={t('common:cancel')}
          onCancel={() => setDialog(undefined)}
          confirmLoading={move.isPending}
          onOk={() => move.mutate()}
        >
          <div className="stack">
            <p className="soft">{t('baseUrlHint')}</p>
            <Input
              value={address}
              aria-label={t('baseUrl')}
              placeholder={scheme}
              onChange={({ target }) => setAddress(target.value)}
            />
            <FormProblem error={move.error} />
          </div>
        </Modal>
      ) : null}
      {dialog === 'renew' ? (
        <Modal
          open
          title={t('secret.renew')}
          okText={t('secret.renew')}
          cancelText={t('common:cancel')}
          onCancel={() => setDialog(undefined)}
          confirmLoading={renew.isPending}
          onOk={() => renew.mutate()}
        >
          <p>{t('secret.renewAsk')}</p>
          <FormProblem error={renew.error} />
        </Modal>
      ) : null}
      {dialog === 'end' ? (
        <Modal
          open
          title={t('end.do')}
          okText={t('end.do')}
          okButtonProps={{ danger: true }}
          cancelText={t('common:cancel')}
          onCancel={() => setDialog(undefined)}
          confirmLoading={end.isPending}
          onOk={() => end.mutate()}
        >
          <p>{t('end.ask', { name: channel.name, count: channel.tickets })}</p>
          <FormProblem error={end.error} />
        </Modal>
      ) : null}
      {made ? <SecretModal secret={made} onClose={() => setMade(undefined)} /> : null}
    </div>
  );
}
