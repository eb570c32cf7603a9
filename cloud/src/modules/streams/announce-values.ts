import type { SampleRow, Value } from '@hallhub/shared/wire';
import type { IngestContext } from './ingest-context.js';

interface AnnouncedValue {
  readonly property: string;
  readonly value: Value;
  readonly quality: 'good' | 'uncertain' | 'bad';
  readonly atMs: number;
}

/** One message a device and batch, with the last value of each property. */
export const announceValues = (
  context: IngestContext,
  samples: readonly { readonly atMs: number; readonly row: SampleRow }[],
): void => {
  const devices = new Map<string, Map<string, AnnouncedValue>>();
  for (const { atMs, row } of samples) {
    const properties = devices.get(row.deviceId) ?? new Map<string, AnnouncedValue>();
    devices.set(row.deviceId, properties);
    for (const property of Object.keys(row.values)) {
      properties.set(property, {
        property,
        value: row.values[property] ?? null,
        quality: row.quality?.[property] ?? 'good',
        atMs,
      });
    }
  }
  for (const [deviceId, properties] of devices) {
    context.announce({
      topic: 'devices',
      type: 'device.values',
      deviceId,
      data: {
        deviceId,
        values: [...properties.values()].map(({ atMs, ...value }) => ({ ...value, at: new Date(atMs).toISOString() })),
      },
    });
  }
};
