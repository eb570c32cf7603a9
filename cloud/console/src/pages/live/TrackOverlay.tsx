import type { LiveSight } from '@hallhub/shared/vision';
import { useQuery } from '@tanstack/react-query';
import { type RefObject, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cameraQuery } from '../../api/vision.js';
import type { SeenTrack, TrackKeeper } from './track-keeper.js';

interface TrackOverlayProps {
  deviceId: string;
  video: RefObject<HTMLVideoElement | null>;
  keeper: TrackKeeper;
  size: { width: number; height: number };
  sight: LiveSight | undefined;
}

const everyMs = 60;
/** Of the labels that detectors know, those that are met in halls and before them. */
const named = [
  ...(['person', 'backpack', 'handbag', 'suitcase', 'chair', 'dog', 'cat'] as const),
  ...(['bicycle', 'motorcycle', 'car', 'bus', 'truck'] as const),
] as const;
const isNamed = (label: string): label is (typeof named)[number] => (named as readonly string[]).includes(label);

/** Over the live picture: who is followed, and the zones and lines of the view that is in sight. */
export function TrackOverlay({ deviceId, video, keeper, size, sight }: TrackOverlayProps) {
  const { t } = useTranslation('live');
  const camera = useQuery({ ...cameraQuery(deviceId), staleTime: 60_000 });
  const [tracks, setTracks] = useState<readonly SeenTrack[]>([]);
  useEffect(() => {
    let frame = 0;
    let drawnMs = 0;
    const draw = (nowMs: number) => {
      frame = requestAnimationFrame(draw);
      if (nowMs - drawnMs < everyMs) return;
      drawnMs = nowMs;
      const seen = keeper.at((video.current?.currentTime ?? 0) * 1_000);
      setTracks((was) => (was.length === 0 && seen.length === 0 ? was : seen));
    };
    frame = requestAnimationFrame(draw);
    return () => cancelAnimationFrame(frame);
  }, [keeper, video]);
  const { width, height } = size;
  const views = camera.data?.document.views.filter(({ id }) => sight?.viewIds.includes(id)) ?? [];
  const place = (points: readonly (readonly [number, number])[]) =>
    points.map(([x, y]) => `${x * width},${y * height}`).join(' ');
  const rules = views.flatMap((view) => view.rules.filter(({ enabled }) => enabled));
  // Of a picture of any size the same on the screen.
  const unit = width / 100;
  return (
    <svg className="live-overlay" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <title>{t('overlay')}</title>
      {rules.map((rule) => {
        const points = 'zone' in rule ? rule.zone : 'line' in rule ? rule.line : undefined;
        if (!points || points.length === 0) return null;
        const [x, y] = points[0] as [number, number];
        return (
          <g key={rule.id} className="live-zone">
            {'line' in rule ? <polyline points={place(points)} /> : <polygon points={place(points)} />}
            <text x={x * width + unit * 0.6} y={y * height + unit * 2.2} fontSize={unit * 1.7}>
              {rule.name}
            </text>
          </g>
        );
      })}
      {tracks.map(({ id, label, box: [x, y, w, h], lost }) => (
        <g key={id} className={lost ? 'live-track is-lost' : 'live-track'}>
          <rect x={x * width} y={y * height} width={w * width} height={h * height} rx={unit * 0.3} />
          <text x={x * width} y={Math.max(unit * 1.8, y * height - unit * 0.5)} fontSize={unit * 1.7}>
            {isNamed(label) ? t(`thing.${label}`) : label} {id}
          </text>
        </g>
      ))}
    </svg>
  );
}
