import { Readable } from 'node:stream';
import { HubError } from '@hallhub/shared';
import { withTenant } from '../../../../db/index.js';
import { type ExportedFile, inExportPlace } from '../../../../workbook/export-places.js';
import { writeWorkbook } from '../../../../workbook/write-workbook.js';
import type { VerbContext } from '../../../access/verb-context.js';
import { audit } from '../../../audit/audit.js';
import { faultText } from '../fault-words.js';
import { findImport } from '../find-import.js';
import type { ImportDeps } from '../import-deps.js';
import { textOfCell } from '../read/raw-row.js';
import { csvLine } from '../read/read-csv.js';
import { openCells } from '../row-cells.js';
import type { ImportFault } from '../tables.js';

type Language = 'zh' | 'en';
const own: Readonly<Record<Language, readonly [row: string, reason: string, key: string]>> = {
  zh: ['原行号', '原因', '行标识'],
  en: ['Row before', 'Reason', 'Row key'],
};
const notBegun: Readonly<Record<Language, string>> = {
  zh: '尚未登记（导入已停止）',
  en: 'Not registered yet (the import was stopped)',
};
/** What this adds to a file, also where it was made of such a file. */
const added = new Set(Object.values(own).flat());

interface BadRowsAsked {
  readonly importId: string;
  readonly format: 'xlsx' | 'csv';
  readonly language: Language;
}

/**
 * The rows of which no ticket was made, as they were sent, with what is wrong and the key by which each is known again when it comes
 * mended. Personal data: only for who sent the file; stands in the audit trail. Errors: `not_found`, `forbidden`, `conflict` (none, or gone), `rate_limited`.
 */
export const exportBadRows = (ctx: VerbContext, deps: ImportDeps, asked: BadRowsAsked): Promise<ExportedFile> =>
  inExportPlace(ctx.actor, async () => {
    const { bytes, name } = await makeTable(ctx, deps, asked);
    return { body: Readable.from([bytes]), name };
  });

const makeTable = (
  ctx: VerbContext,
  deps: ImportDeps,
  { importId, format, language }: BadRowsAsked,
): Promise<{ readonly bytes: Buffer; readonly name: string }> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const row = await findImport(tx, ctx, importId);
    if (row.byUser !== ctx.actor.userId) {
      throw new HubError('forbidden', 'Only the person who sent the file gets its rows', {
        context: { reason: 'not_mine' },
      });
    }
    const isOver = row.startedAt !== null;
    const { rows } = await tx.$client.query<{
      line: number;
      cells: Buffer;
      faults: ImportFault[] | null;
      row_key: string;
    }>(
      `SELECT line, cells, faults, row_key FROM ticket_import_rows WHERE import_id = $1 AND cells IS NOT NULL
       AND (${isOver ? `state IN ('bad', 'left')` : 'faults IS NOT NULL'}) ORDER BY line`,
      [importId],
    );
    if (rows.length === 0)
      throw new HubError('conflict', 'There are no such rows, or no more', { context: { reason: 'no_rows' } });
    const [lineTitle, reasonTitle, keyTitle] = own[language];
    const kept = row.columns.flatMap((title, i) => (added.has(title) ? [] : [{ title, i }]));
    const keyColumn = row.mapping.indexOf('@row');
    const table = rows.map(({ line, cells: sealed, faults, row_key }) => {
      const cells = openCells(deps.sealing, { importId, line }, sealed);
      const before = keyColumn < 0 ? '' : textOfCell(cells[keyColumn]).trim();
      const reasons = (faults ?? []).map(({ column, ...fault }) => {
        const title = column === null ? undefined : row.columns[column];
        const text = faultText(fault)[language] ?? faultText(fault).zh;
        return title ? `${title}${language === 'zh' ? '：' : ': '}${text}` : text;
      });
      return [
        ...kept.map(({ i }) => textOfCell(cells[i])),
        ...[String(line), reasons.join(language === 'zh' ? '；' : '; ') || notBegun[language], before || row_key],
      ];
    });
    const titles = [...kept.map(({ title }) => title), lineTitle, reasonTitle, keyTitle];
    await audit(tx, ctx, {
      action: 'ticketimport.bad_rows_exported',
      target: { kind: 'ticketimport', id: importId, name: row.fileName },
      ...{ hallId: row.hallId, after: { rows: rows.length, format } },
    });
    const name = `${row.fileName.replace(/\.[a-z]{3,4}$/i, '')}-${language === 'zh' ? '未导入' : 'not-imported'}.${format}`;
    if (format === 'csv') return { name, bytes: Buffer.from(`\ufeff${[titles, ...table].map(csvLine).join('')}`) };
    const columns = titles.map((title) => ({ title, width: title === reasonTitle ? 48 : 18 }));
    return {
      name,
      bytes: await writeWorkbook([{ name: language === 'zh' ? '未导入' : 'Not imported', columns, rows: table }]),
    };
  });
