import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LiveVideo } from '../../api/live-video.js';
import { useRights } from '../../app/session.js';
import { ErrorState } from '../../ui/states.js';
import { type PictureHandle, WallPicture } from './WallPicture.js';
import './live.css';

interface LivePictureProps {
  deviceId: string;
  /** Left out: it stands beside what names the camera. */
  name?: string | undefined;
}

/** One camera, now, with a socket of its own: for pages that show a picture beside something else. Ends when it is unmounted. */
export function LivePicture({ deviceId, name }: LivePictureProps) {
  return <OneCamera key={deviceId} deviceId={deviceId} name={name} />;
}

function OneCamera({ deviceId, name }: LivePictureProps) {
  const { t } = useTranslation('live');
  const picture = useRef<PictureHandle>(null);
  const [error, setError] = useState<unknown>();
  const [pays, setPays] = useState(false);
  const source = useRef<LiveVideo>(undefined);
  const mayPay = useRights()('vision.write');
  useEffect(() => {
    const video = new LiveVideo([deviceId], {
      onRecord: (_index, record) => {
        setError(undefined);
        picture.current?.take(record);
      },
      onLost: (why) => {
        setError(why);
        picture.current?.lost();
      },
      despiteMetered: pays,
    });
    source.current = video;
    return () => video[Symbol.dispose]();
  }, [deviceId, pays]);
  return (
    <div className="live-one">
      {error ? <ErrorState error={error} compact /> : null}
      <WallPicture
        ref={picture}
        name={name ?? t('title')}
        onCannotPlay={() => source.current?.ask(0, 'mpeg1')}
        onPay={mayPay && !pays ? () => setPays(true) : undefined}
      />
    </div>
  );
}
