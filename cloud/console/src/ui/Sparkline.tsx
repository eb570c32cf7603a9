import { useId } from 'react';
import './charts.css';

interface SparklineProps {
  label: string;
  points: { atMs: number; value: number | null }[];
  height?: number;
}

/** A thin line without axes: the shape of the last while, from zero up. Missing minutes are gaps. */
export function Sparkline({ label, points, height = 32 }: SparklineProps) {
  const id = useId();
  const width = 240;
  const first = points[0]?.atMs ?? 0;
  const span = (points.at(-1)?.atMs ?? 1) - first || 1;
  const most = Math.max(1, ...points.map((point) => point.value ?? 0));
  let path = '';
  let drawing = false;
  for (const point of points) {
    if (point.value === null) {
      drawing = false;
      continue;
    }
    const x = ((point.atMs - first) / span) * width;
    const y = height - 2 - (point.value / most) * (height - 4);
    path += `${drawing ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
    drawing = true;
  }
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-labelledby={id}
      height={height}
    >
      <title id={id}>{label}</title>
      <path d={path} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
