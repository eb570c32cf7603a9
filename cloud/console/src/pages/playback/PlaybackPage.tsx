import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Button, Input, Select } from 'antd';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { dayEventsQuery, recordedQuery } from '../../api/recordings.js';
import { type CameraSummary, cameraQuery, camerasQuery } from '../../api/vision.js';
import { PageLoading } from '../../app/PageStates.js';
import { anyText, useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import { usePlace, usePlaces } from '../../app/use-place.js';
import { boundsOf, dayOf, isDay, shiftDay } from '../../format/day-in-zone.js';
import { Page } from '../../ui/Page.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { useNow } from '../../ui/use-now.js';
import { useAllPages } from '../parts/use-all-pages.js';
import { VideoTabs } from '../video/VideoTabs.js';
import { Playback } from './Playback.js';
import './playback.css';

const searchSchema = z.object({ camera: anyText, day: anyText, at: anyText });

/** What cameras recorded, played from the units that keep it. */
export default function PlaybackPage() {
  const { t } = useTranslation('playback');
  const { hallId } = usePlace();
  const [search, setSearch] = useSearchState(searchSchema);
  const query = useInfiniteQuery(camerasQuery({ hallId }));
  const cameras = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  useAllPages(query, cameras.length);
  const listed = cameras.find(({ deviceId }) => deviceId === search.camera);
  // An address names one camera, wherever it stands: no other is shown in its place.
  const isElsewhere = query.data !== undefined && Boolean(search.camera) && !listed;
  const asked = useQuery({ ...cameraQuery(search.camera ?? ''), enabled: isElsewhere });
  const camera = listed ?? (isElsewhere ? asked.data : cameras[0]);
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (isElsewhere && asked.error) return <ErrorState error={asked.error} onRetry={() => void asked.refetch()} />;
  if (!query.data || (isElsewhere && !asked.data)) return <PageLoading />;
  return (
    <Page title={t('title')} tabs={<VideoTabs active="playback" />} fill>
      {camera ? (
        <CameraDay
          key={camera.deviceId}
          camera={camera}
          cameras={listed || !isElsewhere ? cameras : [camera, ...cameras]}
          day={search.day}
          at={search.at}
          onChoose={(choice) => setSearch({ at: undefined, ...choice })}
        />
      ) : (
        <Empty icon="camera" title={t('none')} hint={t('noneHint')} />
      )}
    </Page>
  );
}

interface CameraDayProps {
  camera: CameraSummary;
  cameras: CameraSummary[];
  day: string | undefined;
  at: string | undefined;
  onChoose: (choice: { camera?: string; day?: string; at?: string }) => void;
}

/** One camera's day: the hall's, by its clock. */
function CameraDay({ camera, cameras, day: asked, at: askedAt, onChoose }: CameraDayProps) {
  const { t } = useTranslation('playback');
  const may = useRights();
  const places = usePlaces();
  const zone = places.find(({ id }) => id === camera.hallId)?.timeZone ?? 'Asia/Shanghai';
  const now = useNow(30_000);
  const today = dayOf(now, zone);
  const at = askedAt === undefined ? Number.NaN : Date.parse(askedAt);
  const day = !Number.isNaN(at) ? dayOf(at, zone) : isDay(asked) && asked <= today ? asked : today;
  const bounds = useMemo(() => boundsOf(day, zone), [day, zone]);
  const recorded = useQuery(recordedQuery(camera.deviceId, bounds));
  const events = useQuery({ ...dayEventsQuery(camera.deviceId, bounds), enabled: may('vision.read') });
  return (
    <div className="playback">
      <div className="row row-wrap">
        <Select
          className="playback-camera"
          aria-label={t('camera')}
          showSearch
          optionFilterProp="label"
          value={camera.deviceId}
          options={cameras.map(({ deviceId, name, hallName }) => ({ value: deviceId, label: `${name} · ${hallName}` }))}
          onChange={(deviceId) => onChoose({ camera: deviceId, day })}
        />
        <span className="row">
          <Button aria-label={t('dayBefore')} onClick={() => onChoose({ day: shiftDay(day, -1) })}>
            ‹
          </Button>
          <Input
            className="playback-day"
            type="date"
            aria-label={t('day')}
            value={day}
            max={today}
            onChange={({ target }) => isDay(target.value) && onChoose({ day: target.value })}
          />
          <Button
            aria-label={t('dayAfter')}
            disabled={day >= today}
            onClick={() => onChoose({ day: shiftDay(day, 1) })}
          >
            ›
          </Button>
        </span>
        <span className="small faint">{t('zone', { zone })}</span>
      </div>
      <Playback
        key={`${camera.deviceId} ${day}`}
        camera={camera}
        day={bounds}
        zone={zone}
        at={Number.isNaN(at) ? undefined : at}
        recorded={recorded.data}
        error={recorded.error}
        onRetry={() => void recorded.refetch()}
        events={events.data ?? []}
      />
    </div>
  );
}
