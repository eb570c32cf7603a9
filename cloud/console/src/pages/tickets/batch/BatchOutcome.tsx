import { Button, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import type { BatchResult, TicketRow } from '../../../api/tickets.js';
import { useBatchWhy } from './use-batch-why.js';

interface BatchOutcomeProps {
  results: BatchResult[];
  rows: readonly Pick<TicketRow, 'id' | 'number' | 'title'>[];
  onClose: () => void;
}

/** Those of several tickets that were left as they were, each with why. */
export function BatchOutcome({ results, rows, onClose }: BatchOutcomeProps) {
  const { t } = useTranslation(['tickets', 'common']);
  const why = useBatchWhy();
  const failed = results.filter(({ ok }) => !ok);
  const rowOf = (result: BatchResult) => rows.find(({ id }) => id === result.ticketId);
  return (
    <Modal
      open
      title={t('batch.partly', { done: results.length - failed.length, count: results.length })}
      onCancel={onClose}
      footer={
        <Button type="primary" onClick={onClose}>
          {t('common:close')}
        </Button>
      }
    >
      <ul className="batch-list">
        {failed.map((result) => (
          <li key={result.ticketId} className="batch-line">
            <code className="small">{rowOf(result)?.number}</code>
            <span className="clip grow">{rowOf(result)?.title}</span>
            <span className="problem-inline small">{why(result)}</span>
          </li>
        ))}
      </ul>
    </Modal>
  );
}
