import { Readable } from 'node:stream';
import type { Label } from '@hallhub/shared';
import type { TicketRow } from '@hallhub/shared/ticket';
import { sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import { enterExport, whileRead } from '../../../workbook/export-places.js';
import { streamWorkbook } from '../../../workbook/stream-workbook.js';
import { csvFile, csvText } from '../../../workbook/write-csv.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import type { TicketFilter } from '../contract.js';
import { ask, findKeys } from './list-tickets.js';
import { readRows } from './read-rows.js';
import { withinRight } from './ticket-where.js';

/** What a sheet holds, with its titles and a last word. */
const mostRows = 1_000_000;
const chunk = 1_000;
const truncated: Label = {
  zh: '……只含前 1,000,000 行，请缩小范围再导出',
  en: '… the first 1,000,000 rows only: narrow the filter',
};

type Language = 'zh' | 'en';
interface Column {
  readonly title: Label;
  readonly width: number;
  readonly cell: (row: TicketRow, language: Language) => string;
}

const textIn = (label: Label, language: Language): string => (language === 'en' ? (label.en ?? label.zh) : label.zh);
const lightNames = {
  green: { zh: '绿', en: 'green' },
  yellow: { zh: '黄', en: 'yellow' },
  red: { zh: '红', en: 'red' },
};
const yes: Label = { zh: '是', en: 'yes' };

const columns: readonly Column[] = [
  { title: { zh: '编号', en: 'Number' }, width: 20, cell: ({ number }) => number },
  { title: { zh: '标题', en: 'Title' }, width: 40, cell: ({ title }) => title },
  { title: { zh: '类型', en: 'Kind' }, width: 14, cell: ({ kind }, language) => textIn(kind.label, language) },
  { title: { zh: '等级', en: 'Level' }, width: 8, cell: ({ level }, to) => (level ? textIn(level.label, to) : '') },
  { title: { zh: '状态', en: 'State' }, width: 12, cell: ({ state }, language) => textIn(state.label, language) },
  { title: { zh: '环节', en: 'Step' }, width: 12, cell: ({ step }, language) => textIn(step.label, language) },
  {
    title: { zh: '当前处理', en: 'With' },
    width: 24,
    cell: ({ holders }) => holders.map(({ name }) => name).join('、'),
  },
  { title: { zh: '营业厅', en: 'Hall' }, width: 18, cell: ({ hall }) => hall?.name ?? '' },
  { title: { zh: '来源', en: 'Source' }, width: 10, cell: ({ source }) => source },
  { title: { zh: '登记人', en: 'Made by' }, width: 12, cell: ({ madeBy }) => madeBy.name },
  { title: { zh: '登记时间（UTC）', en: 'Made (UTC)' }, width: 20, cell: ({ madeAt }) => instant(madeAt) },
  { title: { zh: '到期时间（UTC）', en: 'Due (UTC)' }, width: 20, cell: ({ dueAt }) => instant(dueAt) },
  { title: { zh: '结束时间（UTC）', en: 'Ended (UTC)' }, width: 20, cell: ({ endedAt }) => instant(endedAt) },
  { title: { zh: '灯', en: 'Light' }, width: 6, cell: ({ light }, to) => (light ? textIn(lightNames[light], to) : '') },
  { title: { zh: '催办', en: 'Reminded' }, width: 8, cell: ({ reminded }) => String(reminded) },
  { title: { zh: '退单', en: 'Returned' }, width: 8, cell: ({ returned }) => String(returned) },
  { title: { zh: '重办', en: 'Reopened' }, width: 8, cell: ({ reopened }) => String(reopened) },
  {
    title: { zh: '督办', en: 'Supervised' },
    width: 8,
    cell: ({ supervised }, to) => (supervised ? textIn(yes, to) : ''),
  },
];

const instant = (at: string | null): string => at?.replace('T', ' ').replace(/\.\d+Z$/, '') ?? '';

/** Who may read in one hall and export in another exports the other's alone. */
const exportable = async (tx: Tx, { actor }: VerbContext, ids: readonly string[]): Promise<readonly string[]> => {
  const reach = withinRight(actor, 'ticket.export');
  if (reach === undefined) return ids;
  const { rows } = (await tx.execute(
    sql`SELECT t.id FROM tickets t WHERE t.tenant_id = ${actor.tenantId} AND t.id = ANY(${sql.param([...ids])}::uuid[]) AND ${reach}`,
  )) as unknown as { rows: { id: string }[] };
  return rows.map(({ id }) => id);
};

export interface ExportAsked extends TicketFilter {
  readonly format: 'xlsx' | 'csv';
  readonly language: Language;
}

/**
 * What the same filter lists, in its order, as far as the reader may see and export; written while it is read, a page at a time, each
 * as it is at that moment. That it began stands in the audit trail before the first row leaves, how far it came when it is over.
 * Errors: `rate_limited` where the reader, or this process, has too many under way.
 */
export const exportTickets = async (ctx: VerbContext, asked: ExportAsked): Promise<Readable> => {
  const leave = enterExport(ctx.actor);
  try {
    // What cannot be read is told before anything is sent.
    const first = await readPage(ctx, { asked, after: null, isFirst: true });
    const lines = pages(ctx, { asked, first });
    // Begun, so that it ends as it should wherever the reader leaves.
    await lines.next();
    const body = whileRead(asBody(lines, asked));
    // What follows is for nobody: that it began is noted.
    body.once(
      'close',
      () =>
        void lines
          .return(undefined)
          .catch(() => undefined)
          .finally(leave),
    );
    return body;
  } catch (error) {
    leave();
    throw error;
  }
};

type Lines = readonly (readonly string[])[];
interface ReadPage {
  readonly lines: Lines;
  readonly next: [string, string] | null;
}

const readPage = (
  ctx: VerbContext,
  {
    asked: { format, language, ...filter },
    after,
    isFirst = false,
  }: {
    readonly asked: ExportAsked;
    readonly after: [string, string] | null;
    readonly isFirst?: boolean;
  },
): Promise<ReadPage> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const asked = await ask(tx, ctx, { filter, after, limit: chunk });
    const keys = await findKeys(tx, asked);
    const ids = keys.map(({ id }) => id);
    const found = new Map((await readRows(tx, await exportable(tx, ctx, ids), asked)).map((row) => [row.id, row]));
    const rows = keys.flatMap(({ id }) => found.get(id) ?? []);
    if (isFirst) await note(tx, ctx, { ...filter, format }, 'ticket.export_began');
    const last = keys.at(-1);
    return {
      lines: rows.map((row) => columns.map(({ cell }) => cell(row, language))),
      next: keys.length === chunk && last ? [last.key, last.id] : null,
    };
  });

const note = (tx: Tx, ctx: VerbContext, after: Record<string, unknown>, action: string): Promise<unknown> =>
  audit(tx, ctx, { action, target: { kind: 'ticket', id: null }, after });

async function* pages(
  ctx: VerbContext,
  { asked, first }: { readonly asked: ExportAsked; readonly first: ReadPage },
): AsyncGenerator<Lines> {
  let rows = 0;
  let outcome: 'whole' | 'truncated' | 'broken_off' = 'broken_off';
  try {
    yield [];
    for (let page = first; ; page = await readPage(ctx, { asked, after: page.next })) {
      rows += page.lines.length;
      yield page.lines;
      if (page.next === null) break;
      if (rows + chunk > mostRows) {
        yield [[textIn(truncated, asked.language)]];
        outcome = 'truncated';
        return;
      }
    }
    outcome = 'whole';
  } finally {
    const { language, ...what } = asked;
    await withTenant(ctx.db, ctx.actor, (tx) => note(tx, ctx, { ...what, rows, outcome }, 'ticket.exported'));
  }
}

const asBody = (lines: AsyncGenerator<Lines>, { format, language }: ExportAsked): Readable => {
  const titles = columns.map(({ title }) => textIn(title, language));
  return format === 'csv'
    ? Readable.from(csv(titles, lines), { objectMode: false })
    : streamWorkbook({
        name: language === 'zh' ? '工单' : 'Tickets',
        columns: columns.map(({ width }, i) => ({ title: titles[i] ?? '', width })),
        rows: lines,
      });
};

async function* csv(titles: readonly string[], pages: AsyncIterable<Lines>): AsyncGenerator<Buffer> {
  yield csvFile([titles]);
  for await (const lines of pages) yield Buffer.from(csvText(lines));
}
