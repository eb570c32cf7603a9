import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { type DecisionInput, decide, type ReviewDetail, type ReviewItem, undoDecision } from '../../api/review.js';

interface DeskActions {
  item: ReviewDetail | undefined;
  /** The next that waits. */
  nextOpen: () => string | undefined;
  onGo: (id: string) => void;
  onStale: () => void;
}

/** Deciding and taking back; goes on to the next by itself, and offers the way back for a while. */
export function useDeskActions({ item, nextOpen, onGo, onStale }: DeskActions) {
  const { t } = useTranslation('video');
  const client = useQueryClient();
  const { message } = App.useApp();
  const settle = (detail: ReviewDetail) => {
    client.setQueryData(['review', 'one', detail.id], detail);
    void client.invalidateQueries({ queryKey: ['review', 'list'] });
    void client.invalidateQueries({ queryKey: ['vision', 'statistics'] });
  };
  const undo = useMutation({
    mutationFn: (of: Pick<ReviewItem, 'id' | 'version'>) => undoDecision(of),
    onSuccess: (detail) => {
      message.destroy('decided');
      settle(detail);
      onGo(detail.id);
    },
    onError: () => void client.invalidateQueries({ queryKey: ['review'] }),
  });
  const decision = useMutation({
    mutationFn: (input: DecisionInput) => decide(item as ReviewDetail, input),
    onSuccess: (detail) => {
      const next = nextOpen();
      settle(detail);
      void message.open({
        type: 'success',
        key: 'decided',
        duration: 6,
        content: (
          <span className="row">
            {t('done', { number: detail.number, decision: t(`decision.${detail.decision ?? 'open'}`) })}
            <Button size="small" type="link" onClick={() => undo.mutate(detail)}>
              {t('undo')}
            </Button>
          </span>
        ),
      });
      onGo(next ?? detail.id);
    },
    onError: onStale,
  });
  return { decision, undo };
}
