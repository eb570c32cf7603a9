import { Argument, type Command } from 'commander';
import type { LocalItem } from '../../local-api/contract.js';
import { renderTable } from '../output/table.js';
import { printable } from '../output/text-width.js';
import type { Runner } from '../runner.js';
import { wholeNumber } from '../whole-number.js';

export const addScan = (program: Command, run: Runner) =>
  program
    .command('scan')
    .addArgument(new Argument('[protocol]', 'one of them').choices(['modbus', 'serial', 'onvif', 'mqtt', 'all']))
    .description('look for devices: modbus, serial, onvif, or all')
    .option('--wide', 'beyond what is configured: all unit ids, all ports, the whole network')
    .option('--timeout <ms>', 'how long to look', wholeNumber, 30_000)
    .action(
      run(async (context, protocol: string | undefined, options: { wide?: boolean; timeout: number }) => {
        const found: LocalItem<'scan'>[] = [];
        await context.withAgent((c) =>
          c.stream(
            'scan',
            {
              ...(protocol && protocol !== 'all' ? { protocol: protocol as 'modbus' } : {}),
              wide: options.wide === true,
              timeoutMs: options.timeout,
            },
            { signal: context.signal, item: (item) => void found.push(item) },
          ),
        );
        context.show({ found }, () =>
          found.length === 0
            ? 'Nothing answered.'
            : renderTable(
                [
                  { title: 'PROTOCOL' },
                  { title: 'ADDRESS' },
                  { title: 'MODEL', shrink: true },
                  { title: 'SERIAL', shrink: true },
                  { title: 'PROFILE', shrink: true },
                  { title: 'HERE' },
                ],
                found.map((f) => [
                  f.protocol,
                  printable(f.address),
                  printable(`${f.identity.vendor}/${f.identity.model}`),
                  printable(f.identity.serial),
                  f.profileId ? `${f.profileId}${f.certainty === 'certain' ? '' : ` (${f.certainty})`}` : '-',
                  f.state ?? 'new',
                ]),
                {
                  ...(context.terminal.width === undefined ? {} : { width: context.terminal.width }),
                  head: context.terminal.style.dim,
                },
              ),
        );
        if (found.some((f) => f.state === undefined))
          context.next('Where the bus has “discover: true” the unit registers them by itself: hub devices list');
      }),
    );
