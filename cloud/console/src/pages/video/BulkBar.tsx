import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { decisions, type ReviewItem } from '../../api/review.js';
import { type BulkDecision, decideMany, type ManyResult, mostAtOnce, undoMany } from '../../api/review-desk.js';
import { formatClock } from '../../format/time.js';
import { useProblemText } from '../../ui/problem-text.js';

const bulkDecisions = decisions.filter((one): one is BulkDecision => one !== 'duplicate');
const mostNamed = 8;

interface BulkBarProps {
  picked: readonly ReviewItem[];
  onClear: () => void;
}

/** What is picked, and what to make of it. */
export function BulkBar({ picked, onClear }: BulkBarProps) {
  const { t } = useTranslation(['review', 'video']);
  const { message } = App.useApp();
  const client = useQueryClient();
  const [decision, setDecision] = useState<BulkDecision>();
  const [failed, setFailed] = useState<ManyResult['items']>([]);
  const refetch = () => {
    void client.invalidateQueries({ queryKey: ['review'] });
    void client.invalidateQueries({ queryKey: ['vision', 'statistics'] });
  };
  const undo = useMutation({
    mutationFn: (items: { id: string; version: number }[]) => undoMany(items),
    onSettled: refetch,
    onSuccess: ({ done }) => void message.info(t('bulk.undone', { count: done })),
  });
  const onDone = (result: ManyResult, chosen: BulkDecision) => {
    setDecision(undefined);
    onClear();
    refetch();
    const numbers = new Map(picked.map(({ id, number }) => [id, number]));
    setFailed(
      result.items
        .filter((one) => one.result !== 'done')
        .map((one) => ({ ...one, number: numbers.get(one.id) ?? one.number })),
    );
    const done = result.items.flatMap(({ id, version, result: of }) =>
      of === 'done' && version !== null ? [{ id, version }] : [],
    );
    if (done.length === 0) return;
    void message.open({
      ...{ type: 'success', key: 'bulk', duration: 8 },
      content: (
        <span className="row">
          {t('bulk.done', { count: done.length, decision: t(`video:decision.${chosen}`) })}
          <Button
            size="small"
            type="link"
            onClick={() => {
              message.destroy('bulk');
              undo.mutate(done);
            }}
          >
            {t('video:undo')}
          </Button>
        </span>
      ),
    });
  };
  return (
    <>
      {picked.length > 0 ? (
        <div className="bulk-bar" role="toolbar" aria-label={t('bulk.picked', { count: picked.length })}>
          <div className="row">
            <span className="grow">
              {t('bulk.picked', { count: picked.length })}
              {picked.length >= mostAtOnce ? (
                <span className="small faint"> · {t('bulk.most', { count: mostAtOnce })}</span>
              ) : null}
            </span>
            <Button size="small" type="link" onClick={onClear}>
              {t('bulk.clear')}
            </Button>
          </div>
          <div className="bulk-buttons">
            {bulkDecisions.map((one) => (
              <Button key={one} onClick={() => setDecision(one)}>
                {t(`video:decide_.${one}`)}
              </Button>
            ))}
          </div>
        </div>
      ) : null}
      {decision ? (
        <BulkConfirm
          items={picked}
          decision={decision}
          onDone={(result) => onDone(result, decision)}
          onClose={() => setDecision(undefined)}
        />
      ) : null}
      <Failed items={failed} onClose={() => setFailed([])} />
    </>
  );
}

interface BulkConfirmProps {
  items: readonly ReviewItem[];
  decision: BulkDecision;
  onDone: (result: ManyResult) => void;
  onClose: () => void;
}

/** The last look: which, and what of them. */
function BulkConfirm({ items, decision, onDone, onClose }: BulkConfirmProps) {
  const { t } = useTranslation(['review', 'video']);
  const [opinion, setOpinion] = useState('');
  const run = useMutation({
    mutationFn: () => decideMany({ decision, items, ...(opinion.trim() ? { opinion: opinion.trim() } : {}) }),
    onSuccess: onDone,
  });
  const problem = useProblemText(run.error);
  const word = t(`video:decision.${decision}`);
  return (
    <Modal
      open
      title={t('bulk.title', { count: items.length, decision: word })}
      okText={t('bulk.ok', { count: items.length })}
      confirmLoading={run.isPending}
      onOk={() => run.mutate()}
      onCancel={onClose}
      destroyOnHidden
    >
      <div className="stack">
        <ul className="bulk-list">
          {items.slice(0, mostNamed).map((item) => (
            <li key={item.id} className="queue-line">
              <code className="small">{item.number}</code>
              <span className="clip grow">
                {item.rules[0]?.name} · {item.deviceName}
              </span>
              <span className="small faint nowrap">
                {formatClock(item.startedAt, Date.now(), item.timeZone).slice(0, -3)}
              </span>
            </li>
          ))}
          {items.length > mostNamed ? (
            <li className="small faint">{t('bulk.more', { count: items.length - mostNamed })}</li>
          ) : null}
        </ul>
        <Input
          autoFocus
          value={opinion}
          maxLength={1_000}
          placeholder={t('video:opinionHint')}
          aria-label={t('video:opinion')}
          onChange={(event) => setOpinion(event.target.value)}
          onPressEnter={() => run.mutate()}
        />
        <p className="small soft">{t('bulk.hint')}</p>
        {run.error ? (
          <p role="alert" className="problem-inline">
            {problem.what} {problem.next}
          </p>
        ) : null}
      </div>
    </Modal>
  );
}

/** What could not be marked, and why, one by one. */
function Failed({ items, onClose }: { items: ManyResult['items']; onClose: () => void }) {
  const { t } = useTranslation(['review', 'video']);
  const why = ({ result, by }: ManyResult['items'][number]) => {
    if (result === 'done') return '';
    return result === 'conflict' && by ? t('bulk.result.conflictBy', { name: by }) : t(`bulk.result.${result}`);
  };
  return (
    <Modal
      open={items.length > 0}
      title={t('bulk.failedTitle', { count: items.length })}
      footer={
        <Button type="primary" onClick={onClose}>
          {t('bulk.close')}
        </Button>
      }
      onCancel={onClose}
    >
      <ul className="bulk-list">
        {items.map((item) => (
          <li key={item.id} className="queue-line">
            <code className="small">{item.number ?? item.id.slice(-8)}</code>
            <span className="grow">{why(item)}</span>
          </li>
        ))}
      </ul>
    </Modal>
  );
}
