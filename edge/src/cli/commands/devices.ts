import { HubError } from '@hallhub/shared';
import { type Command, Option } from 'commander';
import type { LocalResult } from '../../local-api/contract.js';
import type { CliContext } from '../cli-context.js';
import { exitCodes } from '../exit-code.js';
import { deviceText } from '../output/device-text.js';
import { ago } from '../output/format.js';
import { commandStateText, deviceStateText, presenceText } from '../output/state-text.js';
import { renderTable } from '../output/table.js';
import { printable } from '../output/text-width.js';
import { valueText } from '../output/value-text.js';
import { parseAssignments } from '../parse-assignments.js';
import type { Runner } from '../runner.js';
import { wholeNumber } from '../whole-number.js';

type Summary = LocalResult<'devices.list'>['devices'][number];
type Outcome = LocalResult<'devices.command'>;

const listText = (devices: readonly Summary[], context: CliContext, state?: string): string => {
  if (devices.length === 0 && state) return `No device is ${state}.`;
  if (devices.length === 0) return 'No devices yet. They join by themselves over MQTT, or look for them: hub scan';
  const { style, width, now } = context.terminal;
  return renderTable(
    [
      { title: 'ID' },
      { title: 'NAME', shrink: true },
      { title: 'MODEL', shrink: true },
      { title: 'SERIAL', shrink: true },
      { title: 'PROTOCOL' },
      { title: 'STATE' },
      { title: 'PRESENCE' },
      { title: 'HEARD' },
    ],
    devices.map((d) => [
      d.deviceId.slice(-8),
      printable(d.name ?? '-'),
      printable(`${d.identity.vendor}/${d.identity.model}`),
      printable(d.identity.serial),
      d.protocol,
      deviceStateText(d.state, style),
      d.state === 'active' ? presenceText(d.presence, style) : '-',
      ago(d.lastHeardAt, now()),
    ]),
    { ...(width === undefined ? {} : { width }), head: style.dim },
  );
};

const showOutcome = (context: CliContext, outcome: Outcome): void => {
  const { style } = context.terminal;
  context.show(outcome, () => {
    const lines = [`${outcome.name}: ${commandStateText(outcome.state, style)}`];
    if (outcome.output && Object.keys(outcome.output).length > 0) lines.push(JSON.stringify(outcome.output, null, 2));
    if (outcome.error) lines.push(`${outcome.error.code}: ${printable(outcome.error.message)}`);
    return lines.join('\n');
  });
  if (outcome.state !== 'succeeded') context.setExitCode(exitCodes.failed);
};

const decided = (context: CliContext, device: Summary, what: string): void =>
  context.show(device, () => `${printable(device.name ?? device.identity.serial)} ${what}`);

/** `DEVICE` is a name, a serial, a device id, or a part of one that fits a single device. */
export const addDevices = (program: Command, run: Runner) => {
  const devices = program.command('devices').description('the devices of this hall');

  devices
    .command('list')
    .description('all devices, or those in one state')
    .addOption(
      new Option('--state <state>', 'only those').choices(['quarantined', 'active', 'refused', 'retired'] as const),
    )
    .action(
      run(async (context, options: { state?: Summary['state'] }) => {
        const result = await context.withAgent((c) =>
          c.call('devices.list', options.state ? { state: options.state } : {}),
        );
        context.show(result, () => listText(result.devices, context, options.state));
        const waiting = result.devices.find((d) => d.state === 'quarantined');
        if (waiting) context.next(`hub devices approve ${waiting.deviceId.slice(-8)} --name NAME`);
      }),
    );

  devices
    .command('show <device>')
    .description('everything the unit knows of a device')
    .option('--all', 'with values that are internal to the unit')
    .action(
      run(async (context, device: string, { all = false }: { all?: boolean }) => {
        const detail = await context.withAgent((c) => c.call('devices.show', { device, all }));
        context.show(detail, () => deviceText(detail, context.terminal));
      }),
    );

  devices
    .command('approve <device>')
    .description('let a waiting device in')
    .option('--name <name>', 'what people call it')
    .option('--profile <vendor/model>', 'its profile, where the unit could not tell')
    .option('--counter <id>', 'the counter it stands at')
    .action(
      run(async (context, device: string, options: { name?: string; profile?: string; counter?: string }) => {
        const result = await context.withAgent((c) =>
          c.call('devices.approve', {
            device,
            ...(options.name ? { name: options.name } : {}),
            ...(options.profile ? { profileId: options.profile } : {}),
            ...(options.counter ? { counterId: options.counter } : {}),
          }),
        );
        decided(context, result, 'is approved');
        context.next(`hub devices show ${result.deviceId.slice(-8)}`);
      }),
    );

  devices
    .command('refuse <device>')
    .description('keep a device out')
    .option('--reason <text>')
    .action(
      run(async (context, device: string, options: { reason?: string }) => {
        const params = { device, ...(options.reason ? { reason: options.reason } : {}) };
        decided(context, await context.withAgent((c) => c.call('devices.refuse', params)), 'is refused');
      }),
    );

  devices
    .command('rename <device> <name>')
    .description('give a device its name')
    .action(
      run(async (context, device: string, name: string) =>
        decided(context, await context.withAgent((c) => c.call('devices.update', { device, name })), 'is its name now'),
      ),
    );

  devices
    .command('retire <device>')
    .description('take a device out of service; its history stays')
    .action(
      run(async (context, device: string) =>
        decided(context, await context.withAgent((c) => c.call('devices.retire', { device })), 'is retired'),
      ),
    );

  devices
    .command('rotate <device>')
    .description('give a device made for HallHub a new credential')
    .action(
      run(async (context, device: string) => {
        const result = await context.withAgent((c) => c.call('devices.rotate', { device }));
        const minutes = Math.max(1, Math.round((result.oldValidUntil - context.terminal.now()) / 60_000));
        context.show(result, () =>
          result.state === 'confirmed'
            ? `It has stored its new credential. The old one holds until the new one was used, ${minutes} minutes at most.`
            : `It did not answer in time. Both credentials hold for ${minutes} minutes; then the one it uses.`,
        );
        if (result.state === 'unconfirmed') context.setExitCode(exitCodes.failed);
      }),
    );

  devices
    .command('read <device> [properties...]')
    .description('ask the device itself, now')
    .action(
      run(async (context, device: string, properties: string[]) => {
        const result = await context.withAgent((c) =>
          c.call('devices.read', { device, ...(properties.length > 0 ? { properties } : {}) }),
        );
        context.show(result, () =>
          renderTable(
            [{ title: 'PROPERTY' }, { title: 'VALUE', align: 'right' }, { title: 'QUALITY' }],
            Object.entries(result.values).map(([id, value]) => [id, valueText(value), result.quality?.[id] ?? 'good']),
            { head: context.terminal.style.dim },
          ),
        );
      }),
    );

  devices
    .command('write <device> <assignments...>')
    .description('set properties: hub devices write meter demandPeriod=15')
    .action(
      run(async (context, device: string, assignments: string[]) => {
        const values = parseAssignments(assignments);
        showOutcome(
          context,
          await context.withAgent((c) => c.call('devices.write', { device, values: values as never })),
        );
      }),
    );

  devices
    .command('command <device> <command> [assignments...]')
    .description('run a command: hub devices command queue callNext counter=2')
    .option('--input <json>', 'the whole input as JSON')
    .option('--timeout <ms>', 'give up after this long', wholeNumber)
    .action(
      run(
        async (
          context,
          device: string,
          command: string,
          assignments: string[],
          options: { input?: string; timeout?: number },
        ) => {
          const input = { ...parseInput(options.input), ...parseAssignments(assignments) };
          const timeout = options.timeout ? { timeoutMs: options.timeout } : {};
          const outcome = await context.withAgent((c) =>
            c.call('devices.command', { device, command, input: input as never, ...timeout }),
          );
          showOutcome(context, outcome);
          if (outcome.error?.code === 'unsupported') context.next(`hub devices show ${device}`);
        },
      ),
    );

  devices
    .command('watch [device]')
    .description('values, events and presence as they come; Ctrl-C ends')
    .option('--all', 'with values that are internal to the unit')
    .action(
      run(async (context, device: string | undefined, { all = false }: { all?: boolean }) => {
        const { watchLine } = await import('../output/watch-line.js');
        await context.withAgent((c) =>
          c.stream(
            'devices.watch',
            { all, ...(device ? { device } : {}) },
            {
              signal: context.signal,
              item: (item) => context.show(item, () => watchLine(item, context.terminal)),
            },
          ),
        );
      }),
    );
};

const parseInput = (json: string | undefined): Record<string, unknown> => {
  if (json === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new HubError('invalid_input', `--input is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new HubError('invalid_input', '--input is not a JSON object', { hint: 'As in: --input \'{"counter":2}\'' });
  return value as Record<string, unknown>;
};
