import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Checkbox, Input, Modal, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { actOnTickets, mostActsAtOnce, type TicketPage, type TicketRow } from '../../../api/tickets.js';
import { useProblemText } from '../../../ui/problem-text.js';
import { BatchOutcome } from '../batch/BatchOutcome.js';
import { FieldForm } from '../work/FieldForm.js';
import { useActName } from '../work/use-act-name.js';
import { useDraft } from '../work/use-draft.js';
import { answerActs, answerOffers, isAnswerReady, sharedKeys } from './answer-acts.js';

interface AnswerDialogProps {
  page: TicketPage;
  rows: readonly TicketRow[];
  onClose: () => void;
}

/** Nothing personal is shared. */
const nonePersonal: ReadonlySet<string> = new Set();

/** One result, written once, for all tickets of an event that wait for the same act. */
export function AnswerDialog({ page: given, rows: all, onClose }: AnswerDialogProps) {
  const { t } = useTranslation(['tickets', 'common']);
  const { message } = App.useApp();
  const client = useQueryClient();
  const name = useActName();
  // What is behind goes on living: what was looked at here is what is acted on.
  const [{ page, rows }] = useState({ page: given, rows: all.slice(0, mostActsAtOnce) });
  const offers = answerOffers(page);
  const [action, setAction] = useState(offers[0]?.action);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set(rows.map(({ id }) => id)));
  // What was typed into the ticket's own form is not typed again.
  const draft = useDraft(page.id, nonePersonal);
  const [fields, setFields] = useState<Record<string, unknown>>({ ...page.fields, ...draft.fields });
  const [opinion, setOpinion] = useState('');
  const offer = offers.find((one) => one.action === action) ?? offers[0];
  const chosen = rows.filter(({ id }) => picked.has(id));
  const run = useMutation({
    mutationFn: async () =>
      offer ? (await actOnTickets(answerActs(page, { offer, rows: chosen, fields, opinion }))).results : [],
    onSuccess: (results) => {
      void client.invalidateQueries({ queryKey: ['tickets'] });
      if (results.some(({ ticketId, ok }) => ok && ticketId === page.id)) draft.clear();
      if (!results.every(({ ok }) => ok)) return;
      void message.success(t('event.answered', { count: results.length }));
      onClose();
    },
  });
  const problem = useProblemText(run.error);
  if (run.data?.some(({ ok }) => !ok)) return <BatchOutcome results={run.data} rows={rows} onClose={onClose} />;
  if (!offer) return null;
  const keys = sharedKeys(page, offer);
  const word = name(offer);
  return (
    <Modal
      open
      title={t('event.answer')}
      okText={t('batch.ok', { act: word, count: chosen.length })}
      okButtonProps={{ disabled: !isAnswerReady(page, { offer, rows: chosen, fields, opinion }), danger: offer.grave }}
      confirmLoading={run.isPending}
      onOk={() => run.mutate()}
      onCancel={onClose}
      width={640}
    >
      <div className="stack">
        {offers.length > 1 ? (
          <Segmented
            className="field-segments"
            aria-label={t('act.label')}
            options={offers.map((one) => ({ value: one.action ?? '', label: name(one) }))}
            value={offer.action ?? ''}
            onChange={setAction}
          />
        ) : null}
        {keys.length > 0 ? (
          <FieldForm
            document={page.document}
            keys={keys}
            required={offer.required}
            value={(key) => fields[key]}
            onChange={(key, value) => setFields((was) => ({ ...was, [key]: value }))}
            problems={{}}
          />
        ) : null}
        {offer.opinion === 'no' ? null : (
          <Input.TextArea
            autoSize={{ minRows: 2, maxRows: 6 }}
            maxLength={2_000}
            value={opinion}
            placeholder={t('act.opinion')}
            aria-label={t('act.opinion')}
            onChange={(event) => setOpinion(event.target.value)}
          />
        )}
        <ul className="batch-list event-picks">
          {rows.map((row) => (
            <li key={row.id} className="batch-line">
              <Checkbox
                checked={picked.has(row.id)}
                onChange={({ target }) =>
                  setPicked(
                    (was) => new Set(target.checked ? [...was, row.id] : [...was].filter((id) => id !== row.id)),
                  )
                }
              >
                <code className="small">{row.number}</code> {row.title || t('untitled')}
              </Checkbox>
            </li>
          ))}
        </ul>
        {run.error ? (
          <p role="alert" className="problem-inline">
            {problem.what} {problem.next}
          </p>
        ) : null}
      </div>
    </Modal>
  );
}
