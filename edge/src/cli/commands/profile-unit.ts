import type { Command } from 'commander';
import type { LocalResult } from '../../local-api/contract.js';
import type { CliContext } from '../cli-context.js';
import { exitCodes } from '../exit-code.js';
import { count } from '../output/format.js';
import { renderTable } from '../output/table.js';
import { printable } from '../output/text-width.js';
import type { Runner } from '../runner.js';

type Profiles = LocalResult<'profiles.list'>;
type Detail = LocalResult<'profiles.show'>;
type Reload = LocalResult<'profiles.reload'>;

interface ThingPart {
  readonly id: string;
  readonly label: { readonly zh: string; readonly en?: string };
  readonly type?: string;
  readonly unit?: string;
  readonly access?: string;
  readonly role?: string;
}

const listText = ({ folder, profiles, issues }: Profiles, context: CliContext): string => {
  const { style, width } = context.terminal;
  const table = renderTable(
    [
      { title: 'PROFILE' },
      { title: 'LABEL', shrink: true },
      { title: 'CLASS' },
      { title: 'PROTOCOLS' },
      { title: 'VERSION' },
      { title: 'DEVICES', align: 'right' },
    ],
    profiles.map((one) => [
      one.id,
      printable(one.label.zh),
      one.deviceClass,
      one.protocols.join(' '),
      one.version,
      String(one.deviceCount),
    ]),
    { ...(width === undefined ? {} : { width }), head: style.dim },
  );
  return [
    profiles.length > 0 ? table : 'No profiles are loaded.',
    '',
    `${count(profiles.length, 'profile')} from ${folder ?? 'no folder'}`,
    ...issues.map((issue) => style.bad(printable(issue))),
  ].join('\n');
};

const detailText = (detail: Detail, all: boolean, context: CliContext): string => {
  const { style, width } = context.terminal;
  const thing = (detail.document.thing ?? {}) as unknown as Record<'properties' | 'events' | 'commands', ThingPart[]>;
  const derived = (detail.document.derived ?? {}) as Record<string, { feel: string }>;
  const part = (title: string, list: readonly ThingPart[]) =>
    list.length === 0 ? [] : ['', style.dim(title), ...list.map((one) => `  ${one.id}  ${printable(one.label.zh)}`)];
  const properties = thing.properties.filter(({ role }) => all || role !== 'internal');
  return [
    `${detail.id} ${detail.version}  ${printable(detail.label.zh)}${detail.label.en ? ` (${printable(detail.label.en)})` : ''}`,
    `${detail.deviceClass}; ${detail.protocols.join(', ')}; ${detail.file}; ${detail.hash.slice(0, 12)}`,
    ...(detail.variants.length > 0 ? [`variants for firmware ${detail.variants.join(', ')}`] : []),
    '',
    renderTable(
      [
        { title: 'PROPERTY' },
        { title: 'LABEL', shrink: true },
        { title: 'TYPE' },
        { title: 'UNIT' },
        { title: 'ACCESS' },
        { title: 'ROLE' },
        { title: 'DERIVED', shrink: true },
      ],
      properties.map((one) => [
        one.id,
        printable(one.label.zh),
        one.type ?? '-',
        one.unit ?? '-',
        one.access ?? 'r',
        one.role ?? '-',
        printable(derived[one.id]?.feel ?? '-'),
      ]),
      { ...(width === undefined ? {} : { width }), head: style.dim },
    ),
    ...part('EVENTS', thing.events),
    ...part('COMMANDS', thing.commands),
    ...(detail.devices.length === 0 ? [] : ['', style.dim('DEVICES')]),
    ...detail.devices.map(
      (one) =>
        `  ${one.deviceId.slice(-8)}  ${printable(one.name ?? '-')}  ${printable(one.firmware ?? 'firmware not known')}${one.hash === detail.hash ? '' : '  (a variant)'}`,
    ),
  ].join('\n');
};

const reloadText = (result: Reload, context: CliContext): string => {
  const { style } = context.terminal;
  const told = (word: string, ids: readonly string[]) => (ids.length > 0 ? [`${word}: ${ids.join(', ')}`] : []);
  const lines = [
    ...told('new', result.added),
    ...told('changed', result.changed),
    ...told('gone', result.removed),
    ...result.issues.map((issue) => style.bad(printable(issue))),
    ...told('broken, the old one stays in use', result.kept),
  ];
  if (lines.length === 0) lines.push('Nothing has changed.');
  return [...lines, `${count(result.devices.length, 'device')} touched`].join('\n');
};

/** What the running agent has loaded. */
export const addProfileUnit = (profile: Command, run: Runner) => {
  profile
    .command('list')
    .description('the profiles that this unit has loaded, and the devices that have them')
    .action(
      run(async (context) => {
        const result = await context.withAgent((c) => c.call('profiles.list', {}));
        context.show(result, () => listText(result, context));
        context.next('hub profile show VENDOR/MODEL');
      }),
    );
  profile
    .command('show <vendor/model>')
    .description('one profile as this unit has it: templates, base and variants merged in')
    .option('--firmware <version>', 'as it holds for this firmware')
    .option('--all', 'with properties that are internal to the unit')
    .action(
      run(async (context, id: string, options: { firmware?: string; all?: boolean }) => {
        const params = { profile: id, ...(options.firmware ? { firmware: options.firmware } : {}) };
        const detail = await context.withAgent((c) => c.call('profiles.show', params));
        context.show(detail, () => detailText(detail, options.all === true, context));
      }),
    );
  profile
    .command('reload')
    .description('take up changed profile files now; the agent does it by itself, too')
    .action(
      run(async (context) => {
        const result = await context.withAgent((c) => c.call('profiles.reload', {}));
        context.show(result, () => reloadText(result, context));
        if (result.issues.length > 0) context.setExitCode(exitCodes.failed);
      }),
    );
};
