import { formatClock, formatExact } from '../../format/time.js';
import type { StateSpan } from './state-spans.js';
import './time-chart.css';

interface StateStripProps {
  label: string;
  spans: StateSpan[];
  fromMs: number;
  toMs: number;
  zone?: string | undefined;
}

/** States over time as one band: how long each lasted, in proportion. */
export function StateStrip({ label, spans, fromMs, toMs, zone }: StateStripProps) {
  const whole = toMs - fromMs || 1;
  return (
    <div className="state-strip">
      <div className="state-strip-track" role="img" aria-label={label}>
        {spans.map((span) => (
          <span
            key={span.fromMs}
            className={`state-strip-part tone-${span.tone}`}
            style={{ width: `${((Math.min(span.toMs, toMs) - Math.max(span.fromMs, fromMs)) / whole) * 100}%` }}
            title={`${span.word} · ${formatExact(span.fromMs, zone)}`}
          >
            {span.word}
          </span>
        ))}
      </div>
      <div className="state-strip-axis" aria-hidden="true">
        <span>{formatClock(fromMs, toMs, zone).slice(0, -3)}</span>
        <span>{formatClock(toMs, toMs, zone).slice(0, -3)}</span>
      </div>
    </div>
  );
}
