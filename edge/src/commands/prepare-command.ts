import { HubError } from '@hallhub/shared';
import { checkInput, checkWrite, maskPersonalFields } from '@hallhub/shared/thing';
import { nameSchema, type UnitCommandName, unitCommandInputs, valueSchema } from '@hallhub/shared/wire';
import { z } from 'zod';
import { type DeviceDesk, type DeviceRegistry, type JoinPolicyBook, readProperties } from '../devices/index.js';
import type { Adapter, DeviceView } from '../ports/index.js';
import type { CommandRecord } from '../store/schema.js';
import type { Execution } from './command-runner.js';

/** Commands of every device, beside those of its thing model; their names have a dot, which no model's may have. */
const writeInput = z.strictObject({ values: z.record(nameSchema, valueSchema) });
const readInput = z.strictObject({ properties: z.array(nameSchema).min(1).max(256).optional() });
const propertyTimeoutMs = 10_000;
const unitTimeoutMs = 30_000;

export interface PrepareParts {
  readonly registry: DeviceRegistry;
  readonly desk: DeviceDesk;
  readonly policy: JoinPolicyBook;
  readonly adapterOf: (adapterId: string) => Adapter | undefined;
}

/** Turns a command into what is to be done, checking everything that can be checked before a byte goes out. */
export const prepareCommand =
  (parts: PrepareParts) =>
  (command: CommandRecord): Execution =>
    command.deviceId === null
      ? prepareUnitCommand(parts, command)
      : prepareDeviceCommand(parts, command, command.deviceId);

const prepareDeviceCommand = (parts: PrepareParts, command: CommandRecord, deviceId: string): Execution => {
  const device = parts.registry.get(deviceId);
  if (!device) throw new HubError('not_found', `there is no device ${deviceId}`);
  if (device.state !== 'active') throw new HubError('conflict', `the device is ${device.state}`);
  const adapter = parts.adapterOf(device.adapterId);
  if (!adapter) throw new HubError('unavailable', `its adapter ${device.adapterId} does not run`);
  if (command.name === 'property.write') return prepareWrite(adapter, device, command.input);
  if (command.name === 'property.read') return prepareRead(parts, adapter, device, command.input);
  const model = device.profile?.document.thing.commands.find(({ id }) => id === command.name);
  if (!model) throw new HubError('unsupported', `the device has no command ${command.name}`);
  const input = checkInput(model, command.input);
  if (!input.ok) throw invalid(input.errors);
  return {
    timeoutMs: model.timeoutMs,
    run: async (signal, remainingMs) => {
      const output = await adapter.execute({
        commandId: command.commandId,
        deviceId,
        command: command.name,
        input: input.value,
        signal,
        remainingMs,
      });
      return output && maskPersonalFields(model.output, output);
    },
  };
};

const prepareWrite = (adapter: Adapter, device: DeviceView, raw: unknown): Execution => {
  const { values } = parse(writeInput, raw);
  const properties = device.profile?.document.thing.properties ?? [];
  for (const [id, value] of Object.entries(values)) {
    const property = properties.find((one) => one.id === id);
    if (!property) throw new HubError('invalid_input', `there is no property ${id}`);
    const checked = checkWrite(property, value);
    if (!checked.ok) throw invalid(checked.errors);
  }
  return {
    timeoutMs: propertyTimeoutMs,
    run: async (signal) => {
      await adapter.write(device.deviceId, values, signal);
      return undefined;
    },
  };
};

const prepareRead = (parts: PrepareParts, adapter: Adapter, device: DeviceView, raw: unknown): Execution => {
  const properties = device.profile?.document.thing.properties ?? [];
  const { properties: wanted } = parse(readInput, raw);
  const strange = wanted?.find((id) => properties.find((one) => one.id === id)?.access === 'w');
  if (strange) throw new HubError('invalid_input', `${strange} cannot be read`);
  return {
    timeoutMs: propertyTimeoutMs,
    run: async (signal) => {
      const known = parts.registry.values(device.deviceId);
      const { values } = await readProperties(adapter, device, { wanted, known, signal });
      return { values: maskPersonalFields(properties, values) };
    },
  };
};

const prepareUnitCommand = ({ desk, policy, registry }: PrepareParts, command: CommandRecord): Execution => {
  const name = command.name as UnitCommandName;
  if (!Object.hasOwn(unitCommandInputs, name))
    throw new HubError('unsupported', `the unit has no command ${command.name}`);
  const actions: {
    [N in UnitCommandName]: (input: z.infer<(typeof unitCommandInputs)[N]>) => Promise<Record<string, unknown>>;
  } = {
    'device.approve': async ({ deviceId, ...approval }) => stateOf(await desk.approve(deviceId, approval)),
    'device.refuse': async ({ deviceId, reason }) => stateOf(await desk.refuse(deviceId, reason)),
    'device.update': async ({ deviceId, ...change }) => stateOf(await desk.update(deviceId, change)),
    'device.retire': async ({ deviceId }) => stateOf(await desk.retire(deviceId)),
    'join.policy': async ({ policy: kind, untilMs }) => {
      if (kind === 'window' && untilMs === undefined) throw new HubError('invalid_input', 'a window needs untilMs');
      await policy.set({ policy: kind, ...(untilMs === undefined ? {} : { until: untilMs }) });
      return { policy: kind };
    },
    'registry.resync': async () => ({ devices: await registry.resync() }),
  };
  const input = parse(unitCommandInputs[name] as z.ZodType, command.input);
  return { timeoutMs: unitTimeoutMs, run: () => actions[name](input as never) };
};

const stateOf = (device: DeviceView) => ({ deviceId: device.deviceId, state: device.state, revision: device.revision });

const parse = <T>(schema: z.ZodType<T>, value: unknown): T => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const message = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new HubError('invalid_input', message);
};

const invalid = (errors: readonly { message: string }[]): HubError =>
  new HubError('invalid_input', errors.map(({ message }) => message).join('; '));
