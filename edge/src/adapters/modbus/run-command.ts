import { HubError } from '@hallhub/shared';
import {
  decodePoint,
  decodeRegisters,
  encodePoint,
  outputShape,
  planModbusCommand,
  type RegisterSpec,
  type TemplateValues,
  type Transform,
} from '@hallhub/shared/profile';
import type { ThingValue } from '@hallhub/shared/thing';
import type { AdapterHost, CommandRequest } from '../../ports/index.js';
import type { ModbusDevice } from './modbus-device.js';
import { exceptionOf, isPassing } from './modbus-exception.js';
import { readWords } from './read-properties.js';
import { sendWrite } from './send-write.js';

const expectAgainMs = 100;

type Register = RegisterSpec & Transform;

/** Runs the steps of a command and reads its output. */
export const runCommand = async (
  device: ModbusDevice,
  request: CommandRequest,
  host: AdapterHost,
): Promise<Record<string, unknown> | undefined> => {
  const { signal } = request;
  const steps = planModbusCommand(device.binding, request.command, request.input as TemplateValues);
  for (const step of steps) {
    switch (step.do) {
      case 'wait':
        await host.clock.sleep(step.ms, signal);
        break;
      case 'write':
        await sendWrite(device, step.write, signal);
        break;
      case 'exchange': {
        const { words } = await sendWrite(device, step.write, signal);
        if (step.equals === undefined) break;
        const found = words && rawOf(device, step.register, words);
        if (found !== wantedOf(device, step.register, step.equals))
          throw notAsExpected(step.register, found, step.equals);
        break;
      }
      case 'expect':
        await expectValue(device, step, host, signal);
    }
  }
  return readOutput(device, request);
};

const readOutput = async (
  device: ModbusDevice,
  { command, signal }: CommandRequest,
): Promise<Record<string, unknown> | undefined> => {
  const output = Object.entries(device.binding.commands[command]?.output ?? {});
  const thing = device.view.profile?.document.thing;
  if (output.length === 0 || !thing) return undefined;
  const result: Record<string, unknown> = {};
  for (const [id, spec] of output) {
    const words = await readWords(device, spec, signal);
    result[id] = decodePoint(spec, words, outputShape(thing, command, id), device.orders);
  }
  return result;
};

const expectValue = async (
  device: ModbusDevice,
  step: { register: Register; equals: ThingValue; withinMs: number },
  host: AdapterHost,
  signal: AbortSignal,
): Promise<void> => {
  const wanted = wantedOf(device, step.register, step.equals);
  const untilMs = host.clock.monotonicMs() + step.withinMs;
  for (;;) {
    let found: unknown;
    try {
      found = rawOf(device, step.register, await readWords(device, step.register, signal));
      if (found === wanted) return;
    } catch (error) {
      // A device at work may be too busy to tell.
      if (!isPassing(exceptionOf(error)) || host.clock.monotonicMs() >= untilMs) throw error;
    }
    if (host.clock.monotonicMs() >= untilMs) throw notAsExpected(step.register, found, step.equals);
    await host.clock.sleep(expectAgainMs, signal);
  }
};

const rawOf = (device: ModbusDevice, register: Register, words: ArrayLike<number>) =>
  decodeRegisters(register, words, device.orders);

const wantedOf = (device: ModbusDevice, register: Register, value: ThingValue) =>
  rawOf(device, register, encodePoint(register, value, device.orders));

const notAsExpected = ({ table, address }: Register, found: unknown, wanted: ThingValue): HubError =>
  new HubError('device_refused', `${table} ${address} is ${String(found)}, not ${String(wanted)}`, {
    context: { table, address, found: String(found) },
  });
