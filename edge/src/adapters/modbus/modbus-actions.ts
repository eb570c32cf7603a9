import { HubError } from '@hallhub/shared';
import {
  decodePoint,
  decodeRegisters,
  encodePoint,
  type ModbusWrite,
  outputShape,
  planModbusCommand,
  planModbusWrite,
  type RegisterSpec,
  type TemplateValues,
  type Transform,
} from '@hallhub/shared/profile';
import type { Value } from '@hallhub/shared/wire';
import type { AdapterHost, CommandRequest, Reading } from '../../ports/index.js';
import { planBlocks } from './block-planner.js';
import { decodeBlock } from './decode-block.js';
import type { ModbusClient, RequestOptions } from './modbus-client.js';
import type { ModbusDevice } from './modbus-device.js';
import { type Point, spanOf, wordsOf } from './point.js';

/** Reads properties now, neighbours together. */
export const readProperties = async (
  device: ModbusDevice,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Reading> => {
  const points = ids.map((id) => pointOf(device, id));
  const { maxGap, maxBlock } = device.binding;
  const values: Record<string, Value> = {};
  const quality: Record<string, 'uncertain' | 'bad'> = {};
  for (const block of planBlocks(points, { maxGap, maxBlock })) {
    const result = await device.ask(
      (client, options) => client.read(block.table, block.address, block.count, options),
      signal,
    );
    const reading = decodeBlock(block, result, device.orders);
    Object.assign(values, reading.values);
    Object.assign(quality, reading.quality);
  }
  return { deviceId: device.view.deviceId, values, ...(Object.keys(quality).length > 0 ? { quality } : {}) };
};

/** Writes properties one after the other; each is read back where the profile wants that. */
export const writeProperties = async (
  device: ModbusDevice,
  values: Readonly<Record<string, Value>>,
  host: AdapterHost,
  signal: AbortSignal,
): Promise<void> => {
  for (const [id, value] of Object.entries(values)) {
    if (value === null) throw new HubError('invalid_input', `${id} cannot be set to nothing`);
    const { write, verify, settleMs, point } = planModbusWrite(device.binding, id, value);
    await device.ask((client, options) => send(client, write, options), signal);
    if (!verify) continue;
    if (settleMs > 0) await host.clock.sleep(settleMs, signal);
    const reading = await readProperties(device, [id], signal);
    device.report(reading);
    // Compared as the device holds it: a value is rounded on its way into a register.
    const property = pointOf(device, id).property;
    const expected = decodePoint(point, encodePoint(point, value, device.orders), property, device.orders);
    if (reading.values[id] !== expected) {
      throw new HubError(
        'device_refused',
        `${id} was written as ${String(expected)} and reads ${String(reading.values[id])}`,
        {
          context: { property: id, written: expected, found: reading.values[id] },
          hint: 'the device may be locked, in local mode, or limit the value',
        },
      );
    }
  }
};

/** Runs the steps of a command and reads its output. */
export const runCommand = async (
  device: ModbusDevice,
  request: CommandRequest,
  host: AdapterHost,
): Promise<Record<string, unknown> | undefined> => {
  const { signal } = request;
  const steps = planModbusCommand(device.binding, request.command, request.input as TemplateValues);
  for (const step of steps) {
    if (step.do === 'wait') await host.clock.sleep(step.ms, signal);
    else if (step.do === 'write') await device.ask((client, options) => send(client, step.write, options), signal);
    else await expectValue(device, step, host, signal);
  }
  const output = Object.entries(device.binding.commands[request.command]?.output ?? {});
  if (output.length === 0) return undefined;
  const thing = device.view.profile?.document.thing;
  const result: Record<string, unknown> = {};
  for (const [id, spec] of output) {
    if (!thing) break;
    const words = await readWords(device, spec, signal);
    result[id] = decodePoint(spec, words, outputShape(thing, request.command, id), device.orders);
  }
  return result;
};

const expectAgainMs = 100;

const expectValue = async (
  device: ModbusDevice,
  step: { register: RegisterSpec & Transform; equals: string | number | boolean; withinMs: number },
  host: AdapterHost,
  signal: AbortSignal,
): Promise<void> => {
  const wanted = encodePoint(step.register, step.equals, device.orders);
  const untilMs = host.clock.monotonicMs() + step.withinMs;
  for (;;) {
    const words = await readWords(device, step.register, signal);
    const found = decodeRegisters(step.register, words, device.orders);
    if (found === decodeRegisters(step.register, wanted, device.orders)) return;
    if (host.clock.monotonicMs() >= untilMs) {
      throw new HubError(
        'device_refused',
        `${step.register.table} ${step.register.address} is ${String(found)}, not ${String(step.equals)}`,
        {
          context: { table: step.register.table, address: step.register.address, found: String(found) },
        },
      );
    }
    await host.clock.sleep(expectAgainMs, signal);
  }
};

const readWords = async (device: ModbusDevice, spec: RegisterSpec, signal: AbortSignal): Promise<number[]> => {
  const span = spanOf(spec);
  const result = await device.ask(
    (client, options) => client.read(span.table, span.address, span.count, options),
    signal,
  );
  return wordsOf(span, span.address, result);
};

const send = (client: ModbusClient, write: ModbusWrite, options: RequestOptions): Promise<unknown> => {
  const [first = 0] = write.values;
  switch (write.fc) {
    case 5:
      return client.writeCoil(write.address, first !== 0, options);
    case 6:
      return client.writeRegister(write.address, first, options);
    case 15:
      return client.writeCoils(write.address, write.values.map(Boolean), options);
    case 16:
      return client.writeRegisters(write.address, write.values, options);
    case 22:
      if (!write.mask) throw new HubError('bug', 'a mask write has no mask');
      return client.maskWrite(write.address, write.mask, options);
  }
};

const pointOf = (device: ModbusDevice, id: string): Point => {
  const point = device.points.find((one) => one.property.id === id);
  if (!point) throw new HubError('unsupported', `the profile says nowhere ${id} lies`, { context: { property: id } });
  return point;
};
