import { HubError, systemClock } from '@hallhub/shared';
import { formatIssue, type Profile, profileHash, profileId, resolveForFirmware } from '@hallhub/shared/profile';
import type { Command } from 'commander';
import type { LastValue, LoadedProfile } from '../../ports/index.js';
import type { CliContext } from '../cli-context.js';
import { exitCodes } from '../exit-code.js';
import { ago, clockTime } from '../output/format.js';
import { renderTable } from '../output/table.js';
import { printable } from '../output/text-width.js';
import { valueText } from '../output/value-text.js';
import { readProfiles } from '../read-corpus.js';
import type { Runner } from '../runner.js';
import type { TrialItem } from '../trial/trial-host.js';
import { wholeNumber } from '../whole-number.js';

interface TryOptions {
  readonly on: string;
  readonly seconds: number;
  readonly firmware?: string;
  readonly username?: string;
}

/** The draft, whole: a profile with errors cannot be tried. Throws `invalid_input` with the errors. */
const draftOf = (target: string, firmware: string | undefined): LoadedProfile => {
  const { corpus, only } = readProfiles(target);
  const errors = corpus.issues.filter(({ file, severity }) => only.has(file) && severity === 'error');
  const [entry, another] = corpus.entries.filter(({ path }) => only.has(path));
  if (!entry || errors.length > 0) {
    const text = errors.map(formatIssue).join('\n') || `${target} is no profile that can be read`;
    throw new HubError('invalid_input', text, { hint: `hub profile lint ${target}` });
  }
  if (another) throw new HubError('invalid_input', `${target} holds several profiles: name one file`);
  const document: Profile = resolveForFirmware(entry.profile, firmware).profile;
  const { version } = document;
  return { id: profileId(document), version, hash: profileHash(document), document, file: entry.path };
};

const itemLine = (item: TrialItem, { terminal: { style } }: CliContext): string => {
  const head = `${style.dim(clockTime(item.at).slice(11, 19))}  `;
  switch (item.kind) {
    case 'found': {
      const { vendor, model, serial, firmware } = item.identity;
      return `${head}found ${printable(`${vendor}/${model} ${serial}${firmware ? `, firmware ${firmware}` : ''}`)} at ${item.address}`;
    }
    case 'reading': {
      const values = Object.entries(item.values).map(
        ([id, value]) => `${id}=${valueText(value)}${item.quality[id] ? style.warn(` (${item.quality[id]})`) : ''}`,
      );
      return [head + values.join('  '), ...item.problems.map((one) => `${head}${style.warn(printable(one))}`)].join(
        '\n',
      );
    }
    case 'event':
      return `${head}event ${item.event} ${printable(JSON.stringify(item.data))}`;
    case 'presence':
      return `${head}${item.ok ? style.good('answers') : style.bad('does not answer')}: ${printable(item.reason)}`;
    case 'fault':
      return `${head}${style.warn(printable(item.message))}`;
  }
};

/** A property that the device refused to tell was heard of, and has no value. */
const hasValue = (last: LastValue | undefined): boolean => last?.value !== undefined && last.value !== null;

const resultText = (profile: LoadedProfile, values: ReadonlyMap<string, LastValue>, context: CliContext): string => {
  const { style, width, now } = context.terminal;
  const { thing } = profile.document;
  const readable = thing.properties.filter(({ access }) => access !== 'w');
  const rows = readable.map(({ id, label, unit }) => {
    const last = values.get(id);
    const quality =
      last === undefined ? style.bad('never seen') : last.quality === 'good' ? 'good' : style.warn(last.quality);
    return [id, printable(label.zh), valueText(last?.value), unit ?? '', quality, ago(last?.at, now())];
  });
  const seen = readable.filter(({ id }) => hasValue(values.get(id))).length;
  return [
    '',
    renderTable(
      [
        { title: 'PROPERTY' },
        { title: 'LABEL', shrink: true },
        { title: 'VALUE', align: 'right' },
        { title: 'UNIT' },
        { title: 'QUALITY' },
        { title: 'SEEN' },
      ],
      rows,
      { ...(width === undefined ? {} : { width }), head: style.dim },
    ),
    '',
    `${seen} of ${readable.length} properties had a value.`,
  ].join('\n');
};

/** A vendor's first meeting of draft and device; the agent is not asked and learns nothing of it. */
export const addProfileTry = (profile: Command, run: Runner) => {
  profile
    .command('try <file>')
    .description('talk to a device by a draft of its profile and see what comes; nothing is registered')
    .requiredOption(
      '--on <endpoint>',
      'tcp://HOST:PORT#UNIT, rtu-tcp://HOST:PORT#UNIT, /dev/ttyUSB0#UNIT, /dev/ttyS1#address=2, http://HOST/onvif/… or mqtt://HOST#DEVICE',
    )
    .option('--seconds <n>', 'how long', wholeNumber, 60)
    .option('--firmware <version>', 'with the variants for this firmware')
    .option('--username <name>', 'account on the camera or broker; its password is taken from HALLHUB_PASSWORD')
    .action(
      run(async (context, target: string, options: TryOptions) => {
        const { runTrial } = await import('../trial/run-trial.js');
        const draft = draftOf(target, options.firmware);
        const values = await runTrial({
          profile: draft,
          on: options.on,
          forMs: options.seconds * 1_000,
          clock: systemClock,
          signal: context.signal,
          username: options.username,
          password: process.env.HALLHUB_PASSWORD,
          item: (item) => context.show(item, () => itemLine(item, context)),
        });
        context.show({ kind: 'result', values: Object.fromEntries(values) }, () => resultText(draft, values, context));
        if (![...values.values()].some(hasValue)) context.setExitCode(exitCodes.failed);
      }),
    );
};
