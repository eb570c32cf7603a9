import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, Segmented } from 'antd';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { listing } from '../../api/listing.js';
import { LiveVideo } from '../../api/live-video.js';
import { PageLoading } from '../../app/PageStates.js';
import { anyText, oneOf, useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import { usePlace } from '../../app/use-place.js';
import { Icon } from '../../ui/icons.js';
import { useKeys } from '../../ui/keys.js';
import { Page } from '../../ui/Page.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { VideoTabs } from '../video/VideoTabs.js';
import { type PictureHandle, WallPicture } from './WallPicture.js';
import './live.css';

const splits = ['1', '4', '9'] as const;
const searchSchema = z.object({ split: oneOf(splits), from: anyText, camera: anyText });

interface Camera {
  deviceId: string;
  name: string;
  hallName: string;
}

/** The cameras of the place chosen at the top, now: one, four or nine at a time. */
export default function LivePage() {
  const { t } = useTranslation('live');
  const { hallId } = usePlace();
  const [search, setSearch] = useSearchState(searchSchema);
  const query = useInfiniteQuery(listing<Camera>('vision', '/vision/cameras', { hallId, limit: 100 }));
  const cameras = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
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
        />
      )}
    </Page>
  );
}

interface WallProps {
  cameras: Camera[];
  columns: number;
  isSingle: boolean;
  onOpen: (deviceId: string) => void;
}

/** One socket for all the pictures of the wall; made anew when other cameras are shown. */
function Wall({ cameras, columns, isSingle, onOpen }: WallProps) {
  const { t } = useTranslation('live');
  const pictures = useRef<(PictureHandle | null)[]>([]);
  const [error, setError] = useState<unknown>();
  // The wall's key is the list of its cameras: the list does not change while it is mounted.
  const [deviceIds] = useState(() => cameras.map(({ deviceId }) => deviceId));
  const source = useRef<LiveVideo>(undefined);
  const [pays, setPays] = useState(false);
  const mayPay = useRights()('vision.write');
  useEffect(() => {
    const video = new LiveVideo(deviceIds, {
      onRecord: (index, record) => {
        setError(undefined);
        pictures.current[index]?.take(record);
      },
      onLost: (why) => {
        setError(why);
        for (const picture of pictures.current) picture?.lost();
      },
      despiteMetered: pays,
    });
    source.current = video;
    return () => video[Symbol.dispose]();
  }, [deviceIds, pays]);
  return (
    <>
      {error ? <ErrorState error={error} compact /> : null}
      <div className="live-wall" style={{ '--live-columns': columns } as React.CSSProperties}>
        {cameras.map((camera, index) => (
          <WallPicture
            key={camera.deviceId}
            ref={(handle) => {
              pictures.current[index] = handle;
            }}
            name={camera.name}
            place={camera.hallName}
            onCannotPlay={() => source.current?.ask(index, 'mpeg1')}
            onPay={mayPay && !pays ? () => setPays(true) : undefined}
            onOpen={() => onOpen(camera.deviceId)}
            action={
              <Button
                size="small"
                type="text"
                onClick={() => onOpen(camera.deviceId)}
                aria-label={t(isSingle ? 'smaller' : 'larger', { name: camera.name })}
                title={t(isSingle ? 'smaller' : 'larger', { name: camera.name })}
                icon={<Icon name={isSingle ? 'close' : 'open'} />}
              />
            }
          />
        ))}
      </div>
    </>
  );
}
