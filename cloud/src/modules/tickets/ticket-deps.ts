import { HubError } from '@hallhub/shared';
import type { BlobStore } from '../../blobs/index.js';
import type { Database, DbLogger } from '../../db/index.js';
import type { Sealing } from '../pki/sealing.js';
import type { TicketHook } from './ticket-hooks.js';

/** What the tickets of one database need beside it: keys for personal fields, where files lie, who else is told. */
export interface TicketDeps {
  readonly sealing: Sealing;
  readonly blobs: BlobStore;
  /** Files on their way in. */
  readonly uploadsDir: string;
  readonly hooks: TicketHook[];
  /** What broke although the act of whoever pressed went on. */
  readonly log: Pick<DbLogger, 'error'>;
}

const known = new WeakMap<Database, TicketDeps>();

/** `openTickets` calls it, once for a database. */
export const keepTicketDeps = (database: Database, deps: TicketDeps): void => void known.set(database, deps);

export const ticketDeps = (database: Database): TicketDeps => {
  const deps = known.get(database);
  if (!deps) throw new HubError('bug', 'openTickets was not called for this database');
  return deps;
};
