import type { AppendedEvent } from '../events/append-events.js';
import type { DeviceFacts } from '../fleet/claim-devices.js';
import type { IngestContext } from './ingest-context.js';

/** Tells browsers of new events; labels come with a reload, the rest is there at once. */
export const announceEvents = (
  context: IngestContext,
  events: readonly AppendedEvent[],
  devices: ReadonlyMap<string, DeviceFacts>,
): void => {
  for (const { id, atMs, row } of events) {
    context.announce({
      topic: 'events',
      type: 'event',
      deviceId: row.deviceId,
      data: {
        event: {
          id,
          at: new Date(atMs).toISOString(),
          receivedAt: context.receivedAt.toISOString(),
          deviceId: row.deviceId,
          deviceName: devices.get(row.deviceId)?.name ?? null,
          hallId: context.hallId,
          event: row.event,
          label: null,
          severity: row.severity,
          data: row.data,
        },
      },
    });
  }
};
