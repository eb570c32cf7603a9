import { Button } from 'antd';
import { type PointerEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { drawStrokes, type Point, type Stroke } from './strokes.js';

interface SignaturePadProps {
  describedBy: string;
  strokes: readonly Stroke[];
  onChange: (strokes: readonly Stroke[]) => void;
}

/** A sheet to sign on with a finger, a pen or a mouse. The palm beside the finger draws nothing. */
export function SignaturePad({ describedBy, strokes, onChange }: SignaturePadProps) {
  const { t } = useTranslation('fieldWork');
  const canvas = useRef<HTMLCanvasElement>(null);
  const running = useRef<{ id: number; points: Point[] } | undefined>(undefined);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const seen = new ResizeObserver(([entry]) => {
      if (entry) setSize({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    if (canvas.current) seen.observe(canvas.current);
    return () => seen.disconnect();
  }, []);
  const draw = (all: readonly Stroke[]) => {
    const sheet = canvas.current;
    const pen = sheet?.getContext('2d');
    if (!sheet || !pen) return;
    const ratio = window.devicePixelRatio || 1;
    sheet.width = Math.round(size.width * ratio);
    sheet.height = Math.round(size.height * ratio);
    pen.scale(ratio, ratio);
    pen.strokeStyle = getComputedStyle(sheet).color;
    pen.lineWidth = 2.6;
    pen.lineCap = 'round';
    pen.lineJoin = 'round';
    drawStrokes(pen, all, ({ x, y }) => ({ x: x * size.width, y: y * size.width }));
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn anew for what is drawn and where, not for each render
  useEffect(() => draw(strokes), [strokes, size]);
  const pointsIn = (event: PointerEvent<HTMLCanvasElement>): Point[] => {
    const box = event.currentTarget.getBoundingClientRect();
    const native = event.nativeEvent;
    const between = native.getCoalescedEvents?.() ?? [];
    return (between.length > 0 ? between : [native]).map(({ clientX, clientY }) => ({
      x: (clientX - box.left) / box.width,
      y: (clientY - box.top) / box.width,
    }));
  };
  const end = (event: PointerEvent<HTMLCanvasElement>) => {
    const stroke = running.current;
    if (stroke?.id !== event.pointerId) return;
    running.current = undefined;
    onChange([...strokes, stroke.points]);
  };
  return (
    <div className="signature-pad" data-theme="light">
      <canvas
        ref={canvas}
        className="signature-sheet"
        role="img"
        aria-label={t('signature.pad', { count: strokes.length })}
        aria-describedby={describedBy}
        onPointerDown={(event) => {
          if (running.current || !event.isPrimary || event.button > 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          running.current = { id: event.pointerId, points: pointsIn(event) };
          draw([...strokes, running.current.points]);
        }}
        onPointerMove={(event) => {
          if (running.current?.id !== event.pointerId) return;
          running.current.points.push(...pointsIn(event));
          draw([...strokes, running.current.points]);
        }}
        onPointerUp={end}
        onPointerCancel={end}
      />
      <span className="signature-line" aria-hidden="true" />
      <div className="signature-tools">
        <Button disabled={strokes.length === 0} onClick={() => onChange(strokes.slice(0, -1))}>
          {t('signature.undo')}
        </Button>
        <Button disabled={strokes.length === 0} onClick={() => onChange([])}>
          {t('signature.clear')}
        </Button>
      </div>
    </div>
  );
}
