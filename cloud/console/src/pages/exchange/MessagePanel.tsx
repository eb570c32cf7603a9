import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/api-error.js';
import {
  type Channel,
  dropMessage,
  type ExchangeMessageDetail,
  messageQuery,
  replayMessage,
} from '../../api/exchange.js';
import { AppLink } from '../../app/AppLink.js';
import { formatBytes } from '../../format/number.js';
import { formatExact } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { ErrorState } from '../../ui/states.js';
import { Facts } from '../parts/Facts.js';
import { FormProblem } from '../parts/FormProblem.js';
import { ReasonDialog } from '../parts/ReasonDialog.js';
import { messageLooks } from './channel-state.js';
import { useExchangeWords } from './use-exchange-words.js';

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

interface MessagePanelProps {
  channel: Channel;
  messageId: string;
  onClose: () => void;
}

/** One message: what it says, what came of it, every try; it is sent or taken again, or given up. */
export function MessagePanel({ channel, messageId, onClose }: MessagePanelProps) {
  const { t } = useTranslation('exchange');
  const words = useExchangeWords();
  const language = useLanguage();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [dropping, setDropping] = useState(false);
  const query = useQuery(messageQuery(channel.id, messageId));
  const settle = () => {
    void client.invalidateQueries({ queryKey: ['exchange-messages'] });
    void client.invalidateQueries({ queryKey: ['exchange-channels'] });
  };
  const replay = useMutation({
    mutationFn: () => replayMessage(channel.id, messageId),
    onSuccess: ({ direction }) => void message.success(t(direction === 'out' ? 'replay.sent' : 'replay.taken')),
    onSettled: settle,
  });
  const drop = useMutation({
    mutationFn: (reason: string) => dropMessage(channel.id, messageId, reason),
    onSuccess: () => setDropping(false),
    onSettled: settle,
  });
  const row = query.data;
  if (!row)
    return (
      <SidePanel title={t('log.message')} onClose={onClose}>
        {query.error ? <ErrorState error={query.error} compact /> : <SkeletonLines lines={8} />}
      </SidePanel>
    );
  const isOut = row.direction === 'out';
  const refusedAgain = replay.error instanceof ApiError ? textOf(replay.error.facts?.refusal) : undefined;
  const mayReplay = isOut ? row.state === 'failed' || row.state === 'waiting' : row.state === 'refused';
  const mayDrop = isOut && (row.state === 'failed' || row.state === 'waiting');
  return (
    <SidePanel
      title={`${words.act(row.act)} · ${row.number}`}
      mark={<StatusMark {...messageLooks[row.state]} word={t(`log.state.${row.state}`)} />}
      onClose={onClose}
      actions={
        mayReplay || mayDrop ? (
          <>
            {mayDrop ? (
              <Button
                danger
                type="text"
                onClick={() => {
                  drop.reset();
                  setDropping(true);
                }}
              >
                {t('drop.do')}
              </Button>
            ) : null}
            {mayReplay ? (
              <Button type="primary" loading={replay.isPending} onClick={() => replay.mutate()}>
                {t(isOut ? 'replay.send' : 'replay.take')}
              </Button>
            ) : null}
          </>
        ) : undefined
      }
    >
      <div className="stack exchange-message">
        {refusedAgain === undefined ? (
          <FormProblem error={replay.error} />
        ) : (
          <p role="alert" className="problem-inline">
            {t('replay.again', { why: words.why(refusedAgain) })}
          </p>
        )}
        {row.code ? (
          <div className="exchange-test is-bad">
            <strong>{words.why(row.code)}</strong>
            <p>{words.advice(row.code)}</p>
            {row.detail ? <p className="faint small">{row.detail}</p> : null}
          </div>
        ) : null}
        <Facts
          facts={[
            { label: t('log.direction'), value: t(`log.${row.direction}`) },
            { label: t('log.at'), value: formatExact(row.madeAt) },
            row.doneAt && { label: t('log.doneAt'), value: formatExact(row.doneAt) },
            row.nextAt &&
              row.state === 'waiting' && { label: t('log.nextAt'), value: <RelativeTime time={row.nextAt} /> },
            { label: t('log.owner'), value: t(`owner.${row.owner}`) },
            row.ticket && {
              label: t('log.ticket'),
              value: <AppLink to={paths.ticket(row.ticket.id)}>{row.ticket.number}</AppLink>,
            },
            row.exchange && { label: t('log.exchange'), value: t(`exchangeState.${row.exchange}`) },
            row.seq !== null && { label: t('log.seq'), value: row.seq },
            row.effect && { label: t('log.effect'), value: row.effect },
          ]}
        />
        <Body body={row.body} />
        {row.files && row.files.length > 0 ? (
          <section>
            <h3>{t('log.files')}</h3>
            <ul className="stack">
              {row.files.map((file) => (
                <li key={file.sha256}>
                  <span className="break">{file.name}</span>{' '}
                  <span className="faint small">
                    {file.bytes === null ? '' : `${formatBytes(file.bytes, language)} · `}
                    {t(`log.fileState.${file.state}`)}
                  </span>
                  {file.code ? <div className="problem-inline small">{words.why(file.code)}</div> : null}
                </li>
              ))}
            </ul>
          </section>
        ) : null}
        <Tries tries={row.tries} />
      </div>
      <ReasonDialog
        open={dropping}
        title={t('drop.do')}
        hint={t(row.owner === 'hub' ? 'drop.askOurs' : 'drop.askTheirs')}
        act={t('drop.do')}
        asks={t('drop.reason')}
        danger
        maxLength={500}
        isPending={drop.isPending}
        problem={<FormProblem error={drop.error} />}
        onReason={(reason) => drop.mutate(reason)}
        onClose={() => setDropping(false)}
      />
    </SidePanel>
  );
}

const told = ['title', 'text', 'words', 'by', 'level', 'minutes', 'granted', 'satisfaction'] as const;

function Body({ body }: { body: ExchangeMessageDetail['body'] }) {
  const { t } = useTranslation('exchange');
  const requester = body.requester as { name?: string; phone?: string } | null | undefined;
  const place = body.place as { text?: string } | null | undefined;
  const facts = told.flatMap((key) => {
    const value = body[key];
    return value === undefined || value === null || value === ''
      ? []
      : [
          {
            label: t(`body.${key}`),
            value: typeof value === 'boolean' ? t(value ? 'body.yes' : 'body.no') : String(value),
          },
        ];
  });
  return (
    <section>
      <h3>{t('log.content')}</h3>
      <Facts
        facts={[
          ...facts,
          requester && {
            label: t('body.requester'),
            value: [requester.name, requester.phone].filter(Boolean).join(' · '),
          },
          place?.text && { label: t('body.place'), value: place.text },
          Array.isArray(body.category) &&
            body.category.length > 0 && { label: t('body.category'), value: body.category.join(' / ') },
        ]}
      />
      <details>
        <summary>{t('log.raw')}</summary>
        <pre className="exchange-raw">{JSON.stringify(body, null, 2)}</pre>
      </details>
    </section>
  );
}

function Tries({ tries }: Pick<ExchangeMessageDetail, 'tries'>) {
  const { t } = useTranslation('exchange');
  const words = useExchangeWords();
  if (tries.length === 0) return null;
  return (
    <section>
      <h3>{t('log.tries', { count: tries.length })}</h3>
      <ol className="exchange-tries">
        {[...tries].reverse().map((one) => (
          <li key={`${one.at} ${one.code}`}>
            <span className="row">
              <span className="grow">{one.code ? words.why(one.code) : t('log.good')}</span>
              <span className="faint small nowrap">
                {t('log.took', { status: one.status ?? '–', ms: one.tookMs })} · <RelativeTime time={one.at} />
              </span>
            </span>
            {one.detail ? <span className="faint small">{one.detail}</span> : null}
          </li>
        ))}
      </ol>
    </section>
  );
}
