import { HubError } from '@hallhub/shared';
import { z } from '@hono/zod-openapi';
import { type SQL, sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../../db/index.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../../../../verb-kit/pagination.js';
import type { VerbContext } from '../../../access/verb-context.js';
import { readKind } from '../../../ticket-kinds/kind-book.js';
import type { ImportFaultView, TicketImport, TicketImportPage } from '../contract.js';
import { targetsOf } from '../convert/targets.js';
import { faultText } from '../fault-words.js';
import { findImport } from '../find-import.js';
import { type ImportDeps, keepMs } from '../import-deps.js';
import { textOfCell } from '../read/raw-row.js';
import { openCells } from '../row-cells.js';
import type { ImportFault, ImportRow } from '../tables.js';

const previewRows = 8;
const mostShown = 120;
const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

const toView = (
  row: ImportRow,
  of: {
    readonly label: TicketImport['kind']['label'];
    readonly hallName: string | null;
    readonly userId: string | null;
  },
): TicketImport => {
  const { made, known, bad, rows } = row;
  const since = row.endedAt ?? (row.state === 'checked' || row.state === 'checking' ? row.at : null);
  const isPlanned = row.state === 'checking' || row.state === 'checked';
  return {
    ...{
      id: row.id,
      kind: { code: row.kind, label: of.label },
      fileName: row.fileName,
      readAs: row.readAs,
      state: row.state,
    },
    hall: row.hallId === null ? null : { id: row.hallId, name: of.hallName ?? '' },
    ...{ rows, checked: row.checked, faulty: row.faulty, made, known, bad },
    left: isPlanned ? rows : rows - made - known - bad,
    ...{ failure: row.failure, byName: row.byName, mine: row.byUser === of.userId, at: row.at.toISOString() },
    ...{ startedAt: iso(row.startedAt), endedAt: iso(row.endedAt), version: row.version },
    keptTill: since && iso(new Date(since.getTime() + keepMs)),
  };
};

const viewsOf = async (tx: Tx, ctx: VerbContext, rows: readonly ImportRow[]): Promise<TicketImport[]> => {
  const halls = await tx.$client.query<{ id: string; name: string }>(
    'SELECT id, name FROM halls WHERE id = ANY($1::uuid[])',
    [rows.flatMap(({ hallId }) => hallId ?? [])],
  );
  const hallNames = new Map(halls.rows.map(({ id, name }) => [id, name]));
  const views: TicketImport[] = [];
  for (const row of rows) {
    const published = await readKind(tx, ctx.actor.tenantId, row.kind);
    const label = published?.kind.label ?? { zh: row.kind };
    views.push(toView(row, { label, hallName: hallNames.get(row.hallId ?? '') ?? null, userId: ctx.actor.userId }));
  }
  return views;
};

const withinReach = ({ actor }: VerbContext): SQL => {
  const reach = actor.scopeFilter('ticket.import');
  if (reach === 'all') return sql`true`;
  return sql`(by_user = ${actor.userId} OR hall_id = ANY(${sql.param([...reach])}::uuid[]))`;
};

/** Newest first; one’s own, and those of places where one may import. */
export const listImports = (ctx: VerbContext, { limit, cursor }: PageQuery): Promise<Page<TicketImport>> => {
  const after = decodeCursor(cursor, z.tuple([z.iso.datetime(), z.uuid()]));
  return withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const older = after ? sql`AND (at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``;
      const { rows: ids } = (await tx.execute(
        sql`SELECT id FROM ticket_imports WHERE tenant_id = ${ctx.actor.tenantId} AND ${withinReach(ctx)} ${older} ORDER BY at DESC, id DESC LIMIT ${limit + 1}`,
      )) as unknown as { rows: { id: string }[] };
      const rows: ImportRow[] = [];
      for (const { id } of ids) rows.push(await findImport(tx, ctx, id));
      const views = await viewsOf(tx, ctx, rows);
      return toPage(views, limit, { item: (view) => view, key: ({ at, id }) => [at, id] });
    },
    { readOnly: true },
  );
};

interface StoredRow {
  line: number;
  cells: Buffer | null;
  faults: ImportFault[] | null;
}

const faultViews = (
  deps: Pick<ImportDeps, 'sealing'>,
  of: { readonly row: ImportRow; readonly stored: StoredRow; readonly mine: boolean },
): ImportFaultView[] => {
  const { row, stored, mine } = of;
  const cells =
    mine && stored.cells ? openCells(deps.sealing, { importId: row.id, line: stored.line }, stored.cells) : null;
  return (stored.faults ?? []).map((fault) => ({
    ...{ line: stored.line, column: fault.column, code: fault.code, text: faultText(fault) },
    title: fault.column === null ? null : (row.columns[fault.column] ?? null),
    value: fault.column === null || cells === null ? null : textOfCell(cells[fault.column]).slice(0, mostShown),
  }));
};

/** One import with what its columns mean and its first rows. Errors: `not_found`. */
export const readImport = (ctx: VerbContext, deps: ImportDeps, importId: string): Promise<TicketImportPage> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const row = await findImport(tx, ctx, importId);
      const [view] = await viewsOf(tx, ctx, [row]);
      if (!view) throw new HubError('bug', 'a view for each');
      const published = await readKind(tx, ctx.actor.tenantId, row.kind);
      const targets = published ? targetsOf(published.kind) : [];
      const { rows: first } = await tx.$client.query<StoredRow>(
        'SELECT line, cells, faults FROM ticket_import_rows WHERE import_id = $1 AND cells IS NOT NULL ORDER BY line LIMIT $2',
        [importId, previewRows],
      );
      return {
        ...view,
        ...{ columns: [...row.columns], mapping: [...row.mapping] },
        targets: targets.map(({ key, label, required }) => ({ key, label, required })),
        missing: targets.filter(({ key, required }) => required && !row.mapping.includes(key)).map(({ key }) => key),
        preview: view.mine
          ? first.map((stored) => ({
              line: stored.line,
              cells: stored.cells
                ? openCells(deps.sealing, { importId, line: stored.line }, stored.cells).map((cell) =>
                    textOfCell(cell).slice(0, mostShown),
                  )
                : [],
              faults: faultViews(deps, { row, stored, mine: true }),
            }))
          : [],
        before: await earlier(tx, row),
      };
    },
    { readOnly: true },
  );

const earlier = async (tx: Tx, row: ImportRow): Promise<TicketImportPage['before']> => {
  const { rows } = await tx.$client.query<{ at: Date; by_name: string; made: number }>(
    `SELECT at, by_name, made FROM ticket_imports WHERE file_sha256 = $1 AND id <> $2 AND kind = $3 AND made > 0 AND at <= $4 ORDER BY at DESC LIMIT 1`,
    [row.fileSha256, row.id, row.kind, row.at],
  );
  const [found] = rows;
  return found ? { at: found.at.toISOString(), byName: found.by_name, made: found.made } : null;
};

/** What is wrong, row by row. Errors: `not_found`. */
export const listFaults = (
  ctx: VerbContext,
  deps: ImportDeps,
  { importId, limit, cursor }: PageQuery & { readonly importId: string },
): Promise<Page<{ line: number; faults: ImportFaultView[] }>> => {
  const after = decodeCursor(cursor, z.tuple([z.int()]));
  return withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const row = await findImport(tx, ctx, importId);
      const { rows } = await tx.$client.query<StoredRow>(
        `SELECT line, cells, faults FROM ticket_import_rows WHERE import_id = $1 AND faults IS NOT NULL AND line > $2 ORDER BY line LIMIT $3`,
        [importId, after?.[0] ?? 0, limit + 1],
      );
      const mine = row.byUser === ctx.actor.userId;
      return toPage(rows, limit, {
        item: (stored) => ({ line: stored.line, faults: faultViews(deps, { row, stored, mine }) }),
        key: ({ line }) => [line],
      });
    },
    { readOnly: true },
  );
};
