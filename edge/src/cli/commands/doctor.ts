import { isHubError } from '@hallhub/shared';
import type { Command } from 'commander';
import type { CliContext } from '../cli-context.js';
import { checkWithoutAgent, type DoctorCheck } from '../doctor-offline.js';
import { exitCodes } from '../exit-code.js';
import { verdictMark } from '../output/state-text.js';
import { renderTable } from '../output/table.js';
import type { Runner } from '../runner.js';

const doctorText = (checks: readonly DoctorCheck[], context: CliContext): string => {
  const { style, width } = context.terminal;
  const table = renderTable(
    [{ title: 'VERDICT' }, { title: 'CHECK' }, { title: 'WHAT WAS SEEN', shrink: true }],
    checks.map((c) => [verdictMark(c.verdict, style), c.check, c.message]),
    { ...(width === undefined ? {} : { width }), head: style.dim },
  );
  const advice = checks.filter((c) => c.verdict !== 'ok' && c.hint).map((c) => `${c.check}: ${c.hint}`);
  return advice.length > 0 ? `${table}\n\n${advice.join('\n')}` : table;
};

/** Everything a person in the hall would look at first; what can be checked without the agent is checked without it too. */
export const addDoctor = (program: Command, run: Runner) =>
  program
    .command('doctor')
    .description('check network, clock, disk, ports, broker, cloud, adapters and profiles')
    .action(
      run(async (context) => {
        let checks: DoctorCheck[];
        try {
          checks = (await context.withAgent((client) => client.call('doctor', {}))).checks;
        } catch (error) {
          if (!isHubError(error, 'link_refused')) throw error;
          const agent: DoctorCheck = {
            check: 'agent',
            verdict: 'failed',
            message: error.message,
            ...(error.hint ? { hint: error.hint } : {}),
            facts: {},
          };
          checks = [agent, ...(await checkWithoutAgent(context.dataDir))];
        }
        context.show({ checks }, () => doctorText(checks, context));
        if (checks.some((c) => c.verdict === 'failed')) context.setExitCode(exitCodes.failed);
      }),
    );
