import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError } from '../../../api/api-error.js';
import { actOnTicket, type TicketPage, ticketQuery } from '../../../api/tickets.js';
import { Icon } from '../../../ui/icons.js';
import { useProblemText } from '../../../ui/problem-text.js';
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
  const { t } = useTranslation(['tickets', 'common']);
  const { message } = App.useApp();
  const client = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const { ticket } = link;
  // It is one link, from whichever end it is read.
  const how = link.how === 'caused' ? 'caused_by' : link.how;
  const run = useMutation({
    mutationFn: (way: Way) => actOnTicket(page, { do: 'unlink', ticket: ticket.id, how: way, opinion: reason.trim() }),
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
          setReason('');
          setOpen(true);
        }}
      />
      <Modal
        open={isOpen}
        title={t('unlink.title', { ticket: ticket.number })}
        okText={t('do.unlink')}
        cancelText={t('common:cancel')}
        okButtonProps={{ danger: true, disabled: !reason.trim() }}
        confirmLoading={run.isPending}
        onOk={() => run.mutate(how)}
        onCancel={() => setOpen(false)}
        destroyOnHidden
      >
        <div className="stack">
          <p className="soft">{t(how === 'same_event' ? 'unlink.hintEvent' : 'unlink.hint')}</p>
          <Input.TextArea
            autoFocus
            autoSize={{ minRows: 2, maxRows: 6 }}
            maxLength={2_000}
            value={reason}
            placeholder={t('unlink.reason')}
            aria-label={t('unlink.reason')}
            onChange={(event) => setReason(event.target.value)}
          />
          {said ? (
            <p role="alert" className="problem-inline">
              {said}
            </p>
          ) : null}
        </div>
      </Modal>
    </>
  );
}
