import type { Telemetry } from '../telemetry/index.js';
import type { SampleWriter } from './apply-rows.js';

/** Samples go to telemetry, their times corrected, in the batch's transaction. */
export const telemetryWriter =
  (telemetry: Telemetry): SampleWriter =>
  async (context, samples) => {
    const { storedByHour, future } = await telemetry.appendSamples(
      context.tx,
      context,
      samples.map(({ seq, atMs, row }) => ({
        deviceId: row.deviceId,
        at: atMs,
        seq,
        values: row.values,
        quality: row.quality,
      })),
    );
    for (const [hourMs, stored] of storedByHour) context.tally('value', hourMs, stored);
    if (future > 0) context.tally('quarantine', context.receivedAt.getTime(), future);
  };
