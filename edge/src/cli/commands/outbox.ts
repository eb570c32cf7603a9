import type { Command } from 'commander';
import type { LocalResult } from '../../local-api/contract.js';
import { bytes, clockTime, count, duration } from '../output/format.js';
import { laneTable } from '../output/lane-table.js';
import { renderFacts, renderTable } from '../output/table.js';
import { printable } from '../output/text-width.js';
import type { Runner } from '../runner.js';

type Outbox = LocalResult<'outbox'>;

const kilobits = (bytesPerSecond: number): string => `${Math.round((bytesPerSecond * 8) / 1_000)} kbit/s`;

const lineText = ({ bytesPerSecond, maxBytesPerSecond, roundTripMs, lowData }: Outbox['link']): string =>
  [
    bytesPerSecond === null ? 'nothing bounds it' : kilobits(bytesPerSecond),
    maxBytesPerSecond === null ? undefined : `capped at ${kilobits(maxBytesPerSecond)}`,
    roundTripMs === null ? undefined : `an answer takes ${duration(roundTripMs)}`,
    lowData ? 'spared' : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(', ');

/** Since the start. Gaps of before are in the table. */
const givenUpText = ({ space: { thinned, givenBackBytes } }: Outbox): string => {
  const lanes = Object.entries(thinned).filter(([, rows]) => (rows ?? 0) > 0);
  const rows = lanes.map(([lane, gone]) => `${count(gone ?? 0, 'row')} of ${lane}`).join(', ');
  const back = givenBackBytes > 0 ? `; ${bytes(givenBackBytes)} were given back to the disk` : '';
  return `${rows || 'nothing'}${back}`;
};

export const addOutbox = (program: Command, run: Runner) =>
  program
    .command('outbox')
    .description('what waits to go up, and how long the unit can go on without the cloud')
    .option('--aside', 'messages that could not be stored, with their reasons')
    .action(
      run(async (context, options: { aside?: boolean }) => {
        if (options.aside) {
          const result = await context.withAgent((c) => c.call('outbox.aside', {}));
          context.show(result, () =>
            result.entries.length === 0
              ? 'Nothing was put aside.'
              : renderTable(
                  [
                    { title: 'WHEN' },
                    { title: 'DEVICE' },
                    { title: 'SOURCE' },
                    { title: 'REASON', shrink: true },
                    { title: 'PAYLOAD', shrink: true },
                  ],
                  result.entries.map((e) => [
                    clockTime(e.at),
                    (e.deviceId ?? '-').slice(-8),
                    e.source,
                    printable(e.reason),
                    printable(e.payload),
                  ]),
                  { width: context.terminal.width ?? 200, head: context.terminal.style.dim },
                ),
          );
          return;
        }
        const result = await context.withAgent((c) => c.call('outbox', {}));
        context.show(result, () => {
          const runway = result.runwayMs === null ? 'not known yet' : duration(result.runwayMs);
          return [
            laneTable(result.lanes, context.terminal),
            '',
            renderFacts([
              ['Runway', `${runway} without the cloud`],
              ['Line', lineText(result.link)],
              ['Given up', givenUpText(result)],
            ]),
          ].join('\n');
        });
        if (result.rowsAside.length > 0)
          context.next(
            `${count(result.rowsAside.length, 'row')} the cloud did not take were put aside: hub outbox --json`,
          );
        if (result.asideCount > 0) context.next(`${result.asideCount} messages were put aside: hub outbox --aside`);
      }),
    );
