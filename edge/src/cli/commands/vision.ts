import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { HubError } from '@hallhub/shared';
import type { Command } from 'commander';
import { parse as parseYaml } from 'yaml';
import type { LocalResult } from '../../local-api/contract.js';
import { hashesOfFile } from '../../vision/evidence/hashes.js';
import type { CliContext } from '../cli-context.js';
import { clockTime, count, duration } from '../output/format.js';
import { renderFacts, renderTable } from '../output/table.js';
import { printable } from '../output/text-width.js';
import type { Runner } from '../runner.js';
import { addRecordings } from './recordings.js';
import { nextStep, statusText } from './vision-status-text.js';

export const addVision = (program: Command, run: Runner) => {
  const group = program.command('vision').description('cameras: what is watched, what was seen, what proves it');
  group
    .command('status', { isDefault: true })
    .description('how each camera is watched, and why not')
    .action(
      run(async (context) => {
        const status = await context.withAgent((c) => c.call('vision', {}));
        context.show(status, () => statusText(status, context));
        context.next(nextStep(status));
      }),
    );
  group
    .command('rules')
    .description('what cameras are watched for')
    .action(
      run(async (context) => {
        const { rules } = await context.withAgent((c) => c.call('vision.rules', {}));
        context.show({ rules }, () => rulesText(rules, context));
      }),
    );
  group
    .command('findings')
    .description('what was seen, newest first')
    .option('--limit <n>', 'rows at most', '20')
    .action(
      run(async (context, { limit }: { limit: string }) => {
        const wanted = Math.min(1_000, Math.max(1, Math.trunc(Number(limit)) || 20));
        const { findings } = await context.withAgent((c) => c.call('vision.findings', { limit: wanted }));
        context.show({ findings }, () => findingsText(findings, context));
        const [first] = findings;
        if (first) context.next(`What proves it: hub vision verify ${first.number}`);
      }),
    );
  group
    .command('import <file>')
    .description('watch what a file says (JSON or YAML), in a hall without a line')
    .action(
      run(async (context, file: string) => {
        const config = readConfig(resolve(file));
        const taken = await context.withAgent((c) => c.call('vision.import', { config }));
        context.show(
          taken,
          () =>
            `${count(taken.cameras, 'camera')}, ${count(taken.rules, 'rule')}: taken. The cloud’s word takes its place as soon as it has one.`,
        );
        context.next('hub vision');
      }),
    );
  group
    .command('export <file>')
    .description('write what is watched now to a file')
    .action(
      run(async (context, file: string) => {
        const { config } = await context.withAgent((c) => c.call('vision.export', {}));
        if (!config)
          throw new HubError('not_found', 'nothing is set up on this unit', { hint: 'hub vision import FILE' });
        writeFileSync(resolve(file), `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
        context.show(
          { file: resolve(file), version: config.version },
          () => `${resolve(file)}: ${count(config.cameras.length, 'camera')}`,
        );
      }),
    );
  addRecordings(group, run);
  group
    .command('verify <file-or-event>')
    .description('recompute hashes, chain and signature of a finding, or of a file of one')
    .action(
      run(async (context, what: string) => {
        const asked = existsSync(what) ? { file: await hashesOf(resolve(what)) } : { event: what };
        const proof = await context.withAgent((c) => c.call('vision.verify', asked));
        context.show(proof, () => verificationText(proof, context));
        if (proof.verdict === 'changed') context.setExitCode(1);
      }),
    );
};

/** Here, with the rights of whoever asks. */
const hashesOf = async (file: string): Promise<{ sha256: string; sm3: string }> => {
  if (!statSync(file).isFile()) throw new HubError('invalid_input', `${file} is not a file`);
  try {
    const { sha256, sm3 } = await hashesOfFile(file);
    return { sha256, sm3 };
  } catch (cause) {
    throw new HubError('not_found', `${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
};

const readConfig = (file: string): Record<string, never> => {
  try {
    // JSON is YAML.
    const value: unknown = parseYaml(readFileSync(file, 'utf8'), { maxAliasCount: 50 });
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, never>;
  } catch (cause) {
    throw new HubError('invalid_input', `${file}: ${(cause as Error).message}`, { cause });
  }
  throw new HubError('invalid_input', `${file} holds no configuration`);
};

const rulesText = (rules: LocalResult<'vision.rules'>['rules'], { terminal: { width, style } }: CliContext): string => {
  if (rules.length === 0) return 'There are no rules.';
  const columns = ['CAMERA', 'VIEW', 'RULE', 'ALGORITHM', 'AFTER', 'COOL-DOWN', 'SURE', 'CLIP', 'FACES'];
  return renderTable(
    columns.map((title) => ({ title, ...(['CAMERA', 'RULE'].includes(title) ? { shrink: true } : {}) })),
    rules.map((rule) => [
      ...[printable(rule.camera), printable(rule.view), printable(rule.name)],
      `${rule.algorithm}${rule.experimental ? ' (experimental)' : ''}${rule.enabled ? '' : ' (off)'}`,
      ...[duration(rule.forMs), duration(rule.coolDownMs), `${Math.round(rule.minConfidence * 100)} %`],
      ...[
        rule.clip ? 'yes' : 'no',
        rule.facesClearBecause === null ? 'blurred' : `clear: ${printable(rule.facesClearBecause)}`,
      ],
    ]),
    { ...(width === undefined ? {} : { width }), head: style.dim },
  );
};

const findingsText = (
  findings: LocalResult<'vision.findings'>['findings'],
  { terminal: { width, style } }: CliContext,
): string => {
  if (findings.length === 0) return 'Nothing was found yet.';
  return renderTable(
    [
      ...[{ title: 'NUMBER' }, { title: 'SINCE' }, { title: 'PHASE' }, { title: 'LASTED', align: 'right' as const }],
      ...[
        { title: 'CAMERA', shrink: true },
        { title: 'RULE', shrink: true },
        { title: 'FILES', align: 'right' as const },
        { title: 'FACES' },
      ],
    ],
    findings.map((one) => [
      ...[one.number, clockTime(one.startedAt), one.phase],
      one.endedAt === null ? '-' : duration(one.endedAt - one.startedAt),
      ...[printable(one.camera), printable(one.rule), String(one.files), one.faces.replaceAll('_', ' ')],
    ]),
    { ...(width === undefined ? {} : { width }), head: style.dim },
  );
};

const verdicts = {
  right: 'unchanged: hashes, chain and signature are right',
  unsigned: 'unchanged, but unsigned: this unit had no key then',
  unproven: 'unchanged as far as can be seen; whose signature it is cannot be told here: verify it in the console',
  changed: 'CHANGED',
} as const;

const verificationText = (proof: LocalResult<'vision.verify'>, { terminal: { style } }: CliContext): string => {
  const rows = proof.rows.map((row) => {
    const files = row.files.map(({ state }) => (state === 'absent' ? 'sent' : state)).join(', ');
    const seal = row.isUnchanged ? 'unchanged' : style.bad('changed');
    const signature =
      row.signature === 'unknown' ? 'signed by a certificate that is not known here' : `signature ${row.signature}`;
    const isInTime = !row.certificate || proof.startedAt <= row.certificate.to;
    const time = isInTime ? '' : style.warn(`; the certificate ended ${clockTime(row.certificate?.to ?? 0)}`);
    const place = row.isInChain ? `chain ${row.chain.replace('_', ' ')}` : style.bad('in no chain');
    return [row.phase, `${seal}, ${signature}, ${place}${files ? `; files: ${files}` : ''}${time}`] as const;
  });
  return renderFacts([
    ['Finding', `${proof.number}  ${printable(proof.rule)}  ${clockTime(proof.startedAt)}`],
    ['Event', proof.episodeId],
    [
      'File',
      proof.file && `${proof.file.role}, ${proof.file.state}\nSHA-256 ${proof.file.sha256}\nSM3     ${proof.file.sm3}`,
    ],
    ...rows,
    ['Verdict', proof.verdict === 'changed' ? style.bad(verdicts.changed) : verdicts[proof.verdict]],
  ]);
};
