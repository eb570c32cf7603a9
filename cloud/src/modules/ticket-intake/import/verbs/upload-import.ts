import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HubError, uuidv7 } from '@hallhub/shared';
import { int4Array, storableText, type Tx, textArray, withTenant } from '../../../../db/index.js';
import type { VerbContext } from '../../../access/verb-context.js';
import { audit } from '../../../audit/audit.js';
import { readKind } from '../../../ticket-kinds/kind-book.js';
import { guessMapping } from '../convert/targets.js';
import type { ImportDeps } from '../import-deps.js';
import { openTable, type TableFile } from '../read/open-table.js';
import { charactersOf, type RawRow } from '../read/raw-row.js';
import { receiveTable } from '../read/receive-table.js';
import { RowKeys, sealCells } from '../row-cells.js';
import { ticketImports } from '../tables.js';

const insertBatch = 1_000;
/** Characters of a batch: its rows are held several times while they are sealed. */
const insertCharacters = 4 * 1024 * 1024;
/** Of one person, begun and not gone on with. */
const mostWaiting = 20;
const mostUploads = 3;
let uploads = 0;

export interface UploadImport {
  readonly kind: string;
  readonly name: string;
  readonly hallId: string | null;
}

const invalid = (path: string, message: string): HubError =>
  new HubError('invalid_input', message, { context: { errors: [{ path: `query.${path}`, message }] } });

/**
 * Takes a file of rows in and goes through it once: afterwards it is gone, its rows lie sealed in the database. Errors: `not_found`
 * (kind), `invalid_input`, `unsupported` with a reason, `too_large`, `conflict`, `rate_limited`.
 */
export const uploadImport = async (
  ctx: VerbContext,
  deps: ImportDeps,
  { body, ...input }: UploadImport & { readonly body: ReadableStream<Uint8Array> | null },
): Promise<{ readonly importId: string }> => {
  const { actor } = ctx;
  if (actor.userId === null) throw new HubError('forbidden', 'Imports are begun by people; programs use POST /tickets');
  if (input.hallId !== null) actor.require('ticket.import', { hallId: input.hallId });
  if (!body) throw new HubError('invalid_input', 'There is no file');
  await withTenant(ctx.db, actor, (tx) => checkRoom(tx, ctx, input), { readOnly: true });
  if (uploads >= mostUploads) {
    throw new HubError('rate_limited', 'Other files are being read', { context: { retryAfterMs: 3_000 } });
  }
  uploads += 1;
  const file = join(deps.uploadsDir, `${randomUUID()}.part`);
  try {
    const received = await receiveTable(body, { folder: deps.uploadsDir, file, name: input.name });
    const table = await openTable(file);
    try {
      return await withTenant(ctx.db, actor, (tx) => keep(tx, ctx, { deps, input, received, table }), { attempts: 1 });
    } finally {
      table.close();
    }
  } finally {
    uploads -= 1;
    await rm(file, { force: true });
  }
};

const checkRoom = async (tx: Tx, { actor }: VerbContext, { kind, hallId }: UploadImport): Promise<void> => {
  if (!(await readKind(tx, actor.tenantId, kind))) {
    throw new HubError('not_found', 'There is no such kind of ticket, or none is published');
  }
  const halls = await tx.$client.query('SELECT 1 FROM halls WHERE id = $1', [hallId]);
  if (hallId !== null && halls.rowCount === 0) throw invalid('hallId', 'There is no such hall');
  const { rows } = await tx.$client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ticket_imports WHERE by_user = $1 AND state IN ('checking', 'checked', 'running')`,
    [actor.userId],
  );
  if ((rows[0]?.count ?? 0) >= mostWaiting) {
    const message = `There are ${mostWaiting} imports of yours that wait to be started; remove some`;
    throw new HubError('conflict', message, { context: { reason: 'too_many', most: mostWaiting } });
  }
};

interface Keeping {
  readonly deps: ImportDeps;
  readonly input: UploadImport;
  readonly received: { readonly name: string; readonly sha256: string };
  readonly table: TableFile;
}

const keep = async (tx: Tx, ctx: VerbContext, { deps, input, received, table }: Keeping) => {
  const { tenantId, userId, userName } = ctx.actor;
  const published = await readKind(tx, tenantId, input.kind);
  if (!published || userId === null) throw new HubError('not_found', 'There is no such kind of ticket');
  const importId = uuidv7();
  await tx.insert(ticketImports).values({
    ...{ id: importId, tenantId, kind: input.kind, hallId: input.hallId, fileName: received.name },
    ...{ fileSha256: Buffer.from(received.sha256, 'hex'), readAs: table.readAs, state: 'checking', rows: 0 },
    ...{ columns: table.titles.map(storableText), mapping: guessMapping(published.kind, table.titles) },
    ...{ byUser: userId, byName: await nameOf(tx, userId, userName), at: new Date(ctx.clock.now()) },
  });
  const keys = new RowKeys(received.sha256);
  let batch: RawRow[] = [];
  let [rows, characters] = [0, 0];
  const flush = async (): Promise<void> => {
    await tx.$client.query(
      `INSERT INTO ticket_import_rows (tenant_id, import_id, line, state, row_key, cells)
       SELECT $1, $2, line, 'left', key, decode(cells, 'base64') FROM unnest($3::int4[], $4::text[], $5::text[]) AS x(line, key, cells)`,
      [
        ...[tenantId, importId, int4Array(batch.map(({ line }) => line))],
        textArray(batch.map(({ cells }) => keys.keyOf(cells))),
        textArray(
          batch.map(({ line, cells }) => sealCells(deps.sealing, { importId, line }, cells).toString('base64')),
        ),
      ],
    );
    rows += batch.length;
    [batch, characters] = [[], 0];
  };
  for await (const row of table.rows()) {
    batch.push(row);
    characters += charactersOf(row.cells);
    if (batch.length === insertBatch || characters > insertCharacters) await flush();
  }
  if (batch.length > 0) await flush();
  if (rows === 0) throw new HubError('unsupported', 'There are titles and no rows', { context: { reason: 'empty' } });
  await tx.$client.query('UPDATE ticket_imports SET rows = $2 WHERE id = $1', [importId, rows]);
  await audit(tx, ctx, {
    action: 'ticketimport.uploaded',
    target: { kind: 'ticketimport', id: importId, name: received.name },
    hallId: input.hallId,
    after: { kind: input.kind, rows, sha256: received.sha256 },
  });
  return { importId };
};

const nameOf = async (tx: Tx, userId: string, userName: string): Promise<string> => {
  const { rows } = await tx.$client.query<{ name: string }>('SELECT display_name AS name FROM users WHERE id = $1', [
    userId,
  ]);
  return rows[0]?.name ?? userName;
};
