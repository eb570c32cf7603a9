import { useQuery } from '@tanstack/react-query';
import { type PointerEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { evidenceUrl } from '../../api/evidence.js';
import { evidenceBytesQuery } from '../../api/evidence-bytes.js';
import type { FindingFile } from '../../api/review.js';
import { Icon } from '../../ui/icons.js';
import { Skeleton } from '../../ui/Skeleton.js';
import { ErrorState } from '../../ui/states.js';

const zoom = 3;
const lensPx = 240;

/** An address for bytes that are here, as long as they are shown. */
export function useObjectUrl(blob: Blob | undefined): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!blob) return setUrl(undefined);
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return url;
}

interface Lens {
  left: number;
  top: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

interface StageProps {
  file: FindingFile | undefined;
  /** Said to who cannot see it. */
  label: string;
  magnifies: boolean;
  mayLook: boolean;
}

/** The picture or clip in the middle of the desk. The magnifier follows the pointer. */
export function EvidenceStage({ file, label, magnifies, mayLook }: StageProps) {
  const { t } = useTranslation('video');
  if (!mayLook) return <Plain title={t('stage.noRight')} hint={t('stage.noRightHint')} />;
  if (!file) return <Plain title={t('stage.none')} hint={t('stage.noneHint')} />;
  if (file.state !== 'complete')
    return <Plain title={t(`stage.state.${file.state}`)} hint={t(`stage.hint.${file.state}`)} />;
  if (file.role === 'clip') {
    return (
      <video
        className="stage-media"
        key={file.id}
        src={evidenceUrl(file)}
        controls
        loop
        autoPlay
        muted
        playsInline
        aria-label={label}
      />
    );
  }
  return <Picture key={file.id} file={file} label={label} magnifies={magnifies} />;
}

function Plain({ title, hint }: { title: string; hint: string }) {
  return (
    <div className="stage-plain">
      <Icon name="camera" size={28} />
      <p>{title}</p>
      <p className="small">{hint}</p>
    </div>
  );
}

function Picture({ file, label, magnifies }: { file: FindingFile; label: string; magnifies: boolean }) {
  const query = useQuery(evidenceBytesQuery(file.id));
  const url = useObjectUrl(query.data);
  const image = useRef<HTMLImageElement>(null);
  const [lens, setLens] = useState<Lens>();
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />;
  if (!url) return <Skeleton width="100%" height={320} />;
  const follow = (event: PointerEvent) => {
    const box = image.current?.getBoundingClientRect();
    if (!box || !magnifies) return setLens(undefined);
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    if (x < 0 || y < 0 || x > box.width || y > box.height) return setLens(undefined);
    const around = (event.currentTarget as HTMLElement).getBoundingClientRect();
    setLens({
      ...{ left: event.clientX - around.left, top: event.clientY - around.top },
      ...{ x, y, width: box.width, height: box.height },
    });
  };
  return (
    <div
      className={magnifies ? 'stage-picture is-magnified' : 'stage-picture'}
      onPointerMove={follow}
      onPointerDown={follow}
      onPointerLeave={() => setLens(undefined)}
    >
      <img ref={image} className="stage-media" src={url} alt={label} draggable={false} />
      {lens && magnifies ? (
        <div
          className="stage-lens"
          aria-hidden="true"
          style={{
            ...{ width: lensPx, height: lensPx, left: lens.left - lensPx / 2, top: lens.top - lensPx / 2 },
            backgroundImage: `url(${url})`,
            backgroundSize: `${lens.width * zoom}px ${lens.height * zoom}px`,
            backgroundPosition: `${lensPx / 2 - lens.x * zoom}px ${lensPx / 2 - lens.y * zoom}px`,
          }}
        />
      ) : null}
    </div>
  );
}
