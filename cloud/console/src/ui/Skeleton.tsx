import './states.css';

interface SkeletonProps {
  width?: number | string;
  height?: number;
}

/** One grey bar of the shape that will stand here. */
export function Skeleton({ width = '100%', height = 12 }: SkeletonProps) {
  return <span className="skeleton skeleton-late" style={{ width, height }} aria-hidden="true" />;
}

/** Several lines of text to come. */
export function SkeletonLines({ lines = 3 }: { lines?: number }) {
  return (
    <div className="stack" aria-hidden="true">
      {Array.from({ length: lines }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the bars never move
        <Skeleton key={index} width={`${92 - ((index * 23) % 48)}%`} />
      ))}
    </div>
  );
}
