import { chownSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { HubError, isHubError, systemClock } from '@hallhub/shared';
import type { Command } from 'commander';
import { loadCredential } from '../../config/load-config.js';
import { minute } from '../../identity/already-enrolled.js';
import { enrolUnit } from '../../identity/enrol-unit.js';
import { readEnrolmentInput } from '../../identity/enrolment-input.js';
import { IdentityFiles } from '../../identity/identity-files.js';
import type { EnrolmentResult } from '../../local-api/contract.js';
import { makeFolder } from '../../store/make-folder.js';
import type { CliContext } from '../cli-context.js';
import { duration } from '../output/format.js';
import { renderFacts } from '../output/table.js';
import type { Runner } from '../runner.js';

const wrongClockMs = 60_000;

export const addEnrol = (program: Command, run: Runner) =>
  program
    .command('enrol [code]')
    .alias('enroll')
    .description('give this unit its identity, by a code or QR link from the console')
    .option('--cloud <url>', 'the address the console shows beside the code: https://HOST:18443')
    .option('--anew', 'make the unit another one though it is enrolled already')
    .option('--renew', 'no code: a new certificate for the unit that is enrolled already')
    .action(
      run(async (context, text: string | undefined, { renew, ...flags }: EnrolFlags & { renew?: boolean }) => {
        if (renew) {
          const identity = await context.withAgent((client) => client.call('identity.renew', {}));
          const left = duration((identity.endsAt ?? 0) - context.terminal.now());
          context.show(identity, () => `The new certificate is good for ${left}.`);
          return;
        }
        if (text === undefined) {
          throw new HubError('invalid_input', 'which code? Name the one from the console: hub enrol CODE');
        }
        // A slip of the finger is told at once, agent or not.
        readEnrolmentInput(text, flags.cloud, knownGateway(context.dataDir) ?? 'https://localhost');
        const { result, byAgent } = await enrol(context, text, flags);
        context.show(result, () => enrolmentText(result, context, byAgent));
        context.next(byAgent ? 'See it connect: hub status' : 'Start the agent; then: hub status');
      }),
    );

interface EnrolFlags {
  readonly cloud?: string;
  readonly anew?: boolean;
}

const enrol = async (
  context: CliContext,
  text: string,
  flags: EnrolFlags,
): Promise<{ result: EnrolmentResult; byAgent: boolean }> => {
  try {
    return {
      result: await context.withAgent((client) => client.call('enrol', { code: text, ...flags })),
      byAgent: true,
    };
  } catch (error) {
    // `link_refused` is no agent at all: what the cloud refuses comes under other codes.
    if (!isHubError(error, 'link_refused')) throw error;
    return { result: await enrolWithoutAgent(context, text, flags), byAgent: false };
  }
};

const enrolWithoutAgent = async (
  { dataDir, signal, json, terminal }: CliContext,
  text: string,
  { cloud, anew }: EnrolFlags,
): Promise<EnrolmentResult> => {
  makeFolder(dataDir);
  const result = await enrolUnit({
    ...readEnrolmentInput(text, cloud, knownGateway(dataDir)),
    files: new IdentityFiles(dataDir),
    software: ownVersion(),
    clock: systemClock,
    signal,
    ...(anew === undefined ? {} : { anew }),
    progress: (step) => void (json || terminal.err(terminal.style.dim(`${step} …`))),
  });
  giveToOwner(dataDir);
  return result;
};

const enrolmentText = (result: EnrolmentResult, { terminal }: CliContext, byAgent: boolean): string => {
  const { style } = terminal;
  const { replacement, snapshot, clockOffsetMs, since } = result;
  const offMs = Math.abs(clockOffsetMs);
  const takesOver = {
    none: 'the unit before left nothing: the hall begins empty',
    fetched: byAgent ? 'it restarts with what the unit before knew' : 'it starts with what the unit before knew',
    failed: style.warn('what the unit before knew is still to be fetched: the hall opens when it is here'),
  }[snapshot];
  return renderFacts([
    [
      'Enrolled',
      since === undefined
        ? `${result.hallName}  ${result.name}  ${style.dim(result.unitId)}`
        : `already as ${result.hallName} ${result.name} ${style.dim(result.unitId)} since ${minute(since)}`,
    ],
    ['Certificate', `good for ${duration(result.endsAt - terminal.now() - clockOffsetMs)}, renewed by itself`],
    ['Cloud', result.gateway],
    ['Replaces', replacement ? takesOver : undefined],
    [
      'Clock',
      offMs > wrongClockMs
        ? style.warn(
            `${duration(offMs)} ${clockOffsetMs > 0 ? 'behind' : 'ahead'}: set it, or let NTP do it (times are corrected)`,
          )
        : undefined,
    ],
  ]);
};

const knownGateway = (dataDir: string): string | undefined => {
  try {
    return loadCredential(join(dataDir, 'unit.json'))?.cloud.gateway;
  } catch {
    // A damaged unit.json is what enrolling is for.
    return undefined;
  }
};

/** Run with sudo, the files still belong to the user the agent runs as. */
const giveToOwner = (dataDir: string): void => {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dataDir);
  if (uid === 0) return;
  const folder = join(dataDir, 'identity');
  for (const file of [folder, ...readdirSync(folder).map((name) => join(folder, name)), join(dataDir, 'unit.json')]) {
    if (!lstatSync(file).isSymbolicLink()) chownSync(file, uid, gid);
  }
};

const ownVersion = (): string =>
  (JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
