import type { JobDefinition } from '../../jobs/index.js';
import { type ClockDeps, noteClocks } from './clocks/note-clocks.js';
import { recomputeAll } from './clocks/recompute-clocks.js';
import { sweepFiles } from './files/sweep-files.js';

export const ticketJobs = (deps: ClockDeps): JobDefinition[] => [
  {
    name: 'tickets.clocks',
    cron: '* * * * *',
    run: async (_data, signal) => {
      const computed = await recomputeAll(deps, signal);
      return { computed, noted: await noteClocks(deps, { signal }) };
    },
  },
  { name: 'tickets.sweep-files', cron: '41 * * * *', run: () => sweepFiles(deps) },
];
