import { type Command, Option } from 'commander';
import type { Runner } from '../runner.js';
import { wholeNumber } from '../whole-number.js';
import { joinText } from './status.js';

export const addJoin = (program: Command, run: Runner) =>
  program
    .command('join')
    .description('who may join: show, or set with --policy')
    .addOption(new Option('--policy <policy>').choices(['closed', 'approve', 'window']))
    .option('--minutes <count>', 'how long a window stays open', wholeNumber, 30)
    .action(
      run(async (context, options: { policy?: 'closed' | 'approve' | 'window'; minutes: number }) => {
        const now = context.terminal.now();
        const result = await context.withAgent((c) => {
          if (!options.policy) return c.call('join.get', {});
          const until = options.policy === 'window' ? { untilMs: now + options.minutes * 60_000 } : {};
          return c.call('join.set', { policy: options.policy, ...until });
        });
        context.show(result, () => joinText(result, now));
      }),
    );
