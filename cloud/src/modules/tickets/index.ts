import type { Clock } from '@hallhub/shared';
import type { BlobStore } from '../../blobs/index.js';
import type { Database, DbLogger } from '../../db/index.js';
import type { AnyRoute } from '../../http/route.js';
import type { JobDefinition } from '../../jobs/index.js';
import type { LivePublisher } from '../live/live-port.js';
import type { Sealing } from '../pki/sealing.js';
import { asideRoutes } from './aside/routes.js';
import { fileRoutes } from './file-routes.js';
import { ticketJobs } from './jobs.js';
import { moreRoutes } from './more-routes.js';
import { lifeRoutes } from './routes.js';
import { keepTicketDeps } from './ticket-deps.js';
import { whatIfRoutes } from './what-if/routes.js';

export { type ActOnTicket, actOnTicket } from './act-on-ticket.js';
export { type MakeTicketInput, makeTicket } from './make-ticket.js';
export { type ClockNote, registerTicketHook, type TicketHook, type TicketLines } from './ticket-hooks.js';
export type { TicketRecord } from './ticket-record.js';

export interface OpenTickets {
  readonly database: Database;
  readonly clock: Clock;
  readonly live: LivePublisher;
  /** Keys of the installation's secret: personal fields lie sealed. */
  readonly sealing: Sealing;
  /** A store of their own: content that evidence has too goes by itself. */
  readonly blobs: BlobStore;
  readonly uploadsDir: string;
  readonly log: Pick<DbLogger, 'error'>;
}

/** Once for a database, before anything makes a ticket. */
export const openTickets = (
  deps: OpenTickets,
): { readonly routes: readonly AnyRoute[]; readonly jobs: readonly JobDefinition[] } => {
  const { sealing, blobs, uploadsDir, log } = deps;
  keepTicketDeps(deps.database, { sealing, blobs, uploadsDir, log, hooks: [] });
  return {
    routes: [...moreRoutes(), ...lifeRoutes(), ...fileRoutes(), ...whatIfRoutes(), ...asideRoutes()],
    jobs: ticketJobs(deps),
  };
};
