import { createInterface } from 'node:readline/promises';
import { HubError } from '@hallhub/shared';
import { Argument, type Command } from 'commander';
import { type DrillKind, type DrillReport, drillKinds } from '../../drill/drill-contract.js';
import type { CliContext } from '../cli-context.js';
import { holdDrill } from '../drill/hold-drill.js';
import { exitCodes } from '../exit-code.js';
import { duration } from '../output/format.js';
import { renderTable } from '../output/table.js';
import type { Runner } from '../runner.js';

interface RunOptions {
  readonly for: string;
  readonly yes?: boolean;
  readonly force?: boolean;
}

/** `60s`, `2m`: ms. */
export const drillDuration = (text: string): number => {
  const [, count, unit] = /^(\d{1,4})(s|m)$/.exec(text) ?? [];
  const ms = Number(count) * (unit === 'm' ? 60_000 : 1_000);
  if (!(ms >= 5_000 && ms <= 900_000)) {
    throw new HubError('invalid_input', `--for is written 60s or 2m, from 5s to 15m, not ${text}`);
  }
  return ms;
};

export const addDrill = (program: Command, run: Runner) => {
  const drill = program
    .command('drill')
    .description('faults on purpose, taken back by themselves, and what became of every row');
  drill
    .command('list')
    .description('what can be drilled on this unit, and what cannot')
    .action(
      run(async (context) => {
        const answer = await context.withAgent((c) => c.call('drill.list', {}));
        context.show(answer, () => listText(answer, context));
        context.next('Hold one: hub drill run cut --for 60s');
      }),
    );
  drill
    .command('reports')
    .description('drills that were held, the newest first')
    .option('--limit <count>', 'how many', Number, 20)
    .action(
      run(async (context, { limit }: { limit: number }) => {
        const { reports } = await context.withAgent((c) => c.call('drill.reports', { limit }));
        context.show(
          { reports },
          () => reports.map((one) => reportText(one, context)).join('\n\n') || 'No drill was held.',
        );
      }),
    );
  drill
    .command('stop')
    .description('take back whatever a drill has changed, now')
    .action(
      run(async (context) => {
        const { state } = await context.withAgent(async (c) => {
          const ended = await c.call('drill.end', {});
          await c.call('drill.settle', {});
          return ended;
        });
        context.show({ state }, () => (state ? `${state.kind}: taken back.` : 'No drill was being held.'));
      }),
    );
  drill
    .command('run')
    .description('hold drills, one after the other')
    .addArgument(new Argument('[kinds...]').choices([...drillKinds, 'all']).default(['cut']))
    .option('--for <time>', 'how long each fault lasts: 60s, 2m', '60s')
    .option('--yes', 'do not ask')
    .option('--force', 'also while the unit is busy or something is wrong')
    .action(run((context, kinds: (DrillKind | 'all')[], options: RunOptions) => runDrills(context, kinds, options)));
};

const runDrills = async (
  context: CliContext,
  wanted: readonly (DrillKind | 'all')[],
  options: RunOptions,
): Promise<void> => {
  const forMs = drillDuration(options.for);
  const all = wanted.includes('all');
  const kinds = drillKinds.filter((kind) => all || wanted.includes(kind));
  const { drills, objections } = await context.withAgent((c) => c.call('drill.list', {}));
  if (objections.length > 0 && !options.force) {
    throw new HubError('conflict', `This is no time for a drill: ${objections.join('; ')}`, {
      hint: 'hub doctor says more. With --force it is held all the same.',
    });
  }
  if (!options.yes) await ask(context, kinds, forMs);
  let isGood = true;
  for (const kind of kinds) {
    context.signal.throwIfAborted();
    const notHere = drills.find((one) => one.kind === kind)?.notHere;
    if (notHere) {
      context.show({ kind, verdict: 'not-here', reason: notHere }, () => `${kind}: not possible here: ${notHere}\n`);
      // Asked for by its name, it was not done.
      if (!all) isGood = false;
      continue;
    }
    const { report, file } = await holdDrill(context, { kind, forMs, force: options.force === true });
    if (report.verdict !== 'proven') isGood = false;
    context.show({ ...report, file }, () => `${reportText(report, context)}\nKept in ${file}\n`);
  }
  if (!isGood) context.setExitCode(exitCodes.failed);
};

const ask = async (context: CliContext, kinds: readonly DrillKind[], forMs: number): Promise<void> => {
  if (!process.stdin.isTTY || context.json) {
    throw new HubError('invalid_input', 'A drill disturbs this unit on purpose', {
      hint: 'Say --yes where nobody can be asked.',
    });
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const question = `Hold ${kinds.join(', ')} on this unit, ${duration(forMs)} each? [y/N] `;
    const answer = await lines.question(question, { signal: context.signal });
    if (!/^y(es)?$/i.test(answer.trim())) throw new HubError('cancelled', 'Nothing was done.');
  } finally {
    lines.close();
  }
};

type Listed = Awaited<ReturnType<typeof listed>>;
const listed = (context: CliContext) => context.withAgent((c) => c.call('drill.list', {}));

const listText = ({ drills, objections, state }: Listed, { terminal }: CliContext): string => {
  const { style } = terminal;
  const table = renderTable(
    [{ title: 'DRILL' }, { title: 'HERE' }, { title: 'WHAT IT DOES', shrink: true }],
    drills.map(({ kind, what, notHere }) => [
      kind,
      notHere ? style.warn('no') : style.good('yes'),
      notHere ? `${what} (${notHere})` : what,
    ]),
    { ...(terminal.width === undefined ? {} : { width: terminal.width }), head: style.dim },
  );
  const now = state?.state === 'running' ? `\n\n${style.warn(`${state.kind} is being held now.`)}` : '';
  const why = objections.length > 0 ? `\n\n${style.warn(`No time for a drill: ${objections.join('; ')}`)}` : '';
  return `${table}${now}${why}`;
};

const number = (n: number | null): string => (n === null ? '?' : n.toLocaleString('en-US'));

const reportText = (report: DrillReport, { terminal: { style } }: CliContext): string => {
  const { kind, startedAt, forMs, done, during, caughtUpMs, rows, verdict, text, before, after } = report;
  const megabytes = (look: typeof before) => (look ? `${Math.round(look.memoryBytes / 1_048_576)} MB` : '?');
  return [
    `${new Date(startedAt).toISOString()}  ${kind}, ${duration(forMs)}: ${done}`,
    `  meanwhile   without a line for ${duration(during.offlineMs)}; at most ${number(during.maxPending)} rows waited, the oldest ${duration(during.maxOldestMs)}`,
    `  after       ${caughtUpMs === null ? 'not caught up' : `caught up in ${duration(caughtUpMs)}`}; memory ${megabytes(before)} before, ${megabytes(after)} after`,
    `  rows        produced ${number(rows.produced)}, committed ${number(rows.committed)}, aside ${number(rows.aside)}, thinned ${number(rows.thinned)}, lost ${number(rows.lost)}, twice ${number(rows.twice)}`,
    `  ${verdict === 'proven' ? style.good(text) : verdict === 'one-end' ? style.warn(text) : style.bad(text)}`,
  ].join('\n');
};
