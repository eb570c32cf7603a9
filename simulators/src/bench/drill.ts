import { parseArgs } from 'node:util';
import { brokerMissing } from './drill/drill-broker.js';
import { drillLines } from './drill/report-drill.js';
import { isProven, runDrill } from './drill/run-drill.js';

/** `--for 30m`: ms. */
const duration = (text: string): number => {
  const [, count, unit] = /^(\d+)(s|m|h)$/.exec(text) ?? [];
  if (!count) throw new Error(`--for is written 90s, 30m or 2h, not ${text}`);
  return Number(count) * { s: 1_000, m: 60_000, h: 3_600_000 }[unit as 's' | 'm' | 'h'];
};

/** The drill as a process: result as JSON to the parent or, without one, in words. Ends with 1 where something is not proven. */
const { values } = parseArgs({
  options: {
    units: { type: 'string', default: '300' },
    for: { type: 'string', default: '30m' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    every: { type: 'string', default: '3s' },
    'units-per-process': { type: 'string', default: '25' },
    source: { type: 'boolean', default: false },
  },
});
const missing = brokerMissing();
if (missing) throw new Error(missing);
const say = (text: string) => {
  if (process.send) process.send({ type: 'progress', text });
  else process.stderr.write(`${new Date().toISOString()} ${text}\n`);
};
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new Error('stopped')));
const forMs = duration(values.for);
const result = await runDrill({
  units: Number(values.units),
  forMs,
  seed: Number(values.seed),
  everyMs: duration(values.every),
  unitsPerProcess: Number(values['units-per-process']),
  catchUpMs: Math.max(600_000, forMs / 2),
  built: !values.source,
  say,
  signal: stop.signal,
});
if (process.send) process.send({ type: 'result', result });
else process.stdout.write(`${drillLines(result).join('\n')}\n`);
process.disconnect?.();
process.exitCode = isProven(result) ? 0 : 1;
