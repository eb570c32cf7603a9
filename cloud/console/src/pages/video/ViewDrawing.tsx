import type { Point } from '@hallhub/shared/vision';
import { useQuery } from '@tanstack/react-query';
import { Button, Segmented } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { evidenceBytesQuery } from '../../api/evidence-bytes.js';
import type { CameraSetUp, CameraView } from '../../api/vision.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { LivePicture } from '../live/LivePicture.js';
import { shapeProblem } from './cameras/shape-problem.js';
import { useObjectUrl } from './EvidenceStage.js';
import { shapeOf } from './rule-fields.js';
import { leastPoints, ShapeEditor } from './ShapeEditor.js';

interface ViewDrawingProps {
  camera: CameraSetUp;
  view: CameraView;
  ruleId: string | undefined;
  readOnly: boolean;
  onActivate: (ruleId: string) => void;
  /** No points: the whole picture. Changes with the same tag are steps of one. */
  onDraw: (ruleId: string, kind: 'zone' | 'line', points: Point[], tag?: string) => void;
}

/** A camera’s newest picture, and the shapes of a view’s rules on it. */
export function ViewDrawing({ camera, view, ruleId, readOnly, onActivate, onDraw }: ViewDrawingProps) {
  const { t } = useTranslation(['video', 'cameras']);
  const [isLive, setLive] = useState(false);
  const [corner, setCorner] = useState<number>();
  const { picture } = camera;
  const bytes = useQuery({ ...evidenceBytesQuery(picture?.evidenceId ?? ''), enabled: picture !== null });
  const url = useObjectUrl(bytes.data);
  const [natural, setNatural] = useState<{ width: number; height: number }>();
  useEffect(() => {
    if (!url) return;
    const image = new Image();
    image.onload = () => setNatural({ width: image.naturalWidth, height: image.naturalHeight });
    image.src = url;
  }, [url]);
  const frame = frameOf(picture, natural);
  const shapes = view.rules.flatMap((rule) => {
    const { kind } = shapeOf(rule.algorithm);
    if (kind === 'none') return [];
    const points = ('zone' in rule ? rule.zone : 'line' in rule ? rule.line : undefined) ?? [];
    return [{ id: rule.id, kind, name: rule.name, points, off: !rule.enabled }];
  });
  const active = shapes.find(({ id }) => id === ruleId);
  const wrong = active && shapeProblem(active.kind, active.points);
  const kindOf = (id: string) => (shapes.find((shape) => shape.id === id)?.kind === 'line' ? 'line' : 'zone');
  const activeRule = view.rules.find(({ id }) => id === ruleId);
  const mayClear = activeRule !== undefined && !shapeOf(activeRule.algorithm).needed && active?.points.length !== 0;
  return (
    <figure className="drawing">
      <ShapeEditor
        shapes={shapes}
        activeId={ruleId}
        corner={corner}
        onCorner={setCorner}
        width={frame.width}
        height={frame.height}
        picture={url}
        live={isLive ? <LivePicture deviceId={camera.deviceId} name={camera.name} /> : undefined}
        crop={frame.crop}
        readOnly={readOnly}
        onActivate={(id) => {
          setCorner(undefined);
          onActivate(id);
        }}
        onChange={(id, points, tag) => onDraw(id, kindOf(id), points, tag)}
      />
      <figcaption className="drawing-foot">
        <Segmented
          size="small"
          aria-label={t('cameras:drawing.source')}
          value={isLive ? 'live' : 'still'}
          options={(['still', 'live'] as const).map((value) => ({ value, label: t(`cameras:drawing.${value}`) }))}
          onChange={(value) => setLive(value === 'live')}
        />
        {isLive ? null : (
          <span className="small faint">
            {picture ? (
              <>
                {t('picture.from')} <RelativeTime time={picture.at} />
              </>
            ) : (
              t('picture.none')
            )}
          </span>
        )}
        {active && !readOnly ? (
          <span className="row row-wrap drawing-tools">
            {active.kind === 'line' && active.points.length > 1 ? (
              <Button size="small" onClick={() => onDraw(active.id, 'line', [...active.points].reverse())}>
                {t('cameras:drawing.flip')}
              </Button>
            ) : null}
            {corner !== undefined && active.points.length > leastPoints[active.kind] ? (
              <Button
                size="small"
                onClick={() => {
                  onDraw(active.id, kindOf(active.id), active.points.filter((_point, i) => i !== corner) as Point[]);
                  setCorner(undefined);
                }}
              >
                {t('cameras:drawing.delete')}
              </Button>
            ) : null}
            {mayClear ? (
              <Button size="small" onClick={() => onDraw(active.id, kindOf(active.id), [])}>
                {t('cameras:drawing.clear')}
              </Button>
            ) : null}
          </span>
        ) : null}
      </figcaption>
      {wrong ? (
        <p role="alert" className="warn-text drawing-wrong">
          {t(`cameras:drawing.bad.${wrong}`)}
        </p>
      ) : null}
    </figure>
  );
}

/** The camera's own picture in the file: a band of text may have been put above or below it. */
const frameOf = (picture: CameraSetUp['picture'], natural: { width: number; height: number } | undefined) => {
  if (!picture?.width || !picture.height) {
    return { width: natural?.width ?? 1_280, height: natural?.height ?? 720, crop: undefined };
  }
  const size = { width: picture.width, height: picture.height };
  if (!natural || picture.band === 'none' || picture.band === 'on') return { ...size, crop: undefined };
  const share = Math.min(1, (natural.width * picture.height) / picture.width / natural.height);
  return { ...size, crop: share > 0.995 ? undefined : { share, top: picture.band === 'above' ? 1 - share : 0 } };
};
