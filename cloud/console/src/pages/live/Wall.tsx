import type { LiveSight } from '@hallhub/shared/vision';
import { Button } from 'antd';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LiveVideo } from '../../api/live-video.js';
import { useRights } from '../../app/session.js';
import { Icon } from '../../ui/icons.js';
import { ErrorState } from '../../ui/states.js';
import { PlaybackLink } from '../playback/PlaybackLink.js';
import { SteerPanel } from './SteerPanel.js';
import { useSteering } from './use-steering.js';
import { type PictureHandle, WallPicture } from './WallPicture.js';

export interface WallCamera {
  deviceId: string;
  name: string;
  hallName: string;
}

interface WallProps {
  cameras: WallCamera[];
  columns: number;
  isSingle: boolean;
  /** Who is followed is drawn over the pictures. */
  overlay: boolean;
  onOpen: (deviceId: string) => void;
}

/** One socket for all the pictures of the wall; made anew when other cameras are shown. */
export function Wall({ cameras, columns, isSingle, overlay, onOpen }: WallProps) {
  const { t } = useTranslation('live');
  const pictures = useRef<(PictureHandle | null)[]>([]);
  const [error, setError] = useState<unknown>();
  const [sight, setSight] = useState<LiveSight>();
  // The wall's key is the list of its cameras: the list does not change while it is mounted.
  const [deviceIds] = useState(() => cameras.map(({ deviceId }) => deviceId));
  const source = useRef<LiveVideo>(undefined);
  const [pays, setPays] = useState(false);
  const may = useRights();
  const mayPay = may('vision.write');
  const [only] = deviceIds.length === 1 ? deviceIds : [];
  const { steering, lose } = useSteering(only ?? '', source, sight);
  const lost = useRef(lose);
  lost.current = lose;
  useEffect(() => {
    const video = new LiveVideo(deviceIds, {
      onRecord: (index, record) => {
        setError(undefined);
        pictures.current[index]?.take(record);
      },
      onLost: (why) => {
        setError(why);
        lost.current();
        for (const picture of pictures.current) picture?.lost();
      },
      onSteer: (_index, state) => state === 'lost' && lost.current(),
      despiteMetered: pays,
    });
    source.current = video;
    return () => video[Symbol.dispose]();
  }, [deviceIds, pays]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another source is another socket, which has to be told too
  useEffect(() => {
    for (const index of deviceIds.keys()) source.current?.showTracks(index, overlay);
  }, [deviceIds, overlay, pays]);
  const see = useCallback((seen: LiveSight) => setSight(seen), []);
  const turns = only !== undefined && sight && may('camera.steer') && (sight.can.move || sight.can.presets);
  return (
    <div className="live-frame">
      {error ? <ErrorState error={error} compact /> : null}
      <div className={turns ? 'live-stage has-panel' : 'live-stage'}>
        <div className="live-wall" style={{ '--live-columns': columns } as React.CSSProperties}>
          {cameras.map((camera, index) => (
            <WallPicture
              key={camera.deviceId}
              ref={(handle) => {
                pictures.current[index] = handle;
              }}
              name={camera.name}
              place={camera.hallName}
              overlayOf={overlay ? camera.deviceId : undefined}
              onSight={only === undefined ? undefined : see}
              onCannotPlay={() => source.current?.ask(index, 'mpeg1')}
              onPay={mayPay && !pays ? () => setPays(true) : undefined}
              onOpen={() => onOpen(camera.deviceId)}
              action={
                <>
                  <PlaybackLink deviceId={camera.deviceId} className="playback-of-live" />
                  <Button
                    size="small"
                    type="text"
                    onClick={() => onOpen(camera.deviceId)}
                    aria-label={t(isSingle ? 'smaller' : 'larger', { name: camera.name })}
                    title={t(isSingle ? 'smaller' : 'larger', { name: camera.name })}
                    icon={<Icon name={isSingle ? 'close' : 'open'} />}
                  />
                </>
              }
            />
          ))}
        </div>
        {turns ? <SteerPanel sight={sight} steering={steering} /> : null}
      </div>
    </div>
  );
}
