import { type Command, Option } from 'commander';
import { logLevels } from '../../local-api/contract.js';
import { clockTime } from '../output/format.js';
import { printable } from '../output/text-width.js';
import type { Runner } from '../runner.js';
import { wholeNumber } from '../whole-number.js';

type Level = (typeof logLevels)[number];

/** An error is told by its code and message; its stack is for `--json`. */
const fieldText = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (value !== null && typeof value === 'object' && 'message' in value && 'stack' in value) {
    const code = 'code' in value ? `${String(value.code)}: ` : '';
    return `${code}${String(value.message)}`;
  }
  return JSON.stringify(value);
};

export const addLogs = (program: Command, run: Runner) =>
  program
    .command('logs')
    .description('what the agent wrote')
    .option('-n, --lines <count>', 'how many', wholeNumber, 100)
    .option('-f, --follow', 'go on as it writes; Ctrl-C ends')
    .addOption(new Option('--level <level>', 'this and worse').choices([...logLevels]).default('info'))
    .action(
      run(async (context, options: { lines: number; follow?: boolean; level: Level }) => {
        const { style } = context.terminal;
        await context.withAgent((c) =>
          c.stream(
            'logs',
            { lines: options.lines, follow: options.follow === true, level: options.level },
            {
              signal: context.signal,
              item: (item) =>
                context.show(item, () => {
                  const level =
                    item.level === 'error'
                      ? style.bad('error')
                      : item.level === 'warn'
                        ? style.warn('warn ')
                        : item.level.padEnd(5);
                  const fields = Object.entries(item.fields).map(([k, v]) => `${k}=${fieldText(v)}`);
                  return `${style.dim(clockTime(item.at))}  ${level}  ${item.part ? `${item.part}: ` : ''}${printable(item.message)}${fields.length > 0 ? style.dim(`  ${printable(fields.join(' '))}`) : ''}`;
                }),
            },
          ),
        );
      }),
    );
