import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { actOnTickets, type TicketRow } from '../../api/tickets.js';
import { useProblemText } from '../../ui/problem-text.js';
import { useBatchWhy } from './batch/use-batch-why.js';

export type Press = 'remind' | 'instruct';

interface PressDialogProps {
  press: Press;
  rows: TicketRow[];
  onClose: () => void;
}

/** A reminder or a leader's instruction to whoever has them. */
export function PressDialog({ press, rows, onClose }: PressDialogProps) {
  const { t } = useTranslation('tickets');
  const { message } = App.useApp();
  const client = useQueryClient();
  const [words, setWords] = useState('');
  const why = useBatchWhy();
  const run = useMutation({
    mutationFn: () => {
      const opinion = words.trim();
      return actOnTickets(
        rows.map((row) => ({
          ticketId: row.id,
          seq: row.seq,
          command: press === 'instruct' ? { do: press, opinion } : { do: press, ...(opinion ? { opinion } : {}) },
        })),
      );
    },
    onSuccess: ({ results }) => {
      void client.invalidateQueries({ queryKey: ['tickets'] });
      if (results.some(({ ok }) => !ok)) return;
      void message.success(t('supervision.done', { act: t(`do.${press}`), count: results.length }));
      onClose();
    },
  });
  const problem = useProblemText(run.error);
  const failed = run.data?.results.filter(({ ok }) => !ok) ?? [];
  return (
    <Modal
      open
      title={t('batch.title', { act: t(`do.${press}`), count: rows.length })}
      okText={t(`do.${press}`)}
      okButtonProps={{ disabled: press === 'instruct' && !words.trim() }}
      confirmLoading={run.isPending}
      onOk={() => run.mutate()}
      onCancel={onClose}
    >
      <div className="stack">
        <p className="soft">{rows.length === 1 ? rows[0]?.title : t('supervision.several', { count: rows.length })}</p>
        <Input.TextArea
          autoFocus
          autoSize={{ minRows: 3, maxRows: 8 }}
          maxLength={2_000}
          value={words}
          placeholder={t(`supervision.words.${press}`)}
          aria-label={t(`supervision.words.${press}`)}
          onChange={(event) => setWords(event.target.value)}
        />
        {failed.map((result) => (
          <p key={result.ticketId} role="alert" className="problem-inline small">
            {rows.find(({ id }) => id === result.ticketId)?.number} {why(result)}
          </p>
        ))}
        {run.error ? (
          <p role="alert" className="problem-inline">
            {problem.what} {problem.next}
          </p>
        ) : null}
      </div>
    </Modal>
  );
}
