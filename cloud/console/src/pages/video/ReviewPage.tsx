import { useTranslation } from 'react-i18next';
import { reviewsQuery } from '../../api/review.js';
import { useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import { usePlace } from '../../app/use-place.js';
import { Page } from '../../ui/Page.js';
import { Skeleton, SkeletonLines } from '../../ui/Skeleton.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { useListing } from '../parts/list-state.js';
import { BulkBar } from './BulkBar.js';
import { Desk } from './Desk.js';
import { ExportButton } from './ExportButton.js';
import { ReviewFilters } from './ReviewFilters.js';
import { ReviewQueue } from './ReviewQueue.js';
import { countNarrowing, reviewFilter, reviewSearchSchema } from './review-search.js';
import { usePicking } from './use-picking.js';
import { VideoTabs } from './VideoTabs.js';
import './review.css';
import './stage.css';
import './decision.css';

/** What cameras found, one after the other: look, decide, next. Everything by keyboard. */
export default function ReviewPage() {
  const { t } = useTranslation('video');
  const { hallId } = usePlace();
  const may = useRights();
  const [search, setSearch] = useSearchState(reviewSearchSchema);
  const filter = reviewFilter(search, hallId);
  const list = useListing(reviewsQuery({ ...filter, order: search.order ?? 'newest' }));
  const items = list.rows ?? [];
  const openId = search.id ?? items[0]?.id;
  const picking = usePicking(items);
  const isNarrowed = countNarrowing(search) > 0 || filter.state !== 'open';
  const openItem = items.find(({ id }) => id === openId);
  return (
    <Page
      title={t('review.title')}
      tabs={<VideoTabs active="review" />}
      fill
      actions={<ExportButton filter={filter} />}
    >
      <div className="desk-page">
        <ReviewFilters search={search} hallId={hallId} onChange={setSearch} />
        <div className="desk">
          <aside className="desk-list" aria-label={t('queue')}>
            {list.error ? (
              <ErrorState error={list.error} onRetry={list.onRetry} compact />
            ) : list.rows === undefined ? (
              <div className="queue-loading">
                <SkeletonLines lines={10} />
              </div>
            ) : items.length === 0 ? (
              isNarrowed ? (
                <Empty icon="filter" title={t('none.title')} hint={t('none.hint')} />
              ) : (
                <Empty icon="check" title={t('empty.title')} hint={t('empty.hint')} />
              )
            ) : (
              <ReviewQueue
                items={items}
                openId={openId}
                onOpen={({ id }) => setSearch({ id })}
                more={list.more}
                picking={may('review.write') ? { picked: picking.ids, onPick: picking.pick } : undefined}
              />
            )}
            <BulkBar picked={picking.picked} onClear={picking.clear} />
          </aside>
          {openId ? (
            <Desk
              key={openId}
              itemId={openId}
              items={items}
              onGo={(id) => setSearch({ id })}
              onPick={openItem?.state === 'open' ? () => picking.pick(openItem) : undefined}
            />
          ) : (
            <div className="desk-rest">
              {list.rows === undefined && !list.error ? <Skeleton width="100%" height={360} /> : null}
            </div>
          )}
        </div>
      </div>
    </Page>
  );
}
