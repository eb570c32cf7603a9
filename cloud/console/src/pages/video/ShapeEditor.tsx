import type { Point } from '@hallhub/shared/vision';
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

export interface DrawnShape {
  readonly id: string;
  readonly kind: 'zone' | 'line';
  readonly name: string;
  readonly points: readonly Point[];
  readonly off: boolean;
}

interface ShapeEditorProps {
  shapes: readonly DrawnShape[];
  /** The one that is drawn; the others are shown quietly. */
  activeId: string | undefined;
  width: number;
  height: number;
  picture: string | undefined;
  /** Where the camera's picture lies in the file, where a band of text was put beside it. */
  crop: { top: number; share: number } | undefined;
  readOnly: boolean;
  onChange: (id: string, points: Point[]) => void;
  onActivate: (id: string) => void;
}

const most = { zone: 32, line: 8 } as const;
const least = { zone: 3, line: 2 } as const;
const round = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;

/**
 * Zones and lines on the picture. Dragging a corner moves it, clicking on the picture adds one behind the nearest side, and a corner
 * goes by double click or the delete key; the arrow keys move the one that has the focus.
 */
export function ShapeEditor(props: ShapeEditorProps) {
  const { shapes, activeId, width, height, picture, crop, readOnly } = props;
  const { t } = useTranslation('video');
  const frame = useRef<SVGSVGElement>(null);
  const [dragged, setDragged] = useState<number>();
  const active = shapes.find(({ id }) => id === activeId);
  const placeOf = (event: { clientX: number; clientY: number }): Point => {
    const box = frame.current?.getBoundingClientRect();
    if (!box) return [0, 0];
    return [round((event.clientX - box.left) / box.width), round((event.clientY - box.top) / box.height)];
  };
  const change = (points: Point[]) => active && props.onChange(active.id, points);
  const add = (event: PointerEvent) => {
    if (!active || readOnly || event.button !== 0 || active.points.length >= most[active.kind]) return;
    const point = placeOf(event);
    const points = [...active.points];
    points.splice(placeToInsert(active, point), 0, point);
    change(points);
  };
  const move = (event: PointerEvent) => {
    if (dragged === undefined || !active) return;
    change(active.points.map((point, i) => (i === dragged ? placeOf(event) : point)));
  };
  const remove = (index: number) => {
    if (active && !readOnly && active.points.length > least[active.kind])
      change(active.points.filter((_point, i) => i !== index));
  };
  const nudge = (event: KeyboardEvent, index: number) => {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault();
      remove(index);
    }
    if (!by || !active || readOnly) return;
    event.preventDefault();
    const step = event.shiftKey ? 0.02 : 0.002;
    const [dx, dy] = by as [number, number];
    change(
      active.points.map(([x, y], i): Point => (i === index ? [round(x + dx * step), round(y + dy * step)] : [x, y])),
    );
  };
  const px = ([x, y]: Point): string => `${x * width},${y * height}`;
  const unit = width / 100;
  return (
    <div className="shapes" style={{ aspectRatio: `${width} / ${height}` }}>
      {picture ? (
        <img
          className="shapes-picture"
          src={picture}
          alt=""
          draggable={false}
          style={crop ? { height: `${100 / crop.share}%`, top: `${(-crop.top / crop.share) * 100}%` } : undefined}
        />
      ) : null}
      {/* biome-ignore lint/a11y/useSemanticElements: a drawing is a group of corners, which no element of a form stands for */}
      <svg
        ref={frame}
        className={active && !readOnly ? 'shapes-frame is-drawing' : 'shapes-frame'}
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="group"
        aria-label={t('draw.label')}
        onPointerDown={add}
        onPointerMove={move}
        onPointerUp={() => setDragged(undefined)}
        onPointerLeave={() => setDragged(undefined)}
      >
        {shapes.map((shape) => {
          const isActive = shape.id === activeId;
          const className = ['shape', `shape-${shape.kind}`, isActive && 'is-active', shape.off && 'is-off']
            .filter(Boolean)
            .join(' ');
          const given = {
            className,
            points: shape.points.map(px).join(' '),
            onPointerDown: (event: PointerEvent) => {
              if (isActive) return;
              event.stopPropagation();
              props.onActivate(shape.id);
            },
          };
          return (
            <g key={shape.id}>
              {shape.kind === 'zone' ? <polygon {...given} /> : <polyline {...given} />}
              {shape.kind === 'line' ? <Way points={shape.points} width={width} height={height} /> : null}
            </g>
          );
        })}
        {active?.points.map(([x, y], index) => (
          <g
            // biome-ignore lint/suspicious/noArrayIndexKey: a corner is its place in the row
            key={index}
            className="shape-corner"
            tabIndex={readOnly ? -1 : 0}
            role="slider"
            aria-label={t('draw.corner', { number: index + 1 })}
            aria-valuenow={Math.round(x * 100)}
            aria-valuetext={`${Math.round(x * 100)} % · ${Math.round(y * 100)} %`}
            onKeyDown={(event) => nudge(event, index)}
            onDoubleClick={() => remove(index)}
            onPointerDown={(event) => {
              event.stopPropagation();
              if (readOnly) return;
              frame.current?.setPointerCapture(event.pointerId);
              setDragged(index);
            }}
          >
            {/* What a finger hits is larger than what is seen. */}
            <circle className="shape-reach" cx={x * width} cy={y * height} r={unit * 3.2} />
            <circle cx={x * width} cy={y * height} r={unit * 1.1} />
          </g>
        ))}
      </svg>
    </div>
  );
}

/** `in` is from the left side of a line to its right side, walked from the first point to the last. */
function Way({ points, width, height }: { points: readonly Point[]; width: number; height: number }) {
  const [a, b] = [points[0], points.at(-1)];
  if (!a || !b || points.length < 2) return null;
  const [ax, ay, bx, by] = [a[0] * width, a[1] * height, b[0] * width, b[1] * height];
  const length = Math.hypot(bx - ax, by - ay) || 1;
  const [mx, my] = [(ax + bx) / 2, (ay + by) / 2];
  // To the right of the way walked; the picture's y runs downwards.
  const [rx, ry] = [-(by - ay) / length, (bx - ax) / length];
  const reach = width / 22;
  const [ex, ey] = [mx + rx * reach, my + ry * reach];
  const [sx, sy] = [(-ry * reach) / 4, (rx * reach) / 4];
  return (
    <path
      className="shape-way"
      d={`M${mx} ${my}L${ex} ${ey}M${ex - rx * (reach / 3) + sx} ${ey - ry * (reach / 3) + sy}L${ex} ${ey}L${ex - rx * (reach / 3) - sx} ${ey - ry * (reach / 3) - sy}`}
    />
  );
}

/** Behind the side that is nearest; a line also grows at its ends. */
const placeToInsert = (shape: DrawnShape, [px, py]: Point): number => {
  const { points, kind } = shape;
  if (points.length < least[kind]) return points.length;
  let best = { at: points.length, distance: Number.POSITIVE_INFINITY };
  const sides = kind === 'zone' ? points.length : points.length - 1;
  for (let i = 0; i < sides; i++) {
    const [ax, ay] = points[i] as Point;
    const [bx, by] = points[(i + 1) % points.length] as Point;
    const length2 = (bx - ax) ** 2 + (by - ay) ** 2 || 1;
    const along = ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / length2;
    if (kind === 'line' && i === sides - 1 && along > 1) return points.length;
    if (kind === 'line' && i === 0 && along < 0) return 0;
    const held = Math.min(1, Math.max(0, along));
    const distance = Math.hypot(px - ax - held * (bx - ax), py - ay - held * (by - ay));
    if (distance < best.distance) best = { at: i + 1, distance };
  }
  return best.at;
};
