import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { actOnTickets, type TicketRow } from '../../../api/tickets.js';
import { useProblemText } from '../../../ui/problem-text.js';
import { PartyPicker } from '../work/PartyPicker.js';
import { BatchOutcome } from './BatchOutcome.js';
import { type BatchAct, type BatchInput, batchCommand, isBatchReady } from './batch-acts.js';

interface BatchDialogProps {
  act: BatchAct;
  rows: TicketRow[];
  onClose: (isDone: boolean) => void;
}

const mostNamed = 8;

/** The last look before an act on several tickets, and afterwards how it went with each. */
export function BatchDialog({ act, rows: given, onClose }: BatchDialogProps) {
  const { t } = useTranslation('tickets');
  const client = useQueryClient();
  // The list behind goes on living: what was looked at here is what is acted on.
  const [rows] = useState(given);
  const [input, setInput] = useState<BatchInput>({ opinion: '', to: undefined });
  const run = useMutation({
    mutationFn: () =>
      actOnTickets(rows.map((row) => ({ ticketId: row.id, seq: row.seq, command: batchCommand(act, row, input) }))),
    onSuccess: ({ results }) => {
      void client.invalidateQueries({ queryKey: ['tickets'] });
      if (results.every(({ ok }) => ok)) onClose(true);
    },
  });
  const problem = useProblemText(run.error);
  const results = run.data?.results;
  const word = t(`batch.act.${act}`);
  if (results?.some(({ ok }) => !ok))
    return <BatchOutcome results={results} rows={rows} onClose={() => onClose(true)} />;
  const first = rows[0];
  return (
    <Modal
      open
      title={t('batch.title', { act: word, count: rows.length })}
      okText={t('batch.ok', { act: word, count: rows.length })}
      okButtonProps={{ disabled: !isBatchReady(act, input) }}
      confirmLoading={run.isPending}
      onOk={() => run.mutate()}
      onCancel={() => onClose(false)}
    >
      <div className="stack">
        <ul className="batch-list">
          {rows.slice(0, mostNamed).map((row) => (
            <li key={row.id} className="batch-line">
              <code className="small">{row.number}</code>
              <span className="clip grow">{row.title}</span>
            </li>
          ))}
          {rows.length > mostNamed ? (
            <li className="small faint">{t('batch.more', { count: rows.length - mostNamed })}</li>
          ) : null}
        </ul>
        {act === 'transfer' && first ? (
          <PartyPicker
            ticketId={first.id}
            label={t('act.parties')}
            most={1}
            value={input.to ? [input.to] : []}
            onChange={([to]) => setInput({ ...input, to })}
          />
        ) : null}
        {act === 'sign' ? null : (
          <Input.TextArea
            autoSize={{ minRows: 2, maxRows: 6 }}
            maxLength={2_000}
            value={input.opinion}
            placeholder={t('act.opinion')}
            aria-label={t('act.opinion')}
            onChange={(event) => setInput({ ...input, opinion: event.target.value })}
          />
        )}
        {run.error ? (
          <p role="alert" className="problem-inline">
            {problem.what} {problem.next}
          </p>
        ) : null}
      </div>
    </Modal>
  );
}
