import { HubError } from '@hallhub/shared';
import type { RegisterSpec } from '@hallhub/shared/profile';
import type { Value } from '@hallhub/shared/wire';
import type { Reading } from '../../ports/index.js';
import { type Block, planBlocks, type Span } from './block-planner.js';
import { decodeBlock } from './decode-block.js';
import type { ModbusDevice } from './modbus-device.js';
import { exceptionOf, illegalDataAddress, illegalDataValue } from './modbus-exception.js';
import { type Point, spanOf } from './point.js';

/** Reads properties now, neighbours together. */
export const readProperties = async (
  device: ModbusDevice,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<Reading> => {
  const points = ids.map((id) => pointOf(device, id));
  const values: Record<string, Value> = {};
  const quality: Record<string, 'uncertain' | 'bad'> = {};
  for (const block of planBlocks(points, device.planOptions)) {
    for (const reading of await readBlock(device, block, signal)) {
      Object.assign(values, reading.values);
      Object.assign(quality, reading.quality);
    }
  }
  return { deviceId: device.view.deviceId, values, ...(Object.keys(quality).length > 0 ? { quality } : {}) };
};

/** A block of several points of which the device lacks some is read point by point: what it lacks is bad, the rest stands. */
const readBlock = async (
  device: ModbusDevice,
  block: Block<Point>,
  signal: AbortSignal,
): Promise<Pick<Reading, 'values' | 'quality'>[]> => {
  const readSpan = (span: Span) =>
    device.ask((client, options) => client.read(span.table, span.address, span.count, options), signal);
  try {
    return [decoded(device, block, await readSpan(block))];
  } catch (error) {
    if (block.points.length === 1 || !isLacking(error)) throw error;
  }
  const readings: Pick<Reading, 'values' | 'quality'>[] = [];
  for (const point of block.points) {
    const { id } = point.property;
    try {
      readings.push(decoded(device, { ...point, points: [point] }, await readSpan(point)));
    } catch (error) {
      if (!isLacking(error)) throw error;
      readings.push({ values: { [id]: null }, quality: { [id]: 'bad' } });
    }
  }
  return readings;
};

const decoded = (device: ModbusDevice, block: Block<Point>, words: Uint16Array) => {
  const { values, quality } = decodeBlock(block, words, device.orders);
  return { values, ...(quality ? { quality } : {}) };
};

const isLacking = (error: unknown): boolean => {
  const exception = exceptionOf(error);
  return exception === illegalDataAddress || exception === illegalDataValue;
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
