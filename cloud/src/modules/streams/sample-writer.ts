import type { Telemetry } from '../telemetry/index.js';
import type { SampleWriter, TimedSample } from './apply-rows.js';

const inputOf = ({ seq, atMs, row }: TimedSample) => ({
  ...{ deviceId: row.deviceId, at: atMs, seq, values: row.values, quality: row.quality },
});

/** Samples go to telemetry, their times corrected, in the batches' transaction. */
export const telemetryWriter =
  (telemetry: Telemetry): SampleWriter =>
  async (batches) => {
    const [first] = batches;
    if (!first) return;
    const lists = batches.map(({ samples }) => samples.map(inputOf));
    const results = await telemetry.appendLists(first.context.tx, first.context, lists);
    for (const [i, { context }] of batches.entries()) {
      for (const [hourMs, stored] of results[i]?.storedByHour ?? []) context.tally('value', hourMs, stored);
      const future = results[i]?.future ?? 0;
      if (future > 0) context.tally('quarantine', context.receivedAt.getTime(), future);
    }
  };
