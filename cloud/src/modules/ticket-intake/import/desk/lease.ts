import { and, eq } from 'drizzle-orm';
import type { Database, Tx } from '../../../../db/index.js';
import { withSystem } from '../../../../db/index.js';
import type { VerbContext } from '../../../access/verb-context.js';
import { audit } from '../../../audit/audit.js';
import { type ImportRow, ticketImports } from '../tables.js';

/** Longer than a batch takes: whoever took an import and was killed leaves it to others. */
export const leaseMs = 20_000;

/** The import that waits longest, taken for this process. */
export const takeImport = (database: Database, lease: string, nowMs: number): Promise<ImportRow | undefined> =>
  withSystem(database, async (tx) => {
    const { rows } = await tx.$client.query<{ id: string }>(
      `SELECT id FROM ticket_imports WHERE state IN ('checking', 'running') AND (leased_till IS NULL OR leased_till <= $1)
       ORDER BY leased_till NULLS FIRST, at LIMIT 1 FOR UPDATE SKIP LOCKED`,
      [new Date(nowMs)],
    );
    const [found] = rows;
    if (!found) return undefined;
    const [row] = await tx
      .update(ticketImports)
      .set({ lease, leasedTill: new Date(nowMs + leaseMs) })
      .where(eq(ticketImports.id, found.id))
      .returning();
    if (row?.state !== 'checking') return row;
    // A check begins anew: what an interrupted one has found is found again.
    await tx.$client.query('UPDATE ticket_import_rows SET faults = NULL WHERE import_id = $1 AND faults IS NOT NULL', [
      row.id,
    ]);
    await tx.update(ticketImports).set({ checked: 0, faulty: 0, known: 0 }).where(eq(ticketImports.id, row.id));
    return row;
  });

/** Locks the import for one batch; undefined where this process no longer has it. */
export const stillMine = async (tx: Tx, { id, lease, state }: ImportRow): Promise<ImportRow | undefined> => {
  if (lease === null) return undefined;
  const [row] = await tx
    .select()
    .from(ticketImports)
    .where(and(eq(ticketImports.id, id), eq(ticketImports.lease, lease), eq(ticketImports.state, state)))
    .for('update');
  return row;
};

/** Others may go on with it at once. */
export const giveBack = (database: Database, { id, lease }: ImportRow, nowMs: number): Promise<unknown> =>
  withSystem(database, (tx) =>
    tx.$client.query('UPDATE ticket_imports SET lease = NULL, leased_till = $3 WHERE id = $1 AND lease = $2', [
      ...[id, lease, new Date(nowMs)],
    ]),
  );

export const endImport = async (
  tx: Tx,
  ctx: VerbContext,
  row: ImportRow,
  end: { readonly state: 'done' | 'failed'; readonly failure?: string },
): Promise<void> => {
  const { rows } = await tx.$client.query<{ made: number; known: number; bad: number }>(
    `UPDATE ticket_imports SET state = $2, failure = $3, ended_at = $4, lease = NULL, leased_till = NULL, version = version + 1
     WHERE id = $1 RETURNING made, known, bad`,
    [row.id, end.state, end.failure ?? null, new Date(ctx.clock.now())],
  );
  await audit(tx, ctx, {
    action: end.state === 'done' ? 'ticketimport.done' : 'ticketimport.failed',
    target: { kind: 'ticketimport', id: row.id, name: row.fileName },
    ...{ hallId: row.hallId, after: { kind: row.kind, rows: row.rows, ...rows[0], failure: end.failure ?? null } },
  });
};
