import type { JobDefinition } from '../../jobs/index.js';
import { type ClockDeps, noteClocks } from './clocks/note-clocks.js';
import { recomputeAll } from './clocks/recompute-clocks.js';
import { resumeTickets } from './clocks/resume-tickets.js';
import { sweepFiles } from './files/sweep-files.js';
import { sealOlder } from './personal/seal-older.js';

export const ticketJobs = (deps: ClockDeps): JobDefinition[] => [
  {
    name: 'tickets.clocks',
    cron: '* * * * *',
    run: async (_data, signal) => {
      // Noted in any case: clocks by yesterday's calendar are better than none.
      const [resumed] = await Promise.allSettled([resumeTickets(deps, signal)]);
      const [computed] = await Promise.allSettled([recomputeAll(deps, { signal })]);
      const noted = await noteClocks(deps, { signal });
      if (resumed.status === 'rejected') throw resumed.reason;
      if (computed.status === 'rejected') throw computed.reason;
      return { resumed: resumed.value, computed: computed.value, noted };
    },
  },
  { name: 'tickets.seal-older', cron: '*/5 * * * *', run: (_data, signal) => sealOlder(deps, signal) },
  { name: 'tickets.sweep-files', cron: '41 * * * *', run: () => sweepFiles(deps) },
];
