import { HubError, isHubError } from '@hallhub/shared';
import { postgresError } from '../../../../db/conflicts.js';
import { behindSavepoint, int4Array, type Tx, textArray, withTenant } from '../../../../db/index.js';
import type { VerbContext } from '../../../access/verb-context.js';
import { readKind } from '../../../ticket-kinds/kind-book.js';
import { makeTicket } from '../../../tickets/make-ticket.js';
import { type ConvertedRow, convertRow } from '../convert/convert-row.js';
import { loadRowWorld, type RowWorld } from '../convert/row-world.js';
import type { ImportDeps } from '../import-deps.js';
import { openCells } from '../row-cells.js';
import type { ImportFault, ImportRow } from '../tables.js';
import { findKnown, importSystem } from './find-known.js';
import { endImport, leaseMs, stillMine } from './lease.js';

/** In one transaction: who makes a ticket of the same kind waits for its number until then. */
const batchSize = 20;

export type BatchEnd = 'more' | 'done' | 'lost';

interface Outcome {
  readonly line: number;
  readonly state: 'made' | 'known' | 'bad';
  readonly ticketId: string | null;
  readonly faults: readonly ImportFault[] | null;
}

/**
 * The next rows become tickets, were ones already, or are bad; all of that in one transaction with the count. A process that is killed
 * within it has done nothing, and the next begins with the same rows.
 */
export const makeNextRows = async (deps: ImportDeps, ctx: VerbContext, row: ImportRow): Promise<BatchEnd> => {
  const run = (isCareful: boolean) =>
    withTenant(deps.database, row, (tx) => makeBatch(tx, ctx, { deps, row, isCareful }));
  try {
    return await run(false);
  } catch (error) {
    deps.log.debug({ err: error, importId: row.id }, 'rows are tried one by one');
    return run(true);
  }
};

interface Making {
  readonly deps: ImportDeps;
  readonly row: ImportRow;
  /** With a savepoint for each row, so that one that cannot be made leaves the others alone. */
  readonly isCareful: boolean;
}

const makeBatch = async (tx: Tx, ctx: VerbContext, { deps, row, isCareful }: Making): Promise<BatchEnd> => {
  if (!(await stillMine(tx, row))) return 'lost';
  const published = await readKind(tx, row.tenantId, row.kind);
  if (!published) {
    await endImport(tx, ctx, row, { state: 'failed', failure: 'kind' });
    return 'lost';
  }
  const { rows } = await tx.$client.query<{
    line: number;
    cells: Buffer;
    row_key: string;
    faults: ImportFault[] | null;
  }>(
    `SELECT line, cells, row_key, faults FROM ticket_import_rows WHERE import_id = $1 AND state = 'left' ORDER BY line LIMIT ${batchSize}`,
    [row.id],
  );
  if (rows.length === 0) {
    await endImport(tx, ctx, row, { state: 'done' });
    return 'done';
  }
  // Two imports of one organisation take turns: what one has just made the other finds.
  await tx.$client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 4708))', [row.tenantId]);
  const world = await loadRowWorld(tx, ctx.actor, { kind: published.kind, hallId: row.hallId });
  const read = rows.map(({ line, cells, row_key, faults }) => {
    const converted = convertRow(world, {
      ...{ mapping: row.mapping, columns: row.columns.length },
      cells: openCells(deps.sealing, { importId: row.id, line }, cells),
    });
    const again = (faults ?? []).filter(({ code }) => code === 'same_number');
    return { line, converted, faults: [...converted.faults, ...again], key: converted.key ?? row_key };
  });
  const known = await findKnown(
    tx,
    row.tenantId,
    read.map(({ key }) => key),
  );
  const outcomes: Outcome[] = [];
  for (const one of read) {
    const ticketId = known.get(one.key);
    if (one.faults.length > 0) outcomes.push({ line: one.line, state: 'bad', ticketId: null, faults: one.faults });
    else if (ticketId !== undefined) outcomes.push({ line: one.line, state: 'known', ticketId, faults: null });
    else {
      const made = isCareful
        ? await tryRow(tx, ctx, { deps, row, world, ...one })
        : { id: await makeRow(tx, ctx, { world, ...one }) };
      if ('id' in made) known.set(one.key, made.id);
      outcomes.push(
        'id' in made
          ? { line: one.line, state: 'made', ticketId: made.id, faults: null }
          : { line: one.line, state: 'bad', ticketId: null, faults: [made.fault] },
      );
    }
  }
  await keepOutcomes(tx, deps, row, outcomes);
  return 'more';
};

interface MakingRow {
  readonly world: RowWorld;
  readonly converted: ConvertedRow;
  readonly key: string;
}

const makeRow = async (tx: Tx, ctx: VerbContext, { world, converted, key }: MakingRow): Promise<string> => {
  const { fields, level, hallId, requesterName } = converted;
  const ticket = await makeTicket(tx, ctx, {
    ...{ kind: world.kind.code, fields: fields as never, level, hallId, deviceId: null, parentId: null },
    ...{ source: 'import', origin: { system: importSystem, key } },
    ...(requesterName === undefined ? {} : { requesterName }),
  });
  return ticket.id;
};

/** What a person can mend by writing something else. */
const refusals = new Set(['invalid_input', 'conflict', 'forbidden', 'not_found', 'unsupported', 'too_large']);

const tryRow = async (
  tx: Tx,
  ctx: VerbContext,
  of: MakingRow & { readonly deps: ImportDeps; readonly row: ImportRow; readonly line: number },
): Promise<{ readonly id: string } | { readonly fault: ImportFault }> => {
  try {
    return { id: await behindSavepoint(tx, () => makeRow(tx, ctx, of)) };
  } catch (error) {
    // Over as a whole: the connection is gone, or two waited for each other. The batch comes again.
    if (/^(?:40|08|57|53)/.test(postgresError(error)?.code ?? '')) throw error;
    if (isHubError(error) && refusals.has(error.code)) {
      const refusal = error.context.refusal;
      const detail = typeof refusal === 'string' ? refusal : error.message;
      return { fault: { column: null, code: 'refused', detail: detail.slice(0, 200) } };
    }
    of.deps.log.error({ err: error, importId: of.row.id, line: of.line }, 'a row could not become a ticket');
    if (!(error instanceof HubError) && !postgresError(error)) throw error;
    return { fault: { column: null, code: 'internal' } };
  }
};

const keepOutcomes = async (tx: Tx, deps: ImportDeps, row: ImportRow, outcomes: readonly Outcome[]): Promise<void> => {
  await tx.$client.query(
    `UPDATE ticket_import_rows r SET state = x.state, ticket_id = x.ticket_id::uuid, faults = x.faults::jsonb,
       cells = CASE WHEN x.state = 'bad' THEN r.cells END
     FROM unnest($2::int4[], $3::text[], $4::text[], $5::text[]) AS x(line, state, ticket_id, faults)
     WHERE r.import_id = $1 AND r.line = x.line`,
    [
      ...[row.id, int4Array(outcomes.map(({ line }) => line)), textArray(outcomes.map(({ state }) => state))],
      outcomes.map(({ ticketId }) => ticketId),
      outcomes.map(({ faults }) => (faults === null ? null : JSON.stringify(faults))),
    ],
  );
  const count = (state: Outcome['state']) => outcomes.filter((one) => one.state === state).length;
  await tx.$client.query(
    'UPDATE ticket_imports SET made = made + $2, known = known + $3, bad = bad + $4, leased_till = $5 WHERE id = $1',
    [row.id, count('made'), count('known'), count('bad'), new Date(deps.clock.now() + leaseMs)],
  );
};
