import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { HubError } from '@hallhub/shared';
import { maxReceiptBytes, trustSchema } from '@hallhub/shared/wire';
import type { Command } from 'commander';
import { verifyBundle } from '../../bundle/verify-bundle.js';
import { bytes, clockTime, count } from '../output/format.js';
import { renderFacts, renderTable } from '../output/table.js';
import type { Runner } from '../runner.js';

const units: Readonly<Record<string, number>> = { k: 1_024, m: 1_048_576, g: 1_073_741_824 };

/** `64M`, `2G`, or bytes. */
const readSize = (text: string): number => {
  const found = /^(\d{1,9})([kmg]?)b?$/i.exec(text);
  if (!found) throw new HubError('invalid_input', `${text} is no size`, { hint: '64M, 2G, or a number of bytes.' });
  return Number(found[1]) * (units[(found[2] ?? '').toLowerCase()] ?? 1);
};

const words = {
  acknowledged: 'acknowledged',
  nothing_new: 'nothing new',
  other_epoch: 'of an earlier numbering: nothing changed',
  new_epoch: 'this disk is older than what the cloud has: numbered anew',
} as const;

export const addBundle = (program: Command, run: Runner) => {
  const group = program.command('bundle').description('data by a stick, for a hall without a line');
  group
    .command('export')
    .description('write what the cloud does not have yet into one signed file; nothing is removed here')
    .option('--to <dir>', 'folder, such as a stick’s', '.')
    .option('--max <size>', 'no larger than this, such as 64M', '256M')
    .option('--no-evidence', 'rows only, no pictures and clips')
    .action(
      run(async (context, options: { to: string; max: string; evidence: boolean }) => {
        const params = { folder: resolve(options.to), maxBytes: readSize(options.max), withFiles: options.evidence };
        const made = await context.withAgent((c) => c.call('bundle.export', params));
        context.show(made, () =>
          renderFacts([
            ['Bundle', made.file],
            ['Size', bytes(made.bytes)],
            ['Holds', `${count(made.rows, 'row')}, ${count(made.files, 'file')}`],
            ...made.streams.map(({ lane, fromSeq, toSeq }): [string, string] => [lane, `${fromSeq} to ${toSeq}`]),
            ['Left here', `${count(made.left.rows, 'row')}, ${count(made.left.files, 'file')}`],
          ]),
        );
        context.next('Import it in the console (Bundles), bring its receipt back: hub bundle import RECEIPT');
      }),
    );
  group
    .command('import [receipt]')
    .description('take the cloud’s receipt: what it has may go from here, and its commands come in')
    .option('--text <text>', 'the text of the receipt’s QR code instead of the file')
    .action(
      run(async (context, file: string | undefined, options: { text?: string }) => {
        if ((file === undefined) === (options.text === undefined)) {
          throw new HubError('invalid_input', 'name the receipt’s file, or give its text with --text');
        }
        const receipt = options.text ?? readReceiptFile(resolve(file ?? ''));
        const taken = await context.withAgent((c) => c.call('bundle.import', { receipt }));
        context.show(taken, () =>
          renderFacts([
            ['Receipt of', clockTime(taken.madeAt)],
            ...taken.streams.map(({ lane, acknowledged, result }): [string, string] => [
              lane,
              `${result === 'acknowledged' ? `${count(acknowledged, 'row')} ` : ''}${words[result]}`,
            ]),
            ['Files', `${taken.files} are in the cloud`],
            ['Commands', `${taken.commands.taken} taken, ${taken.commands.expired} came too late and do not run`],
            ['Authorities', taken.trust],
          ]),
        );
      }),
    );
  group
    .command('verify <file>')
    .description('is this bundle whole, and whose is it; works without an agent')
    .option('--ca <file>', 'PEM of the cloud’s authority; default: the ones this unit trusts')
    .action(
      run(async (context, file: string, options: { ca?: string }) => {
        const trusted = options.ca ? [readFileSync(resolve(options.ca), 'utf8')] : ownTrust(context.dataDir);
        const { checks, header } = await verifyBundle(resolve(file), trusted);
        context.show({ checks, header }, () =>
          renderTable(
            [{ title: 'CHECK' }, { title: 'VERDICT' }, { title: 'WHY', shrink: true }],
            checks.map(({ what, ok, said }) => [what, ok ? 'ok' : context.terminal.style.bad('failed'), said]),
            { width: context.terminal.width ?? 200, head: context.terminal.style.dim },
          ),
        );
        if (checks.some(({ ok }) => !ok)) context.setExitCode(1);
      }),
    );
  group
    .command('list', { isDefault: true })
    .description('bundles made here, and whether their receipt came')
    .action(
      run(async (context) => {
        const result = await context.withAgent((c) => c.call('bundle.list', {}));
        context.show(result, () =>
          result.bundles.length === 0
            ? 'No bundle was made here.'
            : renderTable(
                [
                  { title: 'MADE' },
                  { title: 'SIZE', align: 'right' },
                  { title: 'RECEIPT' },
                  { title: 'FILE', shrink: true },
                ],
                result.bundles.map((one) => [
                  one.madeAt > 0 ? clockTime(one.madeAt) : '-',
                  bytes(one.bytes),
                  one.receiptAt === null ? 'not yet' : clockTime(one.receiptAt),
                  one.file || '(made elsewhere)',
                ]),
                { width: context.terminal.width ?? 200, head: context.terminal.style.dim },
              ),
        );
      }),
    );
};

const readReceiptFile = (file: string): string => {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile()) throw new HubError('not_found', `there is no file ${file}`);
  if (found.size > maxReceiptBytes) throw new HubError('too_large', `${file} is too long for a receipt`);
  return readFileSync(file, 'utf8');
};

const ownTrust = (dataDir: string): readonly string[] => {
  try {
    return trustSchema.parse(JSON.parse(readFileSync(`${dataDir}/identity/trust.json`, 'utf8'))).certificates;
  } catch {
    return [];
  }
};
