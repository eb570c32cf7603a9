import { HubError } from '@hallhub/shared';
import { eq } from 'drizzle-orm';
import type { Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { type ImportRow, ticketImports } from './tables.js';

/** Where an import is: its hall, or all of the organisation. */
export const scopeOfImport = ({ hallId }: Pick<ImportRow, 'hallId'>) => (hallId === null ? 'tenant' : { hallId });

/** One’s own, and those of places where one may import. */
const maySeeImport = ({ actor }: VerbContext, row: Pick<ImportRow, 'byUser' | 'hallId'>): boolean =>
  (actor.userId !== null && row.byUser === actor.userId) || actor.can('ticket.import', scopeOfImport(row));

/** Errors: `not_found`. */
export const findImport = async (tx: Tx, ctx: VerbContext, importId: string, lock = false): Promise<ImportRow> => {
  const asked = tx.select().from(ticketImports).where(eq(ticketImports.id, importId));
  const [row] = lock ? await asked.for('update') : await asked;
  if (!row || !maySeeImport(ctx, row)) throw new HubError('not_found', 'There is no such import');
  return row;
};

export const isBusy = ({ state }: Pick<ImportRow, 'state'>): boolean => state === 'checking' || state === 'running';
