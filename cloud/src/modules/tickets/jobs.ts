import type { JobDefinition } from '../../jobs/index.js';
import { type ClockDeps, noteClocks } from './clocks/note-clocks.js';
import { recomputeAll } from './clocks/recompute-clocks.js';
import { sweepFiles } from './files/sweep-files.js';

export const ticketJobs = (deps: ClockDeps): JobDefinition[] => [
  {
    name: 'tickets.clocks',
    cron: '* * * * *',
    run: async (_data, signal) => {
      const [computed] = await Promise.allSettled([recomputeAll(deps, signal)]);
      // Noted in any case: clocks by yesterday's calendar are better than none.
      const noted = await noteClocks(deps, { signal });
      if (computed.status === 'rejected') throw computed.reason;
      return { computed: computed.value, noted };
    },
  },
  { name: 'tickets.sweep-files', cron: '41 * * * *', run: () => sweepFiles(deps) },
];
