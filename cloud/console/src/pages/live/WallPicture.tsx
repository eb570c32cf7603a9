import { type LiveSight, type LiveTracks, liveSightSchema, liveTracksSchema } from '@hallhub/shared/vision';
import { Button } from 'antd';
import { type Ref, useCallback, useEffect, useImperativeHandle, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/icons.js';
import { type FeedState, jsonOf, PictureFeed } from './picture-feed.js';
import { SightNote } from './SightNote.js';
import { TrackOverlay } from './TrackOverlay.js';
import { TrackKeeper } from './track-keeper.js';

export type PictureHandle = Pick<PictureFeed, 'take'> & { lost: () => void };

interface WallPictureProps {
  ref: Ref<PictureHandle>;
  name: string;
  /** Draws what is followed over the picture; left out: no. */
  overlayOf?: string | undefined;
  onSight?: ((sight: LiveSight) => void) | undefined;
  place?: string | undefined;
  /** What stands in the corner: to take the whole wall, or to leave it. */
  action?: React.ReactNode;
  onOpen?: (() => void) | undefined;
  /** This browser cannot play what the camera sends. */
  onCannotPlay?: (() => void) | undefined;
  /** The unit's line is paid for by volume; left out: this person may not spend that. */
  onPay?: (() => void) | undefined;
}

/** One camera, now: its picture, or why there is none. */
export function WallPicture(props: WallPictureProps) {
  const { ref, name, place, action, overlayOf, onOpen, onSight, onCannotPlay, onPay } = props;
  const { t } = useTranslation('live');
  const video = useRef<HTMLVideoElement>(null);
  const feed = useRef<PictureFeed>(undefined);
  const [state, setState] = useState<FeedState>('asking');
  const [reason, setReason] = useState<string>();
  const [shows, setShows] = useState(false);
  const [size, setSize] = useState<{ width: number; height: number }>();
  const [sight, setSight] = useState<LiveSight>();
  const [keeper] = useState(() => new TrackKeeper());
  const told = useRef(onSight);
  told.current = onSight;
  const cannotPlay = useRef(onCannotPlay);
  cannotPlay.current = onCannotPlay;
  useEffect(() => {
    if (!video.current) return;
    const made = new PictureFeed(video.current, {
      onState: (next, why) => {
        setState(next);
        setReason(why);
      },
      onSize: (width, height) => setSize({ width, height }),
      onCannotPlay: () => cannotPlay.current?.(),
    });
    feed.current = made;
    return () => made[Symbol.dispose]();
  }, []);
  useImperativeHandle(
    ref,
    () => ({
      take: (record) => {
        if (record.kind === 'tracks') {
          const tracks = liveTracksSchema.safeParse(jsonOf(record));
          if (tracks.success) keeper.take(tracks.data satisfies LiveTracks);
        } else if (record.kind === 'sight') {
          const seen = liveSightSchema.safeParse(jsonOf(record));
          if (!seen.success) return;
          setSight(seen.data);
          told.current?.(seen.data);
        } else feed.current?.take(record);
      },
      lost: () => {
        setState('lost');
        keeper.clear();
      },
    }),
    [keeper],
  );
  const save = useCallback(() => {
    if (!video.current || !size) return;
    const canvas = document.createElement('canvas');
    canvas.width = video.current.videoWidth;
    canvas.height = video.current.videoHeight;
    canvas.getContext('2d')?.drawImage(video.current, 0, 0);
    canvas.toBlob((blob) => blob && download(blob, `${name} ${stamp()}.jpg`), 'image/jpeg', 0.92);
  }, [name, size]);
  const isLive = state === 'live' && shows;
  return (
    <figure className={isLive ? 'live-picture is-live' : 'live-picture'}>
      <video
        ref={video}
        muted
        playsInline
        autoPlay
        aria-label={t('of', { name })}
        onPlaying={() => setShows(true)}
        onEmptied={() => setShows(false)}
        onDoubleClick={onOpen}
      />
      {isLive && overlayOf && size ? (
        <TrackOverlay deviceId={overlayOf} video={video} keeper={keeper} size={size} sight={sight} />
      ) : null}
      {isLive ? null : (
        <div className="live-notice" role="status">
          <p>{t(`state.${state === 'live' ? 'asking' : state}`)}</p>
          {reason ? <p className="small">{t(`reason.${knownReason(reason)}`, { reason })}</p> : null}
          {reason === 'metered' && onPay ? (
            <Button size="small" onClick={onPay}>
              {t('pay')}
            </Button>
          ) : null}
        </div>
      )}
      <figcaption className="live-caption">
        <span className={isLive ? 'live-dot is-on' : 'live-dot'} aria-hidden="true" />
        <span className="clip live-name">{name}</span>
        <span className="clip live-place">{place}</span>
        {sight ? <SightNote sight={sight} /> : null}
        <span className="live-tools">
          <Button
            size="small"
            type="text"
            disabled={!isLive}
            onClick={save}
            aria-label={t('snapshot')}
            title={t('snapshot')}
            icon={<Icon name="export" />}
          />
          {action}
        </span>
      </figcaption>
    </figure>
  );
}

const reasons = [
  'unit_offline',
  'camera_gone',
  'busy',
  'not_watched',
  'metered',
  'cannot_convert',
  'withdrawn',
] as const;
const knownReason = (reason: string) => reasons.find((one) => one === reason) ?? 'other';

const stamp = () => new Date().toISOString().slice(0, 19).replaceAll(':', '-');

function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
