import { algorithmWord, decisionWords, type FileLanguage, severityWords, timeIn } from '../export/words.js';
import { advisedThreshold } from '../suggest-threshold.js';
import type { RunReport } from './report-contract.js';
import { durationText, fill, hourText, isUrgent, percentText, reportWords, sayRemark } from './report-words.js';

export interface TableBlock {
  readonly kind: 'table';
  readonly title: string;
  readonly note?: string | undefined;
  /** `width`: parts of the page; figures stand to the right. */
  readonly columns: readonly { readonly title: string; readonly width: number; readonly right?: boolean }[];
  readonly rows: readonly (readonly string[])[];
}

/** What a page is made of, in one language: whoever draws it needs to know nothing of video. */
export type Block =
  | {
      readonly kind: 'figures';
      readonly items: readonly { readonly label: string; readonly value: string; readonly note: string }[];
    }
  | { readonly kind: 'sentences'; readonly title: string; readonly items: readonly { text: string; urgent: boolean }[] }
  | {
      readonly kind: 'bars';
      readonly title: string;
      readonly unit: string;
      readonly bars: readonly { readonly label: string; readonly value: number }[];
    }
  | TableBlock;

export interface ReportDocument {
  readonly language: FileLanguage;
  readonly organisation: string;
  readonly title: string;
  readonly period: string;
  readonly place: string;
  readonly lines: readonly string[];
  /** With `{page}` and `{pages}`. */
  readonly footer: string;
  readonly blocks: readonly Block[];
}

const mostRows = { cameras: 30, rules: 30, findings: 100 } as const;

const periodText = (language: FileLanguage, { kind, period }: RunReport): string => {
  if (language === 'en') return period;
  const [year, month, day] = period.split('-').map(Number);
  return kind === 'month' ? `${year} 年 ${month} 月` : `${year} 年 ${month} 月 ${day} 日`;
};

/** What goes to paper; where it would be too long, what matters most, and how much is left out. */
export const reportDocument = (report: RunReport, language: FileLanguage): ReportDocument => {
  const word = reportWords[language];
  const at = (time: string) => timeIn(report.timeZone, time).slice(0, 16);
  return {
    ...{ language, organisation: report.organisation, title: word.title[report.kind] },
    period: periodText(language, report),
    place: report.place ?? word.everywhere,
    lines: [
      ...(report.isOver ? [] : [fill(word.running, { at: at(report.totals.to) })]),
      fill(word.made, { by: report.madeBy, at: at(report.madeAt), zone: report.timeZone }),
    ],
    footer: `${report.organisation} · ${word.title[report.kind]} ${report.period} · ${word.page}`,
    blocks: [
      figures(report, language),
      {
        ...{ kind: 'sentences', title: word.remarks },
        items: report.remarks.map((remark) => ({ text: sayRemark(language, remark), urgent: isUrgent(remark) })),
      },
      ...charts(report, language),
      byAlgorithm(report, language),
      ...places(report, language),
      cameras(report, language),
      ...rules(report, language),
      ...flow(report, language),
      ...findings(report, language),
    ],
  };
};

const figures = ({ totals, before, uptime, cameras }: RunReport, language: FileLanguage): Block => {
  const word = reportWords[language];
  const was = (value: string) => fill(word.before, { value });
  return {
    kind: 'figures',
    items: [
      { label: word.figures.findings, value: String(totals.findings), note: was(String(before.findings)) },
      {
        label: word.figures.waiting,
        value: String(totals.open),
        note:
          totals.decideMedianMs === null
            ? ''
            : fill(word.median, { value: durationText(language, totals.decideMedianMs) }),
      },
      {
        label: word.figures.reviewRate,
        value: percentText(totals.reviewRate),
        note: was(percentText(before.reviewRate)),
      },
      {
        label: word.figures.precision,
        value: percentText(totals.precision),
        note: fill(word.ofDecided, { accepted: totals.accepted, decided: totals.decided }),
      },
      {
        label: word.figures.uptime,
        value: percentText(uptime, 1),
        note: fill(word.cameras, { count: cameras.length }),
      },
    ],
  };
};

const charts = ({ kind, period, totals }: RunReport, language: FileLanguage): Block[] => {
  const word = reportWords[language];
  const unit = word.unit.findings;
  const hours: Block = {
    ...{ kind: 'bars', title: word.byHour, unit },
    bars: totals.byHour.map((value, hour) => ({ label: String(hour), value })),
  };
  if (kind === 'day') return [hours];
  const found = new Map(totals.byDay.map(({ day, findings }) => [day, findings]));
  const [year = 0, month = 1] = period.split('-').map(Number);
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const bars = Array.from({ length: days }, (_one, i) => {
    const label = String(i + 1);
    return { label, value: found.get(`${period}-${label.padStart(2, '0')}`) ?? 0 };
  });
  return [{ kind: 'bars', title: word.byDay, unit, bars }, hours];
};

const byAlgorithm = ({ totals }: RunReport, language: FileLanguage): Block => {
  const { byAlgorithm: title, column } = reportWords[language];
  return {
    ...{ kind: 'table', title },
    columns: [
      { title: column.algorithm, width: 30 },
      ...[column.findings, column.share, column.decided, column.accepted, column.false, column.precision].map(
        (name) => ({ title: name, width: 12, right: true }),
      ),
    ],
    rows: totals.byAlgorithm.map((one) => [
      algorithmWord(language, one.algorithm),
      ...[String(one.findings), percentText(totals.findings ? one.findings / totals.findings : null)],
      ...[String(one.decided), String(one.accepted), String(one.false)],
      percentText(one.decided === 0 ? null : one.accepted / one.decided),
    ]),
  };
};

const places = ({ totals, topHours }: RunReport, language: FileLanguage): Block[] => {
  const word = reportWords[language];
  const top = (title: string, first: string, rows: readonly { name: string; findings: number }[]): Block => ({
    ...{ kind: 'table', title },
    columns: [
      { title: first, width: 60 },
      { title: word.column.findings, width: 20, right: true },
      { title: word.column.share, width: 20, right: true },
    ],
    rows: rows
      .slice(0, 5)
      .map(({ name, findings: count }) => [name, String(count), percentText(count / Math.max(1, totals.findings))]),
  });
  return [
    ...(totals.byRegion.length > 1 ? [top(word.topRegions, word.column.region, totals.byRegion)] : []),
    ...(totals.byHall.length > 1 ? [top(word.topPlaces, word.column.place, totals.byHall)] : []),
    top(
      word.topHours,
      word.column.hours,
      topHours.map(({ hour, findings: count }) => ({ name: hourText(hour), findings: count })),
    ),
  ];
};

const leftOut = (word: { readonly moreRows: string }, all: number, most: number): string | undefined =>
  all > most ? fill(word.moreRows, { count: all - most }) : undefined;

const cameras = (report: RunReport, language: FileLanguage): Block => {
  const word = reportWords[language];
  const { column } = word;
  return {
    ...{ kind: 'table', title: word.byCamera, note: leftOut(word, report.cameras.length, mostRows.cameras) },
    columns: [
      { title: column.camera, width: 30 },
      { title: column.place, width: 26 },
      { title: column.findings, width: 10, right: true },
      { title: column.uptime, width: 12, right: true },
      { title: column.outages, width: 10, right: true },
      { title: column.down, width: 16, right: true },
    ],
    rows: report.cameras
      .slice(0, mostRows.cameras)
      .map((camera) => [
        ...[camera.name, camera.hallName, String(camera.findings), percentText(camera.uptime, 1)],
        camera.uptime === null ? '—' : String(camera.outages),
        camera.uptime === null ? '—' : durationText(language, camera.downMs),
      ]),
  };
};

const rules = (report: RunReport, language: FileLanguage): Block[] => {
  const word = reportWords[language];
  const { column } = word;
  const decided = report.rules.filter((rule) => rule.decided > 0);
  if (decided.length === 0) return [];
  return [
    {
      ...{ kind: 'table', title: word.rules },
      note: [word.rulesNote, leftOut(word, decided.length, mostRows.rules)].filter(Boolean).join(' '),
      columns: [
        { title: column.rule, width: 26 },
        { title: column.camera, width: 22 },
        { title: column.findings, width: 9, right: true },
        { title: column.decided, width: 9, right: true },
        { title: column.precision, width: 10, right: true },
        { title: column.interval, width: 14, right: true },
        { title: column.suggested, width: 12, right: true },
      ],
      rows: decided
        .slice(0, mostRows.rules)
        .map((rule) => [
          ...[rule.name, rule.deviceName, String(rule.findings), String(rule.decided), percentText(rule.precision)],
          rule.low === null || rule.high === null
            ? '—'
            : `${percentText(rule.low).slice(0, -2)}–${percentText(rule.high)}`,
          String(advisedThreshold(rule) ?? '—'),
        ]),
    },
  ];
};

const flow = (report: RunReport, language: FileLanguage): Block[] => {
  const word = reportWords[language];
  const { in: ins, out: outs, days, busiest } = report.flow;
  if (ins === null && outs === null) return [];
  const at = busiest ? timeIn(report.timeZone, busiest.at).slice(0, 16) : '';
  const said: Block = {
    ...{ kind: 'sentences', title: word.flow },
    items: [
      { text: fill(word.flowSum, { in: ins ?? 0, out: outs ?? 0 }), urgent: false },
      ...(busiest ? [{ text: fill(word.busiest, { at, in: busiest.in }), urgent: false }] : []),
    ],
  };
  if (report.kind === 'day') return [said];
  const bars = days.map((one) => ({ label: String(Number(one.day.slice(8))), value: one.in }));
  return [said, { kind: 'bars', title: `${word.flow} · ${word.column.in}`, unit: word.unit.people, bars }];
};

const findings = (report: RunReport, language: FileLanguage): Block[] => {
  const word = reportWords[language];
  const { column } = word;
  const shown = report.findings.slice(0, mostRows.findings);
  if (shown.length === 0) return [];
  const first = { all: report.findingsAll, count: shown.length };
  return [
    {
      ...{ kind: 'table', title: word.findings },
      note: report.findingsAll > shown.length ? fill(word.findingsFirst, first) : undefined,
      columns: [
        { title: column.number, width: 14 },
        { title: column.time, width: 18 },
        { title: column.severity, width: 9 },
        { title: column.rule, width: 24 },
        { title: column.camera, width: 22 },
        { title: column.decision, width: 13 },
      ],
      rows: shown.map((one) => [
        ...[one.number, timeIn(one.timeZone, one.startedAt).slice(0, 16), severityWords[language][one.severity]],
        ...[one.ruleName, one.deviceName],
        (decisionWords[language] as Readonly<Record<string, string>>)[one.decision ?? 'open'] ?? '',
      ]),
    },
  ];
};
