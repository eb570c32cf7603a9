import { createHash } from 'node:crypto';
import { int4Array, type Tx, textArray, withTenant } from '../../../../db/index.js';
import type { VerbContext } from '../../../access/verb-context.js';
import { readKind } from '../../../ticket-kinds/kind-book.js';
import { convertRow } from '../convert/convert-row.js';
import { loadRowWorld, type RowWorld } from '../convert/row-world.js';
import type { ImportDeps } from '../import-deps.js';
import { textOfCell } from '../read/raw-row.js';
import { openCells } from '../row-cells.js';
import type { ImportFault, ImportRow } from '../tables.js';
import { findKnown } from './find-known.js';
import { endImport, leaseMs, stillMine } from './lease.js';

const batchSize = 500;

interface Seen {
  readonly line: number;
  readonly content: string;
}

/** Goes through all rows of an import without making anything; false: it is another process’s now, or was mapped anew. */
export const checkRows = async (
  deps: ImportDeps,
  ctx: VerbContext,
  row: ImportRow,
  signal: AbortSignal,
): Promise<boolean> => {
  const numbers = new Map<string, Seen>();
  let after = 0;
  for (;;) {
    signal.throwIfAborted();
    const last = await withTenant(
      deps.database,
      row,
      async (tx) => {
        const mine = await stillMine(tx, row);
        if (!mine || mine.version !== row.version) return 'lost';
        const published = await readKind(tx, row.tenantId, row.kind);
        if (!published) {
          await endImport(tx, ctx, row, { state: 'failed', failure: 'kind' });
          return 'lost';
        }
        const world = await loadRowWorld(tx, ctx.actor, { kind: published.kind, hallId: row.hallId });
        const numbersBefore = new Map(numbers);
        try {
          return await checkBatch(tx, deps, { row, world, after, numbers });
        } catch (error) {
          numbers.clear();
          for (const [key, seen] of numbersBefore) numbers.set(key, seen);
          throw error;
        }
      },
      { attempts: 1 },
    );
    if (last === 'lost') return false;
    if (last === undefined) return true;
    after = last;
  }
};

interface Checking {
  readonly row: ImportRow;
  readonly world: RowWorld;
  readonly after: number;
  readonly numbers: Map<string, Seen>;
}

const checkBatch = async (
  tx: Tx,
  deps: ImportDeps,
  { row, world, after, numbers }: Checking,
): Promise<number | undefined> => {
  const { rows } = await tx.$client.query<{ line: number; cells: Buffer; row_key: string }>(
    `SELECT line, cells, row_key FROM ticket_import_rows WHERE import_id = $1 AND line > $2 AND state = 'left' ORDER BY line LIMIT ${batchSize}`,
    [row.id, after],
  );
  const faulty: { line: number; faults: readonly ImportFault[] }[] = [];
  const keys: string[] = [];
  for (const { line, cells: sealed, row_key } of rows) {
    const cells = openCells(deps.sealing, { importId: row.id, line }, sealed);
    const converted = convertRow(world, { mapping: row.mapping, cells, columns: row.columns.length });
    const faults = [...converted.faults];
    if (converted.key?.startsWith('no/')) {
      const content = createHash('sha256')
        .update(JSON.stringify(cells.map(textOfCell)))
        .digest('base64');
      const first = numbers.get(converted.key);
      if (!first) numbers.set(converted.key, { line, content });
      else if (first.content !== content) {
        faults.push({ column: row.mapping.indexOf('@external'), code: 'same_number', detail: String(first.line) });
      }
    }
    if (faults.length > 0) faulty.push({ line, faults });
    else keys.push(converted.key ?? row_key);
  }
  await noteFaults(tx, row.id, faulty);
  const known = await findKnown(tx, row.tenantId, keys);
  const isLast = rows.length < batchSize;
  await tx.$client.query(
    `UPDATE ticket_imports SET checked = checked + $2, faulty = faulty + $3, known = known + $4, leased_till = $5,
       state = CASE WHEN $6 THEN 'checked' ELSE state END, version = version + CASE WHEN $6 THEN 1 ELSE 0 END,
       lease = CASE WHEN $6 THEN NULL ELSE lease END WHERE id = $1`,
    [row.id, rows.length, faulty.length, known.size, new Date(deps.clock.now() + leaseMs), isLast],
  );
  return isLast ? undefined : rows.at(-1)?.line;
};

const noteFaults = async (
  tx: Tx,
  importId: string,
  faulty: readonly { readonly line: number; readonly faults: readonly ImportFault[] }[],
): Promise<void> => {
  if (faulty.length === 0) return;
  await tx.$client.query(
    `UPDATE ticket_import_rows r SET faults = x.faults::jsonb FROM unnest($2::int4[], $3::text[]) AS x(line, faults)
     WHERE r.import_id = $1 AND r.line = x.line`,
    [
      importId,
      int4Array(faulty.map(({ line }) => line)),
      textArray(faulty.map(({ faults }) => JSON.stringify(faults))),
    ],
  );
};
