import type { Command } from 'commander';
import { clockTime, duration } from '../output/format.js';
import { laneTable } from '../output/lane-table.js';
import { renderTable } from '../output/table.js';
import { printable } from '../output/text-width.js';
import type { Runner } from '../runner.js';

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
          return `${laneTable(result.lanes, context.terminal)}\n\nRunway without the cloud: ${runway}`;
        });
        if (result.asideCount > 0) context.next(`${result.asideCount} messages were put aside: hub outbox --aside`);
      }),
    );
