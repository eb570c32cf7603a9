import { HubError } from '@hallhub/shared';
import type { Value } from '@hallhub/shared/wire';
import type { Adapter, DeviceView, LastValue } from '../ports/index.js';
import { checkReading } from './check-reading.js';
import { modelOf } from './device-model.js';

export interface ReadProperties {
  readonly at: number | undefined;
  readonly values: Readonly<Record<string, Value>>;
  readonly quality: Readonly<Record<string, 'uncertain' | 'bad'>>;
}

/**
 * Reads properties from the device now; derived ones are computed of what they are made of. By default all that can be
 * read. Throws `invalid_input` for a property that cannot be read, and what the adapter throws.
 */
export const readProperties = async (
  adapter: Adapter,
  device: DeviceView,
  options: {
    readonly wanted?: readonly string[] | undefined;
    readonly known: ReadonlyMap<string, LastValue>;
    readonly signal: AbortSignal;
  },
): Promise<ReadProperties> => {
  const { known, signal } = options;
  const model = device.profile && modelOf(device.profile);
  const order = model?.derived?.order ?? [];
  const all = [...(model?.properties.values() ?? [])].filter(
    ({ access, role }) => access !== 'w' && role !== 'internal',
  );
  const readable = all.map(({ id }) => id);
  const wanted = options.wanted ?? readable;
  const strange = model && wanted.find((id) => !readable.includes(id));
  if (strange) throw new HubError('invalid_input', `${strange} cannot be read`);
  const derived = new Set(order.map(({ id }) => id));
  const asked = new Set(wanted);
  // Backwards: what a derived value is made of may be derived in turn.
  for (const { id, inputs } of [...order].reverse()) {
    if (asked.has(id)) for (const input of inputs) asked.add(input);
  }
  const reading = await adapter.read(
    device.deviceId,
    [...asked].filter((id) => !derived.has(id)),
    signal,
  );
  if (!model) return { at: reading.at, values: reading.values, quality: reading.quality ?? {} };
  // A device may answer more than it was asked: what is internal would go with it.
  const { values, quality } = checkReading(reading, model, known);
  const pick = <T>(record: Record<string, T>) =>
    Object.fromEntries(Object.entries(record).filter(([id]) => wanted.includes(id)));
  return { at: reading.at, values: pick(values), quality: pick(quality) };
};
