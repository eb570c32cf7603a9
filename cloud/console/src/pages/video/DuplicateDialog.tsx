import { useInfiniteQuery } from '@tanstack/react-query';
import { Modal, Radio } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ReviewItem, reviewsQuery } from '../../api/review.js';
import { formatStamp } from '../../format/time.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { DecisionMark } from './DecisionMark.js';

interface DuplicateDialogProps {
  item: ReviewItem;
  onChoose: (itemId: string) => void;
  onClose: () => void;
}

/** Which item has the same already: the camera's last ones, the nearest before it first. */
export function DuplicateDialog({ item, onChoose, onClose }: DuplicateDialogProps) {
  const { t } = useTranslation('video');
  const query = useInfiniteQuery(reviewsQuery({ deviceId: item.deviceId, to: item.lastAt, limit: 20 }));
  const others = (query.data?.pages[0]?.items ?? []).filter(({ id }) => id !== item.id);
  const [chosen, setChosen] = useState<string>();
  const value = chosen ?? others[0]?.id;
  return (
    <Modal
      open
      title={t('duplicate.title')}
      okText={t('duplicate.ok')}
      okButtonProps={{ disabled: value === undefined }}
      onOk={() => value && onChoose(value)}
      onCancel={onClose}
      destroyOnHidden
    >
      {query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
      ) : !query.data ? (
        <SkeletonLines lines={4} />
      ) : others.length === 0 ? (
        <Empty title={t('duplicate.none')} hint={t('duplicate.noneHint')} />
      ) : (
        <Radio.Group className="duplicate-list" value={value} onChange={(event) => setChosen(event.target.value)}>
          {others.map((other) => (
            <Radio key={other.id} value={other.id} autoFocus={other.id === value}>
              <span className="row">
                <span className="nowrap">{formatStamp(other.startedAt, item.timeZone)}</span>
                <span className="clip">{other.rules[0]?.name}</span>
                <DecisionMark decision={other.decision} />
              </span>
            </Radio>
          ))}
        </Radio.Group>
      )}
    </Modal>
  );
}
