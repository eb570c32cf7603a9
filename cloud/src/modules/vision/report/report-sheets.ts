import type { Cell, Sheet } from '../../../workbook/write-workbook.js';
import { algorithmWord, decisionWords, type FileLanguage, severityWords, timeIn } from '../export/words.js';
import { advisedThreshold } from '../suggest-threshold.js';
import type { RunReport } from './report-contract.js';
import { hourText, reportWords, sayRemark } from './report-words.js';

const shareOf = (share: number | null): Cell => (share === null ? null : { share });
const minutes = (ms: number): number => Math.round(ms / 6_000) / 10;

/** The same report as figures to go on with: nothing is left out but what 5,000 findings do not hold. */
export const reportSheets = (report: RunReport, language: FileLanguage): Sheet[] => {
  const word = reportWords[language];
  const { column } = word;
  const { totals } = report;
  const share = (count: number): Cell => shareOf(totals.findings === 0 ? null : count / totals.findings);
  const judged = [column.findings, column.share, column.decided, column.accepted, column.false, column.precision];
  const judgedOf = (one: { findings: number; decided: number; accepted: number; false: number }): Cell[] => [
    ...[one.findings, share(one.findings), one.decided, one.accepted, one.false],
    shareOf(one.decided === 0 ? null : one.accepted / one.decided),
  ];
  const sheet = (name: string, columns: readonly (readonly [string, number])[], rows: Cell[][]): Sheet => ({
    ...{ name, rows },
    columns: columns.map(([title, width]) => ({ title, width })),
  });
  const wide = judged.map((title) => [title, 10] as const);
  return [
    sheet(
      word.summary,
      [
        [column.item, 26],
        [column.value, 60],
      ],
      [
        [word.period, `${report.period} (${report.timeZone})`],
        [word.place, [report.organisation, report.place ?? word.everywhere].join(' · ')],
        [word.figures.findings, totals.findings],
        [word.figures.waiting, totals.open],
        [word.figures.reviewRate, shareOf(totals.reviewRate)],
        [word.figures.precision, shareOf(totals.precision)],
        [word.figures.uptime, shareOf(report.uptime)],
        ...report.remarks.map((remark, i): Cell[] => [i === 0 ? word.remarks : null, sayRemark(language, remark)]),
      ],
    ),
    sheet(
      word.byAlgorithm,
      [[column.algorithm, 18], ...wide],
      totals.byAlgorithm.map((one) => [algorithmWord(language, one.algorithm), ...judgedOf(one)]),
    ),
    sheet(
      word.column.region,
      [[column.region, 26], ...wide],
      totals.byRegion.map((one) => [one.name, ...judgedOf(one)]),
    ),
    sheet(
      word.column.place,
      [[column.place, 26], ...wide],
      totals.byHall.map((one) => [one.name, ...judgedOf(one)]),
    ),
    sheet(
      word.column.day,
      [[column.day, 12], ...wide],
      totals.byDay.map((one) => [one.day, ...judgedOf(one)]),
    ),
    sheet(
      word.column.hours,
      [
        [column.hours, 16],
        [column.findings, 10],
        [column.share, 10],
      ],
      totals.byHour.map((count, hour) => [hourText(hour), count, share(count)]),
    ),
    sheet(
      word.byCamera,
      [
        [column.camera, 26],
        [column.place, 22],
        [column.findings, 10],
        [column.decided, 10],
        [column.accepted, 10],
        [column.uptime, 10],
        [column.outages, 10],
        [`${column.down} (min)`, 14],
      ],
      report.cameras.map((one) => [
        ...[one.name, one.hallName, one.findings, one.decided, one.accepted, shareOf(one.uptime)],
        ...(one.uptime === null ? [null, null] : [one.outages, minutes(one.downMs)]),
      ]),
    ),
    rulesSheet(report, language),
    sheet(
      word.flow,
      [
        [column.day, 12],
        [column.in, 10],
        [column.out, 10],
      ],
      report.flow.days.map((one) => [one.day, one.in, one.out]),
    ),
    findingsSheet(report, language),
  ];
};

const rulesSheet = (report: RunReport, language: FileLanguage): Sheet => {
  const { rules: name, column } = reportWords[language];
  const titles = [
    ...[column.rule, column.algorithm, column.camera, column.place, column.findings, column.decided, column.accepted],
    ...[
      column.false,
      column.precision,
      `${column.interval} ≥`,
      `${column.interval} ≤`,
      column.threshold,
      column.suggested,
    ],
  ];
  return {
    name,
    columns: titles.map((title, i) => ({ title, width: i < 4 ? 22 : 10 })),
    rows: report.rules.map((rule) => [
      ...[rule.name, algorithmWord(language, rule.algorithm), rule.deviceName, rule.hallName],
      ...[rule.findings, rule.decided, rule.accepted, rule.false],
      ...[shareOf(rule.precision), shareOf(rule.low), shareOf(rule.high), rule.minConfidence],
      advisedThreshold(rule),
    ]),
  };
};

const findingsSheet = (report: RunReport, language: FileLanguage): Sheet => {
  const { findings: name, column } = reportWords[language];
  const titles = [
    ...[column.number, column.time, column.ended, column.severity, column.algorithm, column.rule, column.camera],
    ...[column.place, column.decision, column.opinion],
  ];
  return {
    name,
    columns: titles.map((title, i) => ({ title, width: i === 0 || i === 3 ? 12 : 20 })),
    rows: report.findings.map((one) => [
      ...[one.number, timeIn(one.timeZone, one.startedAt), timeIn(one.timeZone, one.endedAt)],
      ...[severityWords[language][one.severity], algorithmWord(language, one.algorithm), one.ruleName, one.deviceName],
      one.hallName,
      (decisionWords[language] as Readonly<Record<string, string>>)[one.decision ?? 'open'] ?? null,
      one.opinion,
    ]),
  };
};
