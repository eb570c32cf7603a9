import { parseArgs } from 'node:util';
import { brokerMissing } from './drill/drill-broker.js';
import { exchangeLines, isAgreed } from './exchange/report-exchange.js';
import { runExchange } from './exchange/run-exchange.js';

/** Tickets both ways under faults as a process: result as JSON to the parent or, without one, in words. Ends with 1 where the ends do not agree. */
const { values } = parseArgs({
  options: {
    tickets: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    'kill-every': { type: 'string', default: '12' },
    'make-for': { type: 'string', default: '3600' },
    source: { type: 'boolean', default: false },
    calm: { type: 'boolean', default: false },
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
const result = await runExchange({
  ...{ each: Number(values.tickets), seed: Number(values.seed), built: !values.source, isCalm: values.calm },
  ...{
    killEveryMs: Number(values['kill-every']) * 1_000,
    makeForMs: Number(values['make-for']) * 1_000,
    say,
    signal: stop.signal,
  },
});
if (process.send) process.send({ type: 'result', result });
else process.stdout.write(`${exchangeLines(result).join('\n')}\n`);
process.disconnect?.();
process.exitCode = isAgreed(result) ? 0 : 1;
