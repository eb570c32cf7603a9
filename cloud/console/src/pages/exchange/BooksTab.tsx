import type { BookDifference, ExchangeBookLine } from '@hallhub/shared/exchange';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Channel, type Comparison, compareNow, comparisonsQuery } from '../../api/exchange.js';
import { AppLink } from '../../app/AppLink.js';
import { formatExact } from '../../format/time.js';
import { paths } from '../../paths.js';
import { HeldButton } from '../../ui/HeldButton.js';
import { Section } from '../../ui/Page.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { FormProblem } from '../parts/FormProblem.js';

const looks = {
  equal: { tone: 'accent', shape: 'check' },
  different: { tone: 'warn', shape: 'diamond' },
  failed: { tone: 'bad', shape: 'triangle' },
} as const;

/** Whether both ends say the same of every ticket; where not, what to do. */
export function BooksTab({ channel }: { channel: Channel }) {
  const { t } = useTranslation('exchange');
  const client = useQueryClient();
  const [chosen, setChosen] = useState<string>();
  const query = useQuery(comparisonsQuery(channel.id));
  const compare = useMutation({
    mutationFn: () => compareNow(channel.id),
    onSuccess: () => setChosen(undefined),
    onSettled: () => void client.invalidateQueries({ queryKey: ['exchange-channels'] }),
  });
  const shown = query.data?.find(({ id }) => id === chosen) ?? query.data?.[0];
  const button = (
    <HeldButton
      type="primary"
      loading={compare.isPending}
      why={channel.baseUrl === null ? t('books.noAddress') : undefined}
      onClick={() => compare.mutate()}
    >
      {t('books.now')}
    </HeldButton>
  );
  return (
    <div className="exchange-books">
      <Section
        title={t('books.title')}
        bare
        aside={
          shown ? (
            <>
              <Select
                size="small"
                value={shown.id}
                aria-label={t('books.which')}
                options={(query.data ?? []).map((one) => ({
                  value: one.id,
                  label: `${formatExact(one.at)} · ${t(`books.${one.state}`)}`,
                }))}
                onChange={(id) => setChosen(id)}
              />
              {button}
            </>
          ) : undefined
        }
      >
        <FormProblem error={compare.error} />
        {query.error ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
        {query.data || query.error ? null : <SkeletonLines lines={5} />}
        {query.data && !shown ? (
          <div className="card">
            <Empty
              icon="book"
              title={t('books.none')}
              hint={t(channel.baseUrl === null ? 'books.noAddress' : 'books.noneHint')}
              action={button}
            />
          </div>
        ) : null}
        {shown ? <Outcome channel={channel} comparison={shown} /> : null}
      </Section>
    </div>
  );
}

function Outcome({ channel, comparison }: { channel: Channel; comparison: Comparison }) {
  const { t } = useTranslation('exchange');
  return (
    <div className="stack">
      <div className="card card-pad exchange-outcome">
        <StatusMark
          {...looks[comparison.state]}
          word={t(`books.said_${comparison.state}`, {
            count: comparison.state === 'different' ? comparison.different : comparison.here,
          })}
        />
        <span className="soft">
          {t('books.counts', { here: comparison.here, there: comparison.there, underWay: comparison.underWay })} ·{' '}
          <RelativeTime time={comparison.at} />
        </span>
        {comparison.detail ? <p className="problem-inline small">{comparison.detail}</p> : null}
        {comparison.state === 'failed' ? <p>{t('books.failedHint')}</p> : null}
      </div>
      {comparison.differences.length > 0 ? (
        <div className="card exchange-differences">
          <table>
            <thead>
              <tr>
                <th scope="col">{t('log.number')}</th>
                <th scope="col">{t('books.what')}</th>
                <th scope="col">{t('books.here')}</th>
                <th scope="col">{t('books.there')}</th>
                <th scope="col">{t('books.todo')}</th>
              </tr>
            </thead>
            <tbody>
              {comparison.differences.map((one) => (
                <tr key={`${one.owner} ${one.number}`}>
                  <th scope="row">
                    <AppLink to={paths.exchangeChannel(channel.id)} search={{ tab: 'messages', number: one.number }}>
                      {one.number}
                    </AppLink>
                    <div className="faint small">{t(`owner.${one.owner}`)}</div>
                  </th>
                  <td>{t(`books.kind.${one.kind}`)}</td>
                  <td>
                    <Line line={one.here} other={one.there} />
                  </td>
                  <td>
                    <Line line={one.there} other={one.here} />
                  </td>
                  <td className="soft">{t(adviceOf(one))}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {comparison.different > comparison.differences.length ? (
            <p className="line-note">
              {t('books.more', { count: comparison.different - comparison.differences.length })}
            </p>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

/** Who has to send what, by what each end counted. */
const adviceOf = ({ kind, here, there }: BookDifference) => {
  if (kind !== 'differs') return `books.advice.${kind}` as const;
  if (here && there && here.fromHub > there.fromHub) return 'books.advice.sendAgain' as const;
  if (here && there && here.fromPlatform < there.fromPlatform) return 'books.advice.askAgain' as const;
  return 'books.advice.differs' as const;
};

function Line({ line, other }: { line: ExchangeBookLine | null; other: ExchangeBookLine | null }) {
  const { t } = useTranslation('exchange');
  if (!line) return <span className="faint">{t('books.absent')}</span>;
  const mark = (same: boolean) => (same ? undefined : 'exchange-differs');
  return (
    <>
      <span className={mark(other?.state === line.state)}>{t(`exchangeState.${line.state}`)}</span>
      {line.extension ? <span className={mark(other?.extension === true)}> · {t('books.extension')}</span> : null}
      <div className="faint small">
        <span className={mark(other?.fromPlatform === line.fromPlatform)}>
          {t('books.fromPlatform', { count: line.fromPlatform })}
        </span>
        {' · '}
        <span className={mark(other?.fromHub === line.fromHub)}>{t('books.fromHub', { count: line.fromHub })}</span>
      </div>
    </>
  );
}
