import { Checkbox } from 'antd';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { ReviewItem } from '../../api/review.js';
import { formatClock, formatExact } from '../../format/time.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { severityLooks } from '../looks.js';
import { DecisionMark } from './DecisionMark.js';
import { useAlgorithmName } from './use-algorithm-name.js';

interface ReviewQueueProps {
  items: ReviewItem[];
  openId: string | undefined;
  onOpen: (item: ReviewItem) => void;
  more: { has: boolean; loading: boolean; load: () => void };
  /** Left out: nobody may pick. */
  picking?: { picked: ReadonlySet<string>; onPick: (item: ReviewItem, isRange: boolean) => void } | undefined;
}

/** What waits, by day; the one that is open stays in sight. */
export function ReviewQueue({ items, openId, onOpen, more, picking }: ReviewQueueProps) {
  const { t } = useTranslation(['video', 'common', 'review']);
  const algorithm = useAlgorithmName();
  const list = useRef<HTMLOListElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list follows what is open
  useEffect(() => {
    const open = list.current?.querySelector<HTMLElement>('[aria-current="true"]');
    if (!list.current || !open) return;
    // Not scrollIntoView: where all stands in one column it would scroll the picture away.
    const top = open.offsetTop - list.current.offsetTop;
    const { scrollTop, clientHeight } = list.current;
    if (top < scrollTop) list.current.scrollTop = top;
    else if (top + open.offsetHeight > scrollTop + clientHeight) {
      list.current.scrollTop = top + open.offsetHeight - clientHeight;
    }
    list.current.closest('.desk')?.scrollTo(0, 0);
  }, [openId]);
  const now = Date.now();
  return (
    <ol
      className={picking && picking.picked.size > 0 ? 'queue is-picking' : 'queue'}
      ref={list}
      aria-label={t('queue')}
      onScroll={({ currentTarget }) => {
        const left = currentTarget.scrollHeight - currentTarget.scrollTop - currentTarget.clientHeight;
        if (left < 240 && more.has && !more.loading) more.load();
      }}
    >
      {items.map((item) => {
        const [rule] = item.rules;
        return (
          <li key={item.id} className={picking?.picked.has(item.id) ? 'queue-row is-picked' : 'queue-row'}>
            {picking ? (
              <Checkbox
                className="queue-pick"
                checked={picking.picked.has(item.id)}
                disabled={item.state === 'decided'}
                aria-label={t('review:bulk.pick', { number: item.number })}
                onChange={({ nativeEvent }) => picking.onPick(item, (nativeEvent as MouseEvent).shiftKey)}
              />
            ) : null}
            <button
              type="button"
              className={item.id === openId ? 'queue-item is-open' : 'queue-item'}
              aria-current={item.id === openId}
              onClick={() => onOpen(item)}
            >
              <span className="queue-line">
                <StatusMark {...severityLooks[item.severity]} word={t(`common:severity.${item.severity}`)} bare />
                <span className="clip grow">{rule ? rule.name : item.number}</span>
                <time className="small faint nowrap" title={formatExact(item.startedAt, item.timeZone)}>
                  {formatClock(item.startedAt, now, item.timeZone).slice(0, -3)}
                </time>
              </span>
              <span className="queue-line small soft">
                <span className="clip grow">
                  {item.deviceName} · {rule ? algorithm(rule.algorithm) : item.hallName}
                </span>
                {item.findings > 1 ? (
                  <span className="queue-count">{t('findings', { count: item.findings })}</span>
                ) : null}
                {item.goesOn ? <span className="queue-live">{t('goesOn')}</span> : null}
              </span>
              {item.decision ? (
                <span className="queue-line small">
                  <DecisionMark decision={item.decision} />
                </span>
              ) : null}
            </button>
          </li>
        );
      })}
      {more.loading ? <li className="queue-more small faint">{t('common:loadingMore')}</li> : null}
    </ol>
  );
}
