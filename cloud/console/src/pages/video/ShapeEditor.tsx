import type { Point } from '@hallhub/shared/vision';
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { shapeProblem } from './cameras/shape-problem.js';

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
  /** In place of the picture. */
  live?: ReactNode;
  /** Where the camera's picture lies in the file, where a band of text was put beside it. */
  crop: { top: number; share: number } | undefined;
  readOnly: boolean;
  /** Changes with the same tag are steps of one. */
  onChange: (id: string, points: Point[], tag?: string) => void;
  /** The corner that keys and buttons are about. */
  corner: number | undefined;
  onCorner: (index: number | undefined) => void;
  onActivate: (id: string) => void;
}

export const mostPoints = { zone: 32, line: 8 } as const;
export const leastPoints = { zone: 3, line: 2 } as const;
const most = mostPoints;
const least = leastPoints;
const round = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;

/**
 * Zones and lines on the picture, by mouse, finger and keyboard. Dragging a corner moves it; pressing on the picture adds one behind the nearest side, which
 * moves along until it is let go. With the focus on a corner the arrow keys move it, Insert adds one behind it, Delete takes it away.
 */
export function ShapeEditor(props: ShapeEditorProps) {
  const { shapes, activeId, width, height, picture, crop, readOnly, corner, onCorner } = props;
  const { t } = useTranslation(['video', 'cameras']);
  const frame = useRef<SVGSVGElement>(null);
  const [dragged, setDragged] = useState<{ index: number; tag: string }>();
  const active = shapes.find(({ id }) => id === activeId);
  const isWrong = active !== undefined && shapeProblem(active.kind, active.points) !== undefined;
  const placeOf = (event: { clientX: number; clientY: number }): Point => {
    const box = frame.current?.getBoundingClientRect();
    if (!box) return [0, 0];
    return [round((event.clientX - box.left) / box.width), round((event.clientY - box.top) / box.height)];
  };
  const change = (points: Point[], tag?: string) => active && props.onChange(active.id, points, tag);
  const drag = (event: PointerEvent, index: number) => {
    frame.current?.setPointerCapture(event.pointerId);
    const tag = `drag ${active?.id} ${event.timeStamp}`;
    setDragged({ index, tag });
    onCorner(index);
    return tag;
  };
  const add = (event: PointerEvent) => {
    if (!active || readOnly || event.button !== 0) return;
    const point = placeOf(event);
    if (active.points.length === 0) {
      change(active.kind === 'zone' ? boxAround(point) : [point, [round(point[0] + 0.2), point[1]]]);
      return;
    }
    if (active.points.length >= most[active.kind]) return;
    const points = [...active.points];
    const index = placeToInsert(active, point);
    points.splice(index, 0, point);
    change(points, drag(event, index));
  };
  const move = (event: PointerEvent) => {
    if (dragged === undefined || !active) return;
    change(
      active.points.map((point, i) => (i === dragged.index ? placeOf(event) : point)),
      dragged.tag,
    );
  };
  const letGo = () => setDragged(undefined);
  const remove = (index: number) => {
    if (!active || readOnly || active.points.length <= least[active.kind]) return;
    change(active.points.filter((_point, i) => i !== index));
    onCorner(undefined);
  };
  const insertBehind = (index: number) => {
    if (!active || active.points.length >= most[active.kind]) return;
    const [ax, ay] = active.points[index] as Point;
    const isEnd = active.kind === 'line' && index === active.points.length - 1;
    const [bx, by] = (isEnd ? active.points[index - 1] : active.points[(index + 1) % active.points.length]) as Point;
    const points = [...active.points];
    points.splice(isEnd ? index : index + 1, 0, [round((ax + bx) / 2), round((ay + by) / 2)]);
    change(points);
  };
  const nudge = (event: KeyboardEvent, index: number) => {
    if (!active || readOnly) return;
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault();
      remove(index);
    } else if (event.key === 'Insert' || event.key === '+') {
      event.preventDefault();
      insertBehind(index);
    }
    if (!by) return;
    event.preventDefault();
    const step = event.shiftKey ? 0.02 : 0.002;
    const [dx, dy] = by as [number, number];
    change(
      active.points.map(([x, y], i): Point => (i === index ? [round(x + dx * step), round(y + dy * step)] : [x, y])),
      `keys ${active.id} ${index}`,
    );
  };
  const px = ([x, y]: Point): string => `${x * width},${y * height}`;
  const unit = width / 100;
  return (
    <div className="shapes" style={{ aspectRatio: `${width} / ${height}` }}>
      {props.live ??
        (picture ? (
          <img
            className="shapes-picture"
            src={picture}
            alt=""
            draggable={false}
            style={crop ? { height: `${100 / crop.share}%`, top: `${(-crop.top / crop.share) * 100}%` } : undefined}
          />
        ) : null)}
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
        onPointerUp={letGo}
        onPointerCancel={letGo}
        onLostPointerCapture={letGo}
      >
        {shapes.map((shape) => {
          const isActive = shape.id === activeId;
          const className = [
            'shape',
            `shape-${shape.kind}`,
            isActive && 'is-active',
            isActive && isWrong && 'is-wrong',
            shape.off && 'is-off',
          ]
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
            className={index === corner ? 'shape-corner is-chosen' : 'shape-corner'}
            tabIndex={readOnly ? -1 : 0}
            role="slider"
            aria-label={t('draw.corner', { number: index + 1 })}
            aria-valuenow={Math.round(x * 100)}
            aria-valuetext={`${Math.round(x * 100)} % · ${Math.round(y * 100)} %`}
            onFocus={() => onCorner(index)}
            onKeyDown={(event) => nudge(event, index)}
            onDoubleClick={() => remove(index)}
            onPointerDown={(event) => {
              event.stopPropagation();
              if (readOnly) return;
              drag(event, index);
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

/** To begin with, where somebody pressed. */
const boxAround = ([x, y]: Point): Point[] => {
  const [left, top] = [Math.min(0.76, Math.max(0, x - 0.12)), Math.min(0.7, Math.max(0, y - 0.15))];
  return [
    [round(left), round(top)],
    [round(left + 0.24), round(top)],
    [round(left + 0.24), round(top + 0.3)],
    [round(left), round(top + 0.3)],
  ];
};

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
