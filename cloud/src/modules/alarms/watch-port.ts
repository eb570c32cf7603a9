import type { SampleRow } from '@hallhub/shared/wire';
import type { AppendedEvent } from '../events/append-events.js';
import type { PresenceNow } from '../fleet/apply-presence-rows.js';
import type { DeviceFacts } from '../fleet/claim-devices.js';
import type { IngestContext } from '../streams/ingest-context.js';

/** What ingest tells the alarms about, inside the batch's transaction. Backlog never gets here. */
export interface AlarmWatcher {
  onSamples(
    context: IngestContext,
    samples: readonly SampleRow[],
    devices: ReadonlyMap<string, DeviceFacts>,
  ): Promise<void>;
  onEvents(
    context: IngestContext,
    events: readonly AppendedEvent[],
    devices: ReadonlyMap<string, DeviceFacts>,
  ): Promise<void>;
  onPresence(
    context: IngestContext,
    presence: readonly PresenceNow[],
    devices: ReadonlyMap<string, DeviceFacts>,
  ): Promise<void>;
  /** Devices that were retired or refused. */
  onDevicesGone(context: IngestContext, deviceIds: readonly string[]): Promise<void>;
}
