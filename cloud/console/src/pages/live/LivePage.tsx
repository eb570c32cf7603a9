import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, Segmented } from 'antd';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { listing } from '../../api/listing.js';
import { PageLoading } from '../../app/PageStates.js';
import { anyText, oneOf, useSearchState } from '../../app/search-state.js';
import { usePlace } from '../../app/use-place.js';
import { useKeys } from '../../ui/keys.js';
import { Page } from '../../ui/Page.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { useAllPages } from '../parts/use-all-pages.js';
import { VideoTabs } from '../video/VideoTabs.js';
import { Wall, type WallCamera } from './Wall.js';
import './live.css';

const splits = ['1', '4', '9'] as const;
const searchSchema = z.object({ split: oneOf(splits), from: anyText, camera: anyText, boxes: oneOf(['1']) });

/** The cameras of the place chosen at the top, now: one, four or nine at a time. */
export default function LivePage() {
  const { t } = useTranslation('live');
  const { hallId } = usePlace();
  const [search, setSearch] = useSearchState(searchSchema);
  const query = useInfiniteQuery(listing<WallCamera>('vision', '/vision/cameras', { hallId, limit: 100 }));
  const cameras = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  useAllPages(query, cameras.length);
  const split = Number(search.split ?? '4');
  const single = cameras.find(({ deviceId }) => deviceId === search.camera);
  const pages = Math.max(1, Math.ceil(cameras.length / split));
  const page = Math.min(Math.max(Number(search.from ?? 0) || 0, 0), pages - 1);
  const shown = single ? [single] : cameras.slice(page * split, (page + 1) * split);
  const turn = (by: 1 | -1) => setSearch({ from: String((page + by + pages) % pages), camera: undefined });
  useKeys([
    { key: 'j', does: t('key.next'), run: () => turn(1) },
    { key: 'k', does: t('key.previous'), run: () => turn(-1) },
    ...splits.map((one) => ({
      key: one,
      does: t('key.split', { count: Number(one) }),
      run: () => setSearch({ split: one, camera: undefined, from: undefined }),
    })),
    { key: 'o', does: t('overlay'), run: () => setSearch({ boxes: search.boxes ? undefined : '1' }) },
    { key: 'Escape', does: t('key.wall'), run: () => setSearch({ camera: undefined }) },
  ]);
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <PageLoading />;
  return (
    <Page
      title={t('title')}
      tabs={<VideoTabs active="live" />}
      fill
      actions={
        cameras.length > 0 ? (
          <>
            {pages > 1 && !single ? (
              <span className="row">
                <Button onClick={() => turn(-1)} aria-label={t('key.previous')}>
                  ‹
                </Button>
                <span className="small nowrap">{t('page', { page: page + 1, pages })}</span>
                <Button onClick={() => turn(1)} aria-label={t('key.next')}>
                  ›
                </Button>
              </span>
            ) : null}
            <Button
              aria-pressed={search.boxes === '1'}
              type={search.boxes === '1' ? 'primary' : 'default'}
              onClick={() => setSearch({ boxes: search.boxes ? undefined : '1' })}
            >
              {t('overlay')}
            </Button>
            <Segmented
              aria-label={t('split')}
              value={single ? '1' : String(split)}
              options={splits.map((one) => ({ value: one, label: t('splitOf', { count: Number(one) }) }))}
              onChange={(one) =>
                setSearch({ split: one as (typeof splits)[number], camera: undefined, from: undefined })
              }
            />
          </>
        ) : null
      }
    >
      {cameras.length === 0 ? (
        <Empty icon="camera" title={t('none')} hint={t('noneHint')} />
      ) : (
        <Wall
          key={shown.map(({ deviceId }) => deviceId).join()}
          cameras={shown}
          columns={single ? 1 : Math.sqrt(split)}
          onOpen={(deviceId) => setSearch({ camera: single ? undefined : deviceId })}
          isSingle={single !== undefined}
          overlay={search.boxes === '1'}
        />
      )}
    </Page>
  );
}
