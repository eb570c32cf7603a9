import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { retryAside, type TicketAside, ticketsAsideQuery } from '../../api/tickets-aside.js';
import { AppLink } from '../../app/AppLink.js';
import { useRights } from '../../app/session.js';
import { paths } from '../../paths.js';
import { Page } from '../../ui/Page.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { FormProblem } from '../parts/FormProblem.js';
import { SetUpTabs } from '../ticket-kinds/SetUpTabs.js';
import { type AsideReason, asideReasonOf, asideReasons } from './aside-why.js';
import './tickets-aside.css';

/** Tickets whose clocks the platform could not work on: why, what mends it, and trying them again. */
export default function AsidePage() {
  const { t } = useTranslation('tickets');
  const client = useQueryClient();
  const { message } = App.useApp();
  // What is tried again leaves the list by itself within a round.
  const query = useQuery({ ...ticketsAsideQuery, refetchInterval: 10_000 });
  const retry = useMutation({
    mutationFn: retryAside,
    onSuccess: ({ tickets }) => {
      void message.success(t('aside.retried', { count: tickets }));
      void client.invalidateQueries({ queryKey: ticketsAsideQuery.queryKey });
    },
  });
  const items = query.data?.items ?? [];
  const groups = asideReasons.flatMap((reason) => {
    const its = items.filter((one) => asideReasonOf(one.reason) === reason);
    return its.length > 0 ? [{ reason, items: its }] : [];
  });
  return (
    <Page
      title={t('aside.title')}
      lead={t('aside.lead')}
      tabs={<SetUpTabs active="aside" />}
      actions={
        items.length > 0 ? (
          <Button type="primary" loading={retry.isPending} onClick={() => retry.mutate()}>
            {t('aside.retry')}
          </Button>
        ) : undefined
      }
    >
      <FormProblem error={retry.error} />
      {query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : !query.data ? (
        <SkeletonLines lines={6} />
      ) : items.length === 0 ? (
        <Empty icon="check" title={t('aside.none')} hint={t('aside.noneHint')} />
      ) : (
        <div className="aside-list">
          {groups.map((group) => (
            <Group key={group.reason} {...group} />
          ))}
          {query.data.total > items.length ? (
            <p className="faint small">{t('aside.first', { count: items.length, total: query.data.total })}</p>
          ) : null}
        </div>
      )}
    </Page>
  );
}

/** All that the same thing keeps aside, with what mends it. */
function Group({ reason, items }: { reason: AsideReason; items: readonly TicketAside[] }) {
  const { t } = useTranslation('tickets');
  const may = useRights();
  const isOfKind = reason === 'damaged' || reason === 'version';
  const tickets = [...new Map(items.map((one) => [one.ticket.id, one])).values()];
  const kinds = [...new Set(items.map(({ kind }) => kind.code))];
  return (
    <section className="card aside-group" aria-label={t(`aside.why.${reason}`)}>
      <header>
        <h2>{t(`aside.why.${reason}`)}</h2>
        <p className="soft small">
          {t(`aside.mend.${reason}`)}{' '}
          {isOfKind && may('ticketkind.read')
            ? kinds.map((code) => (
                <AppLink key={code} to={paths.ticketKind(code)} search={{ part: 'versions' }}>
                  {t('aside.kind', { code })}
                </AppLink>
              ))
            : null}
        </p>
      </header>
      <ul>
        {tickets.map(({ ticket, reason: said }) => {
          const its = items.filter((one) => one.ticket.id === ticket.id);
          const [first] = its;
          return (
            <li key={ticket.id}>
              <span className="aside-ticket clip">
                <AppLink to={paths.ticket(ticket.id)} className="mono">
                  {ticket.number}
                </AppLink>{' '}
                {ticket.title}
              </span>
              <span className="small soft">
                {[...new Set(its.map(({ work }) => t(`aside.work.${work}`)))].join(t('and'))}
              </span>
              <span className="small soft nowrap">
                {t('aside.since')} <RelativeTime time={first?.since ?? null} />
              </span>
              <span className="small soft nowrap">
                {t('aside.tries', { count: Math.max(...its.map(({ tries }) => tries)) })} · {t('aside.next')}{' '}
                <RelativeTime time={its.map(({ retryAt }) => retryAt).sort()[0] ?? null} />
              </span>
              <code className="aside-said faint small">{said}</code>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
