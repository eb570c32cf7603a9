import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { actOnTicket, type TicketCommand, type TicketPage, ticketQuery } from '../../../api/tickets.js';
import { useLabel } from '../../../i18n/use-language.js';
import { useProblemText } from '../../../ui/problem-text.js';
import { ReasonDialog } from '../../parts/ReasonDialog.js';
import { refusalOf } from '../work/refusal.js';

type One = TicketPage['unbegun'][number];

/** Actions that wait until begun tickets are over: why a button is not there. */
export function HeldUp({ page }: { page: TicketPage }) {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  if (page.heldUp.length === 0) return null;
  return (
    <ul className="held-up small">
      {page.heldUp.map(({ action, count }) => (
        <li key={action.zh}>{t('unbegun.waits', { action: label(action), count })}</li>
      ))}
    </ul>
  );
}

/** Linked processes that could not begin: why, and once more or not at all. */
export function UnbegunList({ page }: { page: TicketPage }) {
  if (page.unbegun.length === 0) return null;
  return (
    <ul className="unbegun-list">
      {page.unbegun.map((one) => (
        <Unbegun key={one.of} page={page} one={one} />
      ))}
    </ul>
  );
}

function Unbegun({ page, one }: { page: TicketPage; one: One }) {
  const { t } = useTranslation('tickets');
  const { message } = App.useApp();
  const client = useQueryClient();
  const label = useLabel();
  const [isOpen, setOpen] = useState(false);
  const { of } = one;
  const run = useMutation({
    mutationFn: (command: TicketCommand) => actOnTicket(page, command),
    onSuccess: (next, command) => {
      client.setQueryData(ticketQuery(page.id).queryKey, next);
      void client.invalidateQueries({ queryKey: ['tickets'] });
      setOpen(false);
      const isStill = next.unbegun.some((other) => other.of === of);
      if (isStill) void message.warning(t('unbegun.still'));
      else void message.success(t(command.do === 'begin' ? 'unbegun.begun' : 'unbegun.dropped'));
    },
    // Somebody acted meanwhile: what there is now is read.
    onError: () => void client.invalidateQueries({ queryKey: ['tickets'] }),
  });
  const problem = useProblemText(run.error);
  const refusal = refusalOf(run.error)?.code;
  const said = run.error ? (
    <p role="alert" className="problem-inline small">
      {refusal === 'not_offered' ? t('unbegun.why.rule_gone') : `${problem.what} ${problem.next}`}
    </p>
  ) : null;
  const kind = one.kind ? label(one.kind.label) || one.kind.code : '';
  const name = label(one.label);
  return (
    <li className="unbegun">
      <p>
        <span className="problem-inline">{t('unbegun.title', { name })}</span>
        <span className="soft small"> {t(`unbegun.why.${one.why}`, { kind, about: one.about ?? '' })}</span>
      </p>
      {one.mayTry ? (
        <div className="row row-wrap">
          <Button
            size="small"
            loading={run.isPending && run.variables.do === 'begin'}
            onClick={() => run.mutate({ do: 'begin', of })}
          >
            {t('unbegun.again')}
          </Button>
          <Button
            size="small"
            type="text"
            onClick={() => {
              run.reset();
              setOpen(true);
            }}
          >
            {t('unbegun.drop')}
          </Button>
        </div>
      ) : null}
      {isOpen ? null : said}
      <ReasonDialog
        open={isOpen}
        title={t('unbegun.dropTitle', { name })}
        hint={t('unbegun.dropHint')}
        act={t('unbegun.drop')}
        asks={t('unbegun.reason')}
        isPending={run.isPending}
        problem={said}
        onReason={(reason) => run.mutate({ do: 'dropBegin', of, opinion: reason })}
        onClose={() => setOpen(false)}
      />
    </li>
  );
}
