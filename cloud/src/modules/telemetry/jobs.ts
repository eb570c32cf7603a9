import type { JobDefinition } from '../../jobs/index.js';
import type { Telemetry } from './telemetry.js';

/** Roll-ups, retention (at night in China) and partitions made ahead, for `startJobs`. */
export const telemetryJobs = (telemetry: Telemetry): JobDefinition[] => [
  {
    name: 'telemetry.roll-up',
    cron: '*/5 * * * *',
    expireInSeconds: 900,
    run: (_, signal) => telemetry.rollUpHours(signal),
  },
  { name: 'telemetry.partitions', cron: '30 * * * *', run: () => telemetry.preparePartitions() },
  { name: 'telemetry.retention', cron: '10 17 * * *', expireInSeconds: 3_600, run: () => telemetry.applyRetention() },
];
