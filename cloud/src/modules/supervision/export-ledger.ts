import { Readable } from 'node:stream';
import type { Label } from '@hallhub/shared';
import { withTenant } from '../../db/index.js';
import { type ExportedFile, inExportPlace } from '../../workbook/export-places.js';
import { csvFile } from '../../workbook/write-csv.js';
import { writeWorkbook } from '../../workbook/write-workbook.js';
import type { VerbContext } from '../access/verb-context.js';
import { audit } from '../audit/audit.js';
import type { SupervisedTask, SupervisionQuery } from './contract.js';
import { readLedger } from './read-ledger.js';

type Language = 'zh' | 'en';
interface Column {
  readonly title: Label;
  readonly width: number;
  readonly cell: (task: SupervisedTask, of: { readonly language: Language; readonly zone: string }) => string | number;
}

const textIn = (label: Label | null | undefined, language: Language): string =>
  label ? (language === 'en' ? (label.en ?? label.zh) : label.zh) : '';
const at = (time: string | null | undefined, zone: string): string =>
  time
    ? new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(
        new Date(time),
      )
    : '';
const partyStates: Readonly<Record<SupervisedTask['parties'][number]['state'], Label>> = {
  ...{ waiting: { zh: '未轮到', en: 'not yet' }, open: { zh: '未签收', en: 'not signed for' } },
  ...{ signed: { zh: '承办中', en: 'in hand' }, done: { zh: '已报完成', en: 'done' } },
};
const lead: Label = { zh: '牵头', en: 'leads' };
const late: Label = { zh: '逾期', en: 'late' };

const partyText = ({ name, lead: leads, state }: SupervisedTask['parties'][number], language: Language): string =>
  `${name}（${[...(leads ? [textIn(lead, language)] : []), textIn(partyStates[state], language)].join('，')}）`;

const columns: readonly Column[] = [
  { title: { zh: '编号', en: 'Number' }, width: 14, cell: ({ ticket }) => ticket.number },
  { title: { zh: '督办事项', en: 'Task' }, width: 36, cell: ({ ticket }) => ticket.title },
  {
    title: { zh: '级别', en: 'Level' },
    width: 10,
    cell: ({ ticket }, { language }) => textIn(ticket.level?.label, language),
  },
  { title: { zh: '来源', en: 'Basis' }, width: 12, cell: ({ basis }, { language }) => textIn(basis, language) },
  { title: { zh: '督办要求', en: 'What is to be done' }, width: 40, cell: ({ requirement }) => requirement ?? '' },
  { title: { zh: '立项时间', en: 'Set up' }, width: 17, cell: ({ ticket }, { zone }) => at(ticket.madeAt, zone) },
  { title: { zh: '完成时限', en: 'Due on' }, width: 12, cell: ({ dueOn }) => dueOn ?? '' },
  { title: { zh: '到期时间', en: 'Due' }, width: 17, cell: ({ ticket }, { zone }) => at(ticket.dueAt, zone) },
  {
    title: { zh: '状态', en: 'State' },
    width: 10,
    cell: ({ ticket }, { language }) => textIn(ticket.state.label, language),
  },
  {
    title: { zh: '逾期', en: 'Late' },
    width: 8,
    cell: ({ ticket }, { language }) => (ticket.light === 'red' ? textIn(late, language) : ''),
  },
  {
    title: { zh: '承办单位', en: 'Carried out by' },
    width: 36,
    cell: ({ parties }, { language }) => parties.map((one) => partyText(one, language)).join('、'),
  },
  {
    title: { zh: '完成进度', en: 'Share done' },
    width: 10,
    cell: ({ percent }) => (percent === null ? '' : `${percent}%`),
  },
  { title: { zh: '最新进展', en: 'Progress' }, width: 40, cell: ({ progress }) => progress ?? '' },
  {
    title: { zh: '进展时间', en: 'Reported' },
    width: 17,
    cell: ({ reported }, { zone }) => at(reported?.at, zone),
  },
  { title: { zh: '存在问题', en: 'Obstacles' }, width: 30, cell: ({ obstacles }) => obstacles ?? '' },
  { title: { zh: '下一步', en: 'Next' }, width: 30, cell: ({ nextSteps }) => nextSteps ?? '' },
  {
    title: { zh: '子任务', en: 'Sub-tasks' },
    width: 8,
    cell: ({ children }) => (children.of === 0 ? '' : `${children.done}/${children.of}`),
  },
  { title: { zh: '催办次数', en: 'Reminded' }, width: 8, cell: ({ ticket }) => ticket.reminded },
  { title: { zh: '最近批示', en: 'Last instruction' }, width: 30, cell: ({ instructed }) => instructed?.words ?? '' },
  { title: { zh: '延期次数', en: 'Extended' }, width: 8, cell: ({ extended }) => extended },
  { title: { zh: '完成情况', en: 'Result' }, width: 40, cell: ({ result }) => result ?? '' },
  {
    title: { zh: '核查结论', en: 'Verdict' },
    width: 10,
    cell: ({ verdict }, { language }) => textIn(verdict, language),
  },
  { title: { zh: '销号时间', en: 'Closed' }, width: 17, cell: ({ ticket }, { zone }) => at(ticket.endedAt, zone) },
];

const mostRows = 5_000;
const more: Label = {
  zh: '……只含前 5000 项，请按年份、承办单位或大厅缩小范围再导出',
  en: '… the first 5000 only: narrow the year, the office or the hall',
};

type ExportSupervision = SupervisionQuery & { readonly format: 'xlsx' | 'csv'; readonly language: Language };

/** The ledger as a file, of what may be exported; it stands in the audit trail. Errors: `rate_limited`. */
export const exportSupervision = (ctx: VerbContext, asked: ExportSupervision): Promise<ExportedFile> =>
  inExportPlace(ctx.actor, () => makeSheet(ctx, asked));

const makeSheet = async (
  ctx: VerbContext,
  { format, language, ...query }: ExportSupervision,
): Promise<ExportedFile> => {
  const ledger = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const read = await readLedger(tx, ctx, { query, right: 'ticket.export', most: mostRows });
    await audit(tx, ctx, {
      action: 'supervision.exported',
      target: { kind: 'ticket', id: null },
      hallId: query.hallId ?? null,
      after: { ...query, format, rows: read.items.length },
    });
    return read;
  });
  const name = `hallhub-supervision-${query.status}${query.year === undefined ? '' : `-${query.year}`}.${format}`;
  const titles = columns.map(({ title }) => textIn(title, language));
  const lines = [
    ...ledger.items.map((task) => columns.map(({ cell }) => cell(task, { language, zone: ledger.zone }))),
    ...(ledger.truncated ? [[textIn(more, language)]] : []),
  ];
  if (format === 'csv')
    return { body: Readable.from([csvFile([titles, ...lines.map((line) => line.map(String))])]), name };
  const workbook = await writeWorkbook([
    {
      name: language === 'zh' ? '督办台账' : 'Supervision',
      columns: columns.map(({ width }, i) => ({ title: titles[i] ?? '', width })),
      rows: lines,
    },
  ]);
  return { body: Readable.from([workbook]), name };
};
