import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError } from '../../../api/api-error.js';
import { actOnTicket, type TicketPage, ticketQuery } from '../../../api/tickets.js';
import { Icon } from '../../../ui/icons.js';
import { useProblemText } from '../../../ui/problem-text.js';
import { ReasonDialog } from '../../parts/ReasonDialog.js';
import { refusalOf } from '../work/refusal.js';

type Link = TicketPage['links'][number];
const ways = ['related', 'same_event', 'caused_by'] as const;
type Way = (typeof ways)[number];
const isWay = (how: string): how is Way => (ways as readonly string[]).includes(how);

/** Takes one link back, with the reason; nothing where the reader may not, or where the link is the tickets’ own (parent, merged). */
export function Unlink({
  page,
  link,
}: {
  page: TicketPage;
  link: Pick<Link, 'how'> & { ticket: { id: string; number: string } };
}) {
  const { t } = useTranslation('tickets');
  const { message } = App.useApp();
  const client = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const { ticket } = link;
  // It is one link, from whichever end it is read.
  const how = link.how === 'caused' ? 'caused_by' : link.how;
  const run = useMutation({
    mutationFn: ({ way, reason }: { way: Way; reason: string }) =>
      actOnTicket(page, { do: 'unlink', ticket: ticket.id, how: way, opinion: reason }),
    onSuccess: (next) => {
      client.setQueryData(ticketQuery(page.id).queryKey, next);
      void client.invalidateQueries({ queryKey: ['tickets'] });
      void message.success(t('unlink.done', { ticket: ticket.number }));
      setOpen(false);
    },
    onError: (error) => {
      // Somebody acted meanwhile, or took it back already: what there is now is read.
      if (isApiError(error)) void client.invalidateQueries({ queryKey: ['tickets'] });
    },
  });
  const problem = useProblemText(run.error);
  const refusal = refusalOf(run.error)?.code;
  const said = (() => {
    if (!run.error) return undefined;
    if (refusal === 'already_so') return t('unlink.gone');
    if (refusal === 'no_right') return t('refused.no_right');
    if (isApiError(run.error, 'precondition_failed')) return t('unlink.again');
    return `${problem.what} ${problem.next}`;
  })();
  if (!isWay(how) || !page.offers.some((offer) => offer.do === 'unlink')) return null;
  const words = t('unlink.label', { how: t(`link.${link.how}`), ticket: ticket.number });
  return (
    <>
      <Button
        type="text"
        size="small"
        className="unlink"
        icon={<Icon name="close" size={14} />}
        aria-label={words}
        title={t('do.unlink')}
        onClick={() => {
          run.reset();
          setOpen(true);
        }}
      />
      <ReasonDialog
        open={isOpen}
        title={t('unlink.title', { ticket: ticket.number })}
        hint={t(how === 'same_event' ? 'unlink.hintEvent' : 'unlink.hint')}
        act={t('do.unlink')}
        asks={t('unlink.reason')}
        danger
        isPending={run.isPending}
        problem={
          said ? (
            <p role="alert" className="problem-inline">
              {said}
            </p>
          ) : null
        }
        onReason={(reason) => run.mutate({ way: how, reason })}
        onClose={() => setOpen(false)}
      />
    </>
  );
}
