import type { Command } from 'commander';
import type { Runner } from '../runner.js';

export const addMetrics = (program: Command, run: Runner) =>
  program
    .command('metrics')
    .description('the figures that a Prometheus server would read (metrics: in edge.yaml serves them)')
    .action(
      run(async (context) => {
        const result = await context.withAgent((client) => client.call('metrics', {}));
        context.show(result, () => result.text.trimEnd());
      }),
    );
