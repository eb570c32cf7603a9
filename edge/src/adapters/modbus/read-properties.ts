import { HubError } from '@hallhub/shared';
import type { RegisterSpec } from '@hallhub/shared/profile';
import type { Value } from '@hallhub/shared/wire';
import type { Reading } from '../../ports/index.js';
import { planBlocks } from './block-planner.js';
import { decodeBlock } from './decode-block.js';
import type { ModbusDevice } from './modbus-device.js';
import { type Point, spanOf } from './point.js';

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
  for (const block of planBlocks(points, { maxGap, maxBlock, holes: device.holes })) {
    const words = await device.ask(
      (client, options) => client.read(block.table, block.address, block.count, options),
      signal,
    );
    const reading = decodeBlock(block, words, device.orders);
    Object.assign(values, reading.values);
    Object.assign(quality, reading.quality);
  }
  return { deviceId: device.view.deviceId, values, ...(Object.keys(quality).length > 0 ? { quality } : {}) };
};

/** The words of one register spec, read alone. */
export const readWords = (device: ModbusDevice, spec: RegisterSpec, signal: AbortSignal): Promise<Uint16Array> => {
  const span = spanOf(spec);
  return device.ask((client, options) => client.read(span.table, span.address, span.count, options), signal);
};

export const pointOf = (device: ModbusDevice, id: string): Point => {
  const point = device.points.find((one) => one.property.id === id);
  if (!point) throw new HubError('unsupported', `the profile says nowhere ${id} lies`, { context: { property: id } });
  return point;
};
