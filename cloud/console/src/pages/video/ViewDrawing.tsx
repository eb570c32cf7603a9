import type { Point } from '@hallhub/shared/vision';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type CameraSetUp, type CameraView, evidenceBytesQuery } from '../../api/vision.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { useObjectUrl } from './EvidenceStage.js';
import { shapeOf } from './rule-fields.js';
import { ShapeEditor } from './ShapeEditor.js';

interface ViewDrawingProps {
  camera: CameraSetUp;
  view: CameraView;
  ruleId: string | undefined;
  readOnly: boolean;
  onActivate: (ruleId: string) => void;
  onDraw: (ruleId: string, kind: 'zone' | 'line', points: Point[]) => void;
}

/** A camera’s newest picture, and the shapes of a view’s rules on it. */
export function ViewDrawing({ camera, view, ruleId, readOnly, onActivate, onDraw }: ViewDrawingProps) {
  const { t } = useTranslation('video');
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
  return (
    <figure className="drawing">
      <ShapeEditor
        shapes={shapes}
        activeId={ruleId}
        width={frame.width}
        height={frame.height}
        picture={url}
        crop={frame.crop}
        readOnly={readOnly}
        onActivate={onActivate}
        onChange={(id, points) =>
          onDraw(id, shapes.find((shape) => shape.id === id)?.kind === 'line' ? 'line' : 'zone', points)
        }
      />
      <figcaption className="small faint">
        {picture ? (
          <>
            {t('picture.from')} <RelativeTime time={picture.at} />
          </>
        ) : (
          t('picture.none')
        )}
      </figcaption>
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
