import { readFileSync } from 'node:fs';
import { HubError } from '@hallhub/shared';
import { signedReportSchema, type UnitProof } from '@hallhub/shared/proof';
import type { Command } from 'commander';
import { z } from 'zod';
import { splitPem } from '../../identity/certificate-text.js';
import { IdentityFiles } from '../../identity/identity-files.js';
import { daySpan, todayIn } from '../../proof/day-span.js';
import type { OwnProof } from '../../proof/own-proof.js';
import type { CliContext } from '../cli-context.js';
import { exitCodes } from '../exit-code.js';
import { duration } from '../output/format.js';
import { renderTable } from '../output/table.js';
import { differences, type Finding, findingOf } from '../proof-comparison.js';
import { cloudProofOf, ownProofOf } from '../proof-sources.js';
import type { Runner } from '../runner.js';
import { checkReport } from '../verify-report.js';

const dayText = z.iso.date();

export const addProof = (program: Command, run: Runner) => {
  const proof = program
    .command('proof')
    .description('what this unit wrote on a day, and what became of it: both ends’ own rows')
    .option('--day <day>', 'YYYY-MM-DD in the hall’s zone; default: today')
    .action(
      run(async (context, { day }: { day?: string }) => {
        if (day !== undefined && !dayText.safeParse(day).success) {
          throw new HubError('invalid_input', `--day is written YYYY-MM-DD, not ${day}`);
        }
        await showDay(context, day);
      }),
    );
  proof
    .command('verify <file>')
    .description('check a signed monthly report, without any line')
    .option('--ca <file>', 'certificates (PEM) of the authority to trust; default: those this unit trusts')
    .action(
      run(async (context, file: string, { ca }: { ca?: string }) => {
        const parsed = signedReportSchema.safeParse(parseJson(readText(file)));
        if (!parsed.success) throw new HubError('invalid_input', `${file} is no signed proof report of this version`);
        const state = ca === undefined ? new IdentityFiles(context.dataDir).read() : undefined;
        const trusted = ca ? splitPem(readText(ca)) : state?.state === 'ready' ? state.identity.trust.certificates : [];
        const { checks, report } = checkReport(parsed.data, trusted);
        context.show({ checks, report: report ?? null }, () =>
          renderTable(
            [{ title: 'CHECK' }, { title: 'RESULT' }, { title: 'WHAT WAS SEEN', shrink: true }],
            checks.map(({ what, ok, said }) => [
              what,
              ok ? context.terminal.style.good('✓ ok') : context.terminal.style.bad('✗ failed'),
              said,
            ]),
            { head: context.terminal.style.dim },
          ),
        );
        if (checks.some(({ ok }) => !ok)) context.setExitCode(exitCodes.failed);
      }),
    );
};

const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new HubError('not_found', `${file} cannot be read`, { cause });
  }
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const showDay = async (context: CliContext, given: string | undefined): Promise<void> => {
  const { terminal } = context;
  const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  // The cloud knows the hall's zone, and so which day it is there; without it the day is this machine's.
  const cloud = await cloudProofOf(context, given);
  const theirs = 'proof' in cloud ? cloud.proof : undefined;
  const day = given ?? theirs?.day ?? todayIn(ownZone, terminal.now());
  const own = await ownProofOf(context, theirs ?? daySpan(ownZone, day));
  const finding = findingOf(own, theirs);
  const zone = theirs?.timeZone ?? ownZone;
  const value = { day, timeZone: zone, ...finding, own, cloud: theirs ?? null };
  context.show({ ...value, cloudUnknown: 'unknown' in cloud ? cloud.unknown : null }, () =>
    [
      `${day} (${zone})`,
      laneText(own, theirs, context),
      ...(theirs ? differences(own, theirs).map((line) => terminal.style.bad(line)) : []),
      ...('unknown' in cloud ? [terminal.style.dim(`The cloud was not asked: ${cloud.unknown}`)] : []),
      ...(theirs && theirs.figures.delayMaxMs !== null
        ? [`Longest way from reading to row: ${duration(theirs.figures.delayMaxMs)}`]
        : []),
      coloured(finding, context),
    ].join('\n\n'),
  );
  if (finding.verdict === 'different') context.setExitCode(exitCodes.failed);
};

const coloured = ({ verdict, text }: Finding, { terminal: { style } }: CliContext): string =>
  verdict === 'different' ? style.bad(text) : verdict === 'ok' ? style.good(text) : text;

const laneText = (own: OwnProof, cloud: UnitProof | undefined, { terminal }: CliContext): string => {
  const rows = own.lanes.map((lane) => {
    const hours = own.hours.filter((hour) => hour.lane === lane.lane);
    const sum = (some: typeof hours) => some.reduce((total, { count }) => total + count, 0);
    const there = (cloud?.hours ?? []).filter((hour) => hour.lane === lane.lane);
    const stored = there.reduce((total, hour) => total + (hour.cloud?.count ?? 0), 0);
    return [
      lane.lane,
      sum(hours.filter(({ state }) => state !== 'open')).toLocaleString('en-US'),
      sum(hours.filter(({ state }) => state === 'open')).toLocaleString('en-US'),
      cloud ? stored.toLocaleString('en-US') : '?',
      lane.kept.toLocaleString('en-US'),
      lane.brokenAt === null ? 'intact' : terminal.style.bad(`broken at ${lane.brokenAt}`),
      String(lane.cursor),
      lane.epoch,
    ];
  });
  return renderTable(
    [
      { title: 'LANE' },
      { title: 'SEALED', align: 'right' },
      { title: 'OPEN', align: 'right' },
      { title: 'IN THE CLOUD', align: 'right' },
      { title: 'KEPT HERE', align: 'right' },
      { title: 'CHAIN' },
      { title: 'CONFIRMED', align: 'right' },
      { title: 'EPOCH', shrink: true },
    ],
    rows,
    { ...(terminal.width === undefined ? {} : { width: terminal.width }), head: terminal.style.dim },
  );
};
