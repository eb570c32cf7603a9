import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { isApiError } from '../../../api/api-error.js';
import { actOnTicket, type TicketPage, ticketEventQuery, ticketQuery } from '../../../api/tickets.js';
import { useProblemText } from '../../../ui/problem-text.js';
import { refusalOf } from '../work/refusal.js';

/** One press: both are about one event from then on. Says so where they are already. */
export function TieButton({ page, other }: { page: TicketPage; other: { id: string; number: string } }) {
  const { t } = useTranslation('tickets');
  const { message } = App.useApp();
  const client = useQueryClient();
  const event = useQuery(ticketEventQuery(page.id)).data;
  const run = useMutation({
    mutationFn: () => actOnTicket(page, { do: 'link', ticket: other.id, how: 'same_event' }),
    onSuccess: (next) => {
      client.setQueryData(ticketQuery(page.id).queryKey, next);
      for (const what of ['list', 'event', 'history']) void client.invalidateQueries({ queryKey: ['tickets', what] });
      void message.success(t('event.tied', { ticket: other.number }));
    },
    onError: (error) => {
      if (isApiError(error)) void client.invalidateQueries({ queryKey: ['tickets'] });
    },
  });
  const problem = useProblemText(run.error);
  if (event?.items.some(({ id }) => id === other.id)) return <span className="small faint">{t('event.isTied')}</span>;
  if (!event || !page.offers.some((offer) => offer.do === 'link')) return null;
  const refused = refusalOf(run.error);
  return (
    <>
      <Button
        size="small"
        loading={run.isPending}
        aria-label={t('event.tieWith', { ticket: other.number })}
        onClick={() => run.mutate()}
      >
        {t('event.tie')}
      </Button>
      {run.error ? (
        <span role="alert" className="problem-inline small">
          {isApiError(run.error, 'precondition_failed')
            ? t('unlink.again')
            : refused?.code === 'too_often'
              ? t('refused.too_often', { number: Number(refused.facts.most), names: '', time: '' })
              : `${problem.what} ${problem.next}`}
        </span>
      ) : null}
    </>
  );
}
