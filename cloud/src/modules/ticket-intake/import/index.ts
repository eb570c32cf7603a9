import type { AnyRoute } from '../../../http/route.js';
import type { JobDefinition } from '../../../jobs/index.js';
import { ImportDesk } from './desk/import-desk.js';
import type { ImportDeps } from './import-deps.js';
import { importRoutes } from './routes.js';
import { sweepImports } from './sweep-imports.js';

export interface TicketImports {
  readonly routes: readonly AnyRoute[];
  readonly jobs: readonly JobDefinition[];
  readonly desk: ImportDesk;
  close(): Promise<void>;
}

/** Tickets out of files. */
export const openTicketImports = (deps: ImportDeps): TicketImports => {
  const desk = new ImportDesk(deps).start();
  return {
    routes: importRoutes(deps, desk),
    jobs: [
      { name: 'ticketimport.sweep', cron: '41 * * * *', run: () => sweepImports(deps.database, deps.clock.now()) },
    ],
    desk,
    close: () => desk.close(),
  };
};
