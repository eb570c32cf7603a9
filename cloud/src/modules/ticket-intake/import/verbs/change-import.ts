import { HubError } from '@hallhub/shared';
import { eq, sql } from 'drizzle-orm';
import { isForeignKeyViolation, withTenant } from '../../../../db/index.js';
import { versionConflict } from '../../../../verb-kit/version-conflict.js';
import type { VerbContext } from '../../../access/verb-context.js';
import { audit } from '../../../audit/audit.js';
import { readKind } from '../../../ticket-kinds/kind-book.js';
import type { MapImport } from '../contract.js';
import { targetsOf } from '../convert/targets.js';
import { findImport, scopeOfImport } from '../find-import.js';
import { type ImportRow, ticketImports } from '../tables.js';

const invalid = (path: string, message: string): HubError =>
  new HubError('invalid_input', message, { context: { errors: [{ path: `body.${path}`, message }] } });

const notNow = (row: ImportRow): HubError =>
  new HubError('conflict', `The import is ${row.state}`, { context: { reason: 'state', state: row.state } });

/** Only who sent the file goes on with it: tickets are made in their name. */
const requireOwn = ({ actor }: VerbContext, row: ImportRow): void => {
  if (row.byUser !== actor.userId) {
    throw new HubError('forbidden', 'Only the person who sent the file may go on with it', {
      context: { reason: 'not_mine' },
    });
  }
};

interface Named {
  readonly importId: string;
  readonly version: number;
}

/** What the columns mean; all rows are then gone through anew. Errors: `invalid_input`, `conflict`, `precondition_failed`. */
export const mapImport = (ctx: VerbContext, { importId, version, mapping, hallId }: Named & MapImport): Promise<void> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const row = await findImport(tx, ctx, importId, true);
    requireOwn(ctx, row);
    if (row.version !== version) throw versionConflict(row.version);
    if (row.state !== 'checking' && row.state !== 'checked') throw notNow(row);
    if (hallId !== null) ctx.actor.require('ticket.import', { hallId });
    const published = await readKind(tx, ctx.actor.tenantId, row.kind);
    const known = new Set(published ? targetsOf(published.kind).map(({ key }) => key) : []);
    if (mapping.length !== row.columns.length) throw invalid('mapping', `There are ${row.columns.length} columns`);
    const used = mapping.filter((key) => key !== null);
    const strange = used.find((key) => !known.has(key));
    if (strange !== undefined) throw invalid('mapping', `There is no field ${strange} to fill`);
    const twice = used.find((key, i) => used.indexOf(key) !== i);
    if (twice !== undefined) throw invalid('mapping', `Two columns fill ${twice}`);
    await tx
      .update(ticketImports)
      .set({
        ...{ mapping, hallId, state: 'checking', checked: 0, faulty: 0, known: 0, lease: null, leasedTill: null },
        version: sql`${ticketImports.version} + 1`,
      })
      .where(eq(ticketImports.id, importId));
    await tx.$client.query('UPDATE ticket_import_rows SET faults = NULL WHERE import_id = $1 AND faults IS NOT NULL', [
      importId,
    ]);
    await audit(tx, ctx, {
      action: 'ticketimport.mapped',
      target: { kind: 'ticketimport', id: importId, name: row.fileName },
      ...{ hallId, after: { mapping, hallId } },
    });
  }).catch((error: unknown) => {
    if (isForeignKeyViolation(error)) throw invalid('hallId', 'There is no such hall');
    throw error;
  });

/** Begins to make tickets, or goes on where it was stopped. Errors: `conflict` with a reason (`state`, `missing`). */
export const startImport = (ctx: VerbContext, { importId, version }: Named): Promise<void> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const row = await findImport(tx, ctx, importId, true);
    requireOwn(ctx, row);
    if (row.version !== version) throw versionConflict(row.version);
    if (row.state === 'checking' || row.state === 'running' || row.state === 'done') throw notNow(row);
    if (row.hallId !== null) ctx.actor.require('ticket.import', scopeOfImport(row));
    const published = await readKind(tx, ctx.actor.tenantId, row.kind);
    if (!published) throw new HubError('conflict', 'The kind takes no tickets', { context: { reason: 'kind' } });
    const missing = targetsOf(published.kind).filter(({ key, required }) => required && !row.mapping.includes(key));
    if (missing.length > 0) {
      const context = { reason: 'missing', fields: missing.map(({ key }) => key) };
      throw new HubError('conflict', 'Fields that have to be filled in have no column', { context });
    }
    const left = await tx.$client.query(
      `SELECT 1 FROM ticket_import_rows WHERE import_id = $1 AND state = 'left' LIMIT 1`,
      [importId],
    );
    if (left.rowCount === 0) throw new HubError('conflict', 'No row is left', { context: { reason: 'nothing_left' } });
    await tx
      .update(ticketImports)
      .set({
        ...{ state: 'running', failure: null, endedAt: null, lease: null, leasedTill: null },
        ...(row.startedAt ? {} : { startedAt: new Date(ctx.clock.now()), known: 0 }),
        version: sql`${ticketImports.version} + 1`,
      })
      .where(eq(ticketImports.id, importId));
    await audit(tx, ctx, {
      action: 'ticketimport.started',
      target: { kind: 'ticketimport', id: importId, name: row.fileName },
      ...{ hallId: row.hallId, after: { kind: row.kind, rows: row.rows, made: row.made } },
    });
  });

/** What was not begun goes with its rows; what runs is stopped, and its rows wait to be gone on with. */
export const cancelImport = (ctx: VerbContext, { importId }: { readonly importId: string }): Promise<void> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const row = await findImport(tx, ctx, importId, true);
    const isBegun = row.startedAt !== null;
    if (row.byUser !== ctx.actor.userId) ctx.actor.require('ticket.import', scopeOfImport(row));
    if (isBegun && row.state !== 'running') throw notNow(row);
    if (isBegun) {
      await tx
        .update(ticketImports)
        .set({
          ...{ state: 'cancelled', endedAt: new Date(ctx.clock.now()), lease: null, leasedTill: null },
          version: sql`${ticketImports.version} + 1`,
        })
        .where(eq(ticketImports.id, importId));
    } else {
      await tx.delete(ticketImports).where(eq(ticketImports.id, importId));
    }
    await audit(tx, ctx, {
      action: isBegun ? 'ticketimport.stopped' : 'ticketimport.removed',
      target: { kind: 'ticketimport', id: importId, name: row.fileName },
      ...{ hallId: row.hallId, before: { state: row.state, made: row.made, rows: row.rows } },
    });
  });
