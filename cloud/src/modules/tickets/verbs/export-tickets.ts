import { Readable } from 'node:stream';
import type { Label } from '@hallhub/shared';
import type { TicketRow } from '@hallhub/shared/ticket';
import { sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { writeWorkbook } from '../../vision/export/write-sheet.js';
import type { TicketFilter } from '../contract.js';
import { ask, findKeys } from './list-tickets.js';
import { readRows } from './read-rows.js';
import { withinRight } from './ticket-where.js';

const mostRows = 20_000;
const chunk = 1_000;

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
  { title: { zh: '重开', en: 'Reopened' }, width: 8, cell: ({ reopened }) => String(reopened) },
  {
    title: { zh: '督办', en: 'Supervised' },
    width: 8,
    cell: ({ supervised }, to) => (supervised ? textIn(yes, to) : ''),
  },
];

const instant = (at: string | null): string => at?.replace('T', ' ').replace(/\.\d+Z$/, '') ?? '';

/** A sheet's program must not take a title for a formula; quotes are doubled (RFC 4180). */
export const csvCell = (text: string): string => {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** Who may read in one hall and export in another exports the other's alone. */
const exportable = async (tx: Tx, { actor }: VerbContext, ids: readonly string[]): Promise<readonly string[]> => {
  const reach = withinRight(actor, 'ticket.export');
  if (reach === undefined) return ids;
  const { rows } = (await tx.execute(
    sql`SELECT t.id FROM tickets t WHERE t.tenant_id = ${actor.tenantId} AND t.id = ANY(${sql.param([...ids])}::uuid[]) AND ${reach}`,
  )) as unknown as { rows: { id: string }[] };
  return rows.map(({ id }) => id);
};

/** What the same filter lists, in its order, as far as the reader may see and export. */
export const exportTickets = async (
  ctx: VerbContext,
  { format, language, ...filter }: TicketFilter & { readonly format: 'xlsx' | 'csv'; readonly language: Language },
): Promise<{ readonly body: Readable; readonly truncated: boolean }> => {
  const rows: TicketRow[] = [];
  const isMore = await withTenant(ctx.db, ctx.actor, async (tx) => {
    let after: [string, string] | null = null;
    let more = true;
    while (more && rows.length < mostRows) {
      const asked = await ask(tx, ctx, { filter, after, limit: chunk });
      const keys = await findKeys(tx, asked);
      const ids = keys.map(({ id }) => id);
      const found = new Map((await readRows(tx, await exportable(tx, ctx, ids), asked)).map((row) => [row.id, row]));
      rows.push(...keys.flatMap(({ id }) => found.get(id) ?? []));
      const last = keys.at(-1);
      more = keys.length === chunk && last !== undefined;
      if (last) after = [last.key, last.id];
    }
    await audit(tx, ctx, {
      action: 'ticket.exported',
      target: { kind: 'ticket', id: null },
      after: { ...filter, format, rows: rows.length },
    });
    return more;
  });
  const titles = columns.map(({ title }) => textIn(title, language));
  const lines = rows.map((row) => columns.map(({ cell }) => cell(row, language)));
  if (format === 'csv') {
    const text = function* () {
      // By it a spreadsheet sees that this is UTF-8.
      yield Buffer.from('\ufeff');
      for (const line of [titles, ...lines]) yield Buffer.from(`${line.map(csvCell).join(',')}\r\n`);
    };
    return { body: Readable.from(text()), truncated: isMore };
  }
  const sheet = {
    name: language === 'zh' ? '工单' : 'Tickets',
    columns: columns.map(({ width }, i) => ({ title: titles[i] ?? '', width })),
    rows: lines,
  };
  return { body: Readable.from([await writeWorkbook([sheet])]), truncated: isMore };
};
