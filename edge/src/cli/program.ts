import { toHubError } from '@hallhub/shared';
import { Command } from 'commander';
import { type CliContext, createContext, type GlobalOptions } from './cli-context.js';
import { addBundle } from './commands/bundle.js';
import { addDevices } from './commands/devices.js';
import { addDoctor } from './commands/doctor.js';
import { addDrill } from './commands/drill.js';
import { addEnrol } from './commands/enrol.js';
import { addEvidence } from './commands/evidence.js';
import { addFaces } from './commands/faces.js';
import { addJoin } from './commands/join.js';
import { addLogs } from './commands/logs.js';
import { addMetrics } from './commands/metrics.js';
import { addModels } from './commands/models.js';
import { addOutbox } from './commands/outbox.js';
import { addPassword } from './commands/password.js';
import { addProfile } from './commands/profile.js';
import { addProof } from './commands/proof.js';
import { addRunway } from './commands/runway.js';
import { addScan } from './commands/scan.js';
import { addStatus } from './commands/status.js';
import { addVision } from './commands/vision.js';
import { exitCodeOf } from './exit-code.js';
import type { Terminal } from './output/terminal.js';
import { printableLines } from './output/text-width.js';
import type { Runner } from './runner.js';

export interface CliRun {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly env?: NodeJS.ProcessEnv;
}

/** The whole `hub` command. `argv` is without node and script. Resolves with the exit code. */
export const runCli = async (
  argv: readonly string[],
  { terminal, signal, env = process.env }: CliRun,
): Promise<number> => {
  let exitCode = 0;
  const program = new Command('hub')
    .description('HallHub (厅枢) on this unit. Works without the cloud.')
    .option('--data <dir>', 'data folder of the agent (HALLHUB_DATA, ./data/edge, /var/lib/hallhub)')
    .option('--json', 'one JSON document a line, for scripts')
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 no agent, 4 not found, 5 timed out.')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
    });

  const run: Runner =
    (action) =>
    async (...args) => {
      const context: CliContext = {
        ...createContext(program.opts<GlobalOptions>(), terminal, signal, env),
        setExitCode: (code) => {
          exitCode = code;
        },
      };
      await action(context, ...args);
    };
  for (const add of [
    addStatus,
    addDoctor,
    addEnrol,
    addDevices,
    addScan,
    addProfile,
    addJoin,
    addPassword,
    addOutbox,
    addRunway,
    addProof,
    addEvidence,
    addBundle,
    addDrill,
    addVision,
    addFaces,
    addLogs,
    addMetrics,
    addModels,
  ])
    add(program, run);
  inheritSettings(program);

  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    const code = exitCodeOf(error);
    if (!isCommanderError(error)) report(error, terminal, program.opts<GlobalOptions>().json === true);
    return code;
  }
};

const isCommanderError = (error: unknown): boolean => error instanceof Error && error.name === 'CommanderError';

/** Sub-commands take over how the program ends and writes. */
const inheritSettings = (command: Command): void => {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inheritSettings(child);
  }
};

const report = (error: unknown, terminal: Terminal, json: boolean): void => {
  const { code, message, hint } = toHubError(error);
  if (json) {
    terminal.err(JSON.stringify({ error: { code, message, ...(hint ? { hint } : {}) } }));
    return;
  }
  // What a camera or device answered may stand in it.
  terminal.err(`${terminal.style.bad('hub:')} ${printableLines(message)}`);
  if (hint) terminal.err(printableLines(hint));
};
