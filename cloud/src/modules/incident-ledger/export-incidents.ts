import { Readable } from 'node:stream';
import type { Label } from '@hallhub/shared';
import { withTenant } from '../../db/index.js';
import { writeWorkbook } from '../../workbook/write-workbook.js';
import type { VerbContext } from '../access/verb-context.js';
import { audit } from '../audit/audit.js';
import { csvCell } from '../tickets/verbs/export-tickets.js';
import type { IncidentCounts, IncidentQuery, IncidentReport, IncidentRow } from './contract.js';
import { readReport } from './incident-report.js';

type Language = 'zh' | 'en';
interface Column<T> {
  readonly title: Label;
  readonly width: number;
  readonly cell: (row: T, language: Language, zone: string) => string;
}

const textIn = (label: Label | null | undefined, language: Language): string =>
  label ? (language === 'en' ? (label.en ?? label.zh) : label.zh) : '';
const minutes = (ms: number | null): string => (ms === null ? '' : (ms / 60_000).toFixed(1));
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
  { title: { zh: '影响人数', en: 'People' }, width: 10, cell: ({ people }) => (people === null ? '' : String(people)) },
  { title: { zh: '处置过程', en: 'Handling' }, width: 40, cell: ({ handling }) => handling ?? '' },
  { title: { zh: '根本原因', en: 'Root cause' }, width: 40, cell: ({ cause }) => cause ?? '' },
  { title: { zh: '防范措施', en: 'Prevention' }, width: 30, cell: ({ prevention }) => prevention ?? '' },
  {
    title: { zh: '时限', en: 'Promises' },
    width: 40,
    cell: ({ clocks }, to) => clocks.map((one) => `${textIn(one.label, to)} ${metWord(one, to)}`).join('；'),
  },
  { title: { zh: '超时项数', en: 'Breaches' }, width: 10, cell: ({ breaches }) => String(breaches) },
];

const counted: readonly Column<IncidentCounts & { readonly name: string }>[] = [
  { title: { zh: '等级', en: 'Level' }, width: 12, cell: ({ name }) => name },
  { title: { zh: '件数', en: 'Incidents' }, width: 10, cell: ({ count }) => String(count) },
  { title: { zh: '未结', en: 'Open' }, width: 10, cell: ({ open }) => String(open) },
  { title: { zh: '超时件数', en: 'With breaches' }, width: 12, cell: ({ breached }) => String(breached) },
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
  { title: { zh: '影响人数', en: 'People' }, width: 10, cell: ({ people }) => String(people) },
];

const sums = (report: IncidentReport, language: Language) => [
  ...report.byLevel.map((one) => ({
    ...one,
    name: textIn(report.levels.find(({ id }) => id === one.level)?.label ?? { zh: '未定级', en: 'No level' }, language),
  })),
  { ...report.total, name: language === 'zh' ? '合计' : 'All' },
  { ...report.before, name: language === 'zh' ? '上期合计' : 'All, the period before' },
];

/** xlsx: counts and rows on two sheets; csv: the rows. Within what may be exported, without personal fields; stands in the audit trail. */
export const exportIncidents = async (
  ctx: VerbContext,
  { format, language, ...query }: IncidentQuery & { readonly format: 'xlsx' | 'csv'; readonly language: Language },
): Promise<{ readonly body: Readable; readonly name: string }> => {
  const report = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const read = await readReport(tx, ctx, { query, right: 'ticket.export' });
    await audit(tx, ctx, {
      action: 'incidents.exported',
      target: { kind: 'ticket', id: null },
      hallId: query.hallId ?? null,
      after: { ...query, format, from: read.from, to: read.to, rows: read.rows.length },
    });
    return read;
  });
  const { zone } = report;
  const name = `hallhub-incidents-${report.firstDay}-${report.lastDay}.${format}`;
  const titles = columns.map(({ title }) => textIn(title, language));
  const lines = report.rows.map((row) => columns.map(({ cell }) => cell(row, language, zone)));
  if (format === 'csv') {
    const text = [titles, ...lines].map((line) => `${line.map(csvCell).join(',')}\r\n`).join('');
    // By the mark a spreadsheet sees that this is UTF-8.
    return { body: Readable.from([Buffer.from(`\ufeff${text}`)]), name };
  }
  const workbook = await writeWorkbook([
    {
      name: language === 'zh' ? '汇总' : 'Summary',
      columns: counted.map(({ title, width }) => ({ title: textIn(title, language), width })),
      rows: sums(report, language).map((row) => counted.map(({ cell }) => cell(row, language, zone))),
    },
    {
      name: language === 'zh' ? '事件台账' : 'Incidents',
      columns: columns.map(({ width }, i) => ({ title: titles[i] ?? '', width })),
      rows: lines,
    },
  ]);
  return { body: Readable.from([workbook]), name };
};
