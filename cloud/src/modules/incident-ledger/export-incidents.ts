import { Readable } from 'node:stream';
import type { Label } from '@hallhub/shared';
import { withTenant } from '../../db/index.js';
import { type ExportedFile, inExportPlace } from '../../workbook/export-places.js';
import { csvFile } from '../../workbook/write-csv.js';
import { writeWorkbook } from '../../workbook/write-workbook.js';
import type { VerbContext } from '../access/verb-context.js';
import { audit } from '../audit/audit.js';
import type { IncidentCounts, IncidentQuery, IncidentReport, IncidentRow, SupportLineDay } from './contract.js';
import { readReport } from './incident-report.js';
import { type RawFault, readFaults } from './read-faults.js';

type Language = 'zh' | 'en';
interface Column<T> {
  readonly title: Label;
  readonly width: number;
  readonly cell: (row: T, language: Language, zone: string) => string | number;
}

const textIn = (label: Label | null | undefined, language: Language): string =>
  label ? (language === 'en' ? (label.en ?? label.zh) : label.zh) : '';
/** With one decimal. */
const minutes = (ms: number | null): number | '' => (ms === null ? '' : Math.round(ms / 6_000) / 10);
const at = (time: string | null, zone: string): string =>
  time === null
    ? ''
    : new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(
        new Date(time),
      );

const metWord = ({ met }: IncidentRow['clocks'][number], language: Language): string => {
  if (met === null) return language === 'zh' ? '进行中' : 'running';
  return met ? (language === 'zh' ? '达标' : 'met') : language === 'zh' ? '超时' : 'breached';
};

const columns: readonly Column<IncidentRow>[] = [
  { title: { zh: '编号', en: 'Number' }, width: 18, cell: ({ number }) => number },
  { title: { zh: '事件', en: 'Incident' }, width: 36, cell: ({ title }) => title },
  { title: { zh: '等级', en: 'Level' }, width: 8, cell: ({ level }, to) => textIn(level?.label, to) },
  { title: { zh: '合同', en: 'Contract' }, width: 14, cell: ({ contract }, to) => textIn(contract, to) },
  { title: { zh: '性质', en: 'Nature' }, width: 10, cell: ({ nature }, to) => textIn(nature, to) },
  { title: { zh: '大厅', en: 'Hall' }, width: 18, cell: ({ hallName }) => hallName ?? '' },
  { title: { zh: '状态', en: 'State' }, width: 10, cell: ({ state }, to) => textIn(state, to) },
  { title: { zh: '报告时间', en: 'Reported' }, width: 20, cell: ({ madeAt }, _, zone) => at(madeAt, zone) },
  { title: { zh: '响应（分钟）', en: 'Answered (min)' }, width: 12, cell: ({ answerMs }) => minutes(answerMs) },
  { title: { zh: '到场（分钟）', en: 'On site (min)' }, width: 12, cell: ({ arriveMs }) => minutes(arriveMs) },
  { title: { zh: '恢复（分钟）', en: 'Restored (min)' }, width: 12, cell: ({ restoreMs }) => minutes(restoreMs) },
  { title: { zh: '恢复时间', en: 'Restored at' }, width: 20, cell: ({ restoredAt }, _, zone) => at(restoredAt, zone) },
  { title: { zh: '影响范围', en: 'Affected' }, width: 30, cell: ({ scope }) => scope ?? '' },
  { title: { zh: '影响人数', en: 'People' }, width: 10, cell: ({ people }) => people ?? '' },
  { title: { zh: '处置过程', en: 'Handling' }, width: 40, cell: ({ handling }) => handling ?? '' },
  { title: { zh: '根本原因', en: 'Root cause' }, width: 40, cell: ({ cause }) => cause ?? '' },
  { title: { zh: '防范措施', en: 'Prevention' }, width: 30, cell: ({ prevention }) => prevention ?? '' },
  {
    title: { zh: '时限', en: 'Promises' },
    width: 40,
    cell: ({ clocks }, to) => clocks.map((one) => `${textIn(one.label, to)} ${metWord(one, to)}`).join('；'),
  },
  { title: { zh: '超时项数', en: 'Breaches' }, width: 10, cell: ({ breaches }) => breaches },
];

const counted: readonly Column<IncidentCounts & { readonly name: string }>[] = [
  { title: { zh: '等级', en: 'Level' }, width: 12, cell: ({ name }) => name },
  { title: { zh: '件数', en: 'Incidents' }, width: 10, cell: ({ count }) => count },
  { title: { zh: '未结', en: 'Open' }, width: 10, cell: ({ open }) => open },
  { title: { zh: '超时件数', en: 'With breaches' }, width: 12, cell: ({ breached }) => breached },
  {
    title: { zh: '平均响应（分钟）', en: 'Mean to answer (min)' },
    width: 16,
    cell: (row) => minutes(row.meanAnswerMs),
  },
  { title: { zh: '平均到场（分钟）', en: 'Mean to site (min)' }, width: 16, cell: (row) => minutes(row.meanArriveMs) },
  {
    title: { zh: '平均恢复（分钟）', en: 'Mean to restore (min)' },
    width: 16,
    cell: (row) => minutes(row.meanRestoreMs),
  },
  { title: { zh: '影响人数', en: 'People' }, width: 10, cell: ({ people }) => people },
];

const sums = (report: IncidentReport, language: Language) => [
  ...report.byLevel.map((one) => ({
    ...one,
    name: textIn(report.levels.find(({ id }) => id === one.level)?.label ?? { zh: '未定级', en: 'No level' }, language),
  })),
  { ...report.total, name: language === 'zh' ? '合计' : 'All' },
  { ...report.before, name: language === 'zh' ? '上期合计' : 'All, the period before' },
];

const severities: Readonly<Record<RawFault['severity'], Label>> = {
  ...{ info: { zh: '提示', en: 'info' }, notice: { zh: '注意', en: 'notice' } },
  ...{ warning: { zh: '警告', en: 'warning' }, critical: { zh: '严重', en: 'critical' } },
};
const lasted = ({ raisedAt, clearedAt }: RawFault): number | null =>
  clearedAt === null ? null : Math.max(0, new Date(clearedAt).getTime() - new Date(raisedAt).getTime());

const faultColumns: readonly Column<RawFault>[] = [
  { title: { zh: '发生时间', en: 'Raised' }, width: 20, cell: ({ raisedAt }, _, zone) => at(raisedAt, zone) },
  { title: { zh: '消除时间', en: 'Cleared' }, width: 20, cell: ({ clearedAt }, _, zone) => at(clearedAt, zone) },
  { title: { zh: '持续（分钟）', en: 'Lasted (min)' }, width: 12, cell: (fault) => minutes(lasted(fault)) },
  { title: { zh: '大厅', en: 'Hall' }, width: 18, cell: ({ hallName }) => hallName },
  { title: { zh: '单元', en: 'Unit' }, width: 18, cell: ({ unitName }) => unitName },
  { title: { zh: '设备', en: 'Device' }, width: 24, cell: ({ deviceName }) => deviceName ?? '' },
  { title: { zh: '级别', en: 'Severity' }, width: 8, cell: ({ severity }, to) => textIn(severities[severity], to) },
  { title: { zh: '告警', en: 'Alarm' }, width: 40, cell: ({ message }, to) => textIn(message, to) },
  { title: { zh: '次数', en: 'Times' }, width: 8, cell: ({ occurrences }) => occurrences },
  { title: { zh: '确认人', en: 'Acknowledged by' }, width: 14, cell: ({ acknowledgedBy }) => acknowledgedBy ?? '' },
  { title: { zh: '维修单', en: 'Repair' }, width: 18, cell: ({ ticketNumber }) => ticketNumber ?? '' },
];

/** One decimal, never rounded up to the aim. */
const rate = ({ offered, answered }: Pick<SupportLineDay, 'offered' | 'answered'>): string =>
  offered === 0 ? '' : `${(Math.floor((answered * 1_000) / offered) / 10).toFixed(1)}%`;
const lineColumns: readonly Column<Pick<SupportLineDay, 'day' | 'offered' | 'answered' | 'note' | 'by'>>[] = [
  { title: { zh: '日期', en: 'Day' }, width: 14, cell: ({ day }) => day },
  { title: { zh: '来电', en: 'Calls' }, width: 10, cell: ({ offered }) => offered },
  { title: { zh: '接通', en: 'Answered' }, width: 10, cell: ({ answered }) => answered },
  { title: { zh: '接通率', en: 'Answered, share' }, width: 12, cell: rate },
  { title: { zh: '备注', en: 'Note' }, width: 30, cell: ({ note }) => note ?? '' },
  { title: { zh: '填写人', en: 'Written by' }, width: 14, cell: ({ by }) => by },
];

const lineRows = ({ supportLine }: IncidentReport, language: Language) =>
  supportLine === null
    ? []
    : [...supportLine.days, { ...supportLine, day: language === 'zh' ? '合计' : 'All', note: null, by: '' }];

interface SheetOf {
  readonly language: Language;
  readonly zone: string;
  /** There are more than stand here: the last line says so. */
  readonly hasMore?: boolean;
}
const more: Label = { zh: '……还有更多，请缩小范围再导出', en: '… there are more: narrow the period or the hall' };

const sheetOf = <T>(columnsOf: readonly Column<T>[], rows: readonly T[], { language, zone, hasMore }: SheetOf) => ({
  columns: columnsOf.map(({ title, width }) => ({ title: textIn(title, language), width })),
  rows: [
    ...rows.map((row) => columnsOf.map(({ cell }) => cell(row, language, zone))),
    ...(hasMore ? [[textIn(more, language)]] : []),
  ],
});

export interface ExportIncidents extends IncidentQuery {
  readonly format: 'xlsx' | 'csv';
  readonly language: Language;
  readonly sheet: 'incidents' | 'faults';
}

/**
 * xlsx: counts, incidents, the support line’s days and the raw faults on sheets of their own; csv: incidents or faults. Within what may
 * be exported, without personal fields; stands in the audit trail. Errors: `rate_limited`.
 */
export const exportIncidents = (ctx: VerbContext, asked: ExportIncidents): Promise<ExportedFile> =>
  inExportPlace(ctx.actor, () => makeSheets(ctx, asked));

const makeSheets = async (
  ctx: VerbContext,
  { format, language, sheet, ...query }: ExportIncidents,
): Promise<ExportedFile> => {
  const { report, faults } = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const right = 'ticket.export';
    const read = await readReport(tx, ctx, { query, right });
    const span = { from: new Date(read.from), to: new Date(read.to), hallId: query.hallId, right } as const;
    const raw = format === 'xlsx' || sheet === 'faults' ? await readFaults(tx, ctx, span) : [];
    await audit(tx, ctx, {
      action: 'incidents.exported',
      target: { kind: 'ticket', id: null },
      hallId: query.hallId ?? null,
      after: { ...query, format, from: read.from, to: read.to, rows: read.rows.length, faults: raw.length },
    });
    return { report: read, faults: raw };
  });
  const of = { language, zone: report.zone };
  const rows = sheetOf(columns, report.rows, { ...of, hasMore: report.truncated });
  const raw = sheetOf(faultColumns, faults, { ...of, hasMore: report.faults.alarms > faults.length });
  if (format === 'csv') {
    const { columns: titles, rows: lines } = sheet === 'faults' ? raw : rows;
    const table = [titles.map(({ title }) => title), ...lines.map((line) => line.map(String))];
    const name = `hallhub-${sheet}-${report.firstDay}-${report.lastDay}.csv`;
    return { body: Readable.from([csvFile(table)]), name };
  }
  const named = (zh: string, en: string) => (language === 'zh' ? zh : en);
  const line = sheetOf(lineColumns, lineRows(report, language), of);
  const workbook = await writeWorkbook([
    { name: named('汇总', 'Summary'), ...sheetOf(counted, sums(report, language), of) },
    { name: named('事件台账', 'Incidents'), ...rows },
    ...(report.supportLine === null ? [] : [{ name: named('支持热线', 'Support line'), ...line }]),
    { name: named('原始故障数据', 'Raw faults'), ...raw },
  ]);
  const name = `hallhub-incidents-${report.firstDay}-${report.lastDay}.xlsx`;
  return { body: Readable.from([workbook]), name };
};
