import type { FileLanguage } from '../export/words.js';
import { algorithmWord } from '../export/words.js';
import type { Remark } from './remarks.js';

const zh = {
  title: { day: '视频运行日报', month: '视频运行月报' },
  everywhere: '全部营业厅',
  running: '统计截至 {at}，本期尚未结束',
  made: '{by} 于 {at} 生成 · 时区 {zone}',
  page: '第 {page} / {pages} 页',
  figures: { findings: '发现', waiting: '待审核', reviewRate: '审核率', precision: '属实率', uptime: '摄像机在线率' },
  before: '上期 {value}',
  ofDecided: '{accepted} / {decided} 条属实',
  median: '审核用时中位数 {value}',
  cameras: '{count} 台摄像机',
  remarks: '结论',
  none: '没有',
  byAlgorithm: '按算法',
  byDay: '每天的发现',
  byHour: '各时段的发现',
  topPlaces: '发现最多的营业厅',
  topRegions: '发现最多的区域',
  topHours: '发现最多的时段',
  byCamera: '摄像机',
  rules: '规则准确程度',
  rulesNote: '属实率 = 属实 ÷ 已审核（重复的不计）；区间为 95% 置信区间。',
  flow: '人流',
  flowSum: '进 {in} 人次，出 {out} 人次',
  busiest: '最忙的一小时：{at}，进 {in} 人次',
  findings: '属实的发现',
  findingsFirst: '共 {all} 条，列出最重要的 {count} 条；全部内容见表格文件。',
  moreRows: '另有 {count} 行，见表格文件。',
  summary: '概况',
  period: '时间',
  place: '范围',
  column: {
    algorithm: '算法',
    findings: '发现',
    share: '占比',
    decided: '已审核',
    reviewRate: '审核率',
    accepted: '属实',
    false: '误报',
    precision: '属实率',
    place: '营业厅',
    region: '区域',
    hours: '时段',
    camera: '摄像机',
    uptime: '在线率',
    down: '离线时长',
    outages: '离线次数',
    rule: '规则',
    interval: '区间',
    threshold: '现阈值',
    suggested: '建议阈值',
    number: '编号',
    time: '时间',
    ended: '结束',
    severity: '级别',
    decision: '结论',
    opinion: '审核意见',
    day: '日期',
    in: '进',
    out: '出',
    item: '项目',
    value: '数值',
  },
  unit: { findings: '次', people: '人次' },
};

export type ReportWords = typeof zh;

const en: ReportWords = {
  title: { day: 'Video day report', month: 'Video month report' },
  everywhere: 'All halls',
  running: 'Figures until {at}: the period is not over',
  made: 'Made by {by} at {at} · time zone {zone}',
  page: 'Page {page} of {pages}',
  figures: {
    findings: 'Found',
    waiting: 'Waiting',
    reviewRate: 'Reviewed',
    precision: 'True',
    uptime: 'Cameras reachable',
  },
  before: 'before: {value}',
  ofDecided: '{accepted} of {decided} true',
  median: 'median time to decide {value}',
  cameras: '{count} cameras',
  remarks: 'What stands out',
  none: 'None',
  byAlgorithm: 'By algorithm',
  byDay: 'Findings by day',
  byHour: 'Findings by hour of the day',
  topPlaces: 'Halls with most findings',
  topRegions: 'Regions with most findings',
  topHours: 'Busiest hours',
  byCamera: 'Cameras',
  rules: 'How right the rules are',
  rulesNote: 'True = true ÷ decided, duplicates left out; the interval is of 95 %.',
  flow: 'People flow',
  flowSum: '{in} in, {out} out',
  busiest: 'Busiest hour: {at}, {in} in',
  findings: 'Findings that were true',
  findingsFirst: '{all} in all, the {count} that matter most; the spreadsheet has every one.',
  moreRows: '{count} more rows stand in the spreadsheet.',
  summary: 'Summary',
  period: 'Time',
  place: 'Where',
  column: {
    algorithm: 'Algorithm',
    findings: 'Found',
    share: 'Share',
    decided: 'Decided',
    reviewRate: 'Reviewed',
    accepted: 'True',
    false: 'False',
    precision: 'True, %',
    place: 'Hall',
    region: 'Region',
    hours: 'Hour',
    camera: 'Camera',
    uptime: 'Reachable',
    down: 'Away for',
    outages: 'Outages',
    rule: 'Rule',
    interval: 'Interval',
    threshold: 'Threshold',
    suggested: 'Suggested',
    number: 'Number',
    time: 'Time',
    ended: 'Ended',
    severity: 'Severity',
    decision: 'Decision',
    opinion: 'Opinion',
    day: 'Day',
    in: 'In',
    out: 'Out',
    item: 'Item',
    value: 'Value',
  },
  unit: { findings: 'findings', people: 'people' },
};

export const reportWords: Readonly<Record<FileLanguage, ReportWords>> = { zh, en };

export const fill = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

export const percentText = (share: number | null, digits = 0): string =>
  share === null ? '—' : `${(share * 100).toFixed(digits)} %`;

export const hourText = (hour: number): string => {
  const two = (value: number) => `${String(value).padStart(2, '0')}:00`;
  return `${two(hour)}–${two(hour + 1)}`;
};

/** People's units, the two largest: 3 小时 20 分. */
export const durationText = (language: FileLanguage, ms: number): string => {
  const minutes = Math.round(ms / 60_000);
  if (ms > 0 && minutes === 0) return language === 'zh' ? '不到 1 分钟' : '< 1 min';
  const parts = [Math.floor(minutes / 1_440), Math.floor((minutes % 1_440) / 60), minutes % 60];
  const units = language === 'zh' ? ['天', '小时', '分'] : ['d', 'h', 'min'];
  const said = parts.flatMap((value, i) => (value === 0 ? [] : [`${value} ${units[i]}`]));
  return said.length === 0 ? '0' : said.slice(0, 2).join(' ');
};

type Say = { readonly [K in Remark['kind']]: (remark: Extract<Remark, { kind: K }>) => string };

const sayZh: Say = {
  nothing: () => '本期没有发现。',
  more: ({ share, before }) => `发现比上期多 ${percentText(share)}（上期 ${before} 次）。`,
  fewer: ({ share, before }) => `发现比上期少 ${percentText(share)}（上期 ${before} 次）。`,
  most: ({ algorithm, findings, share }) =>
    `最多的是「${algorithmWord('zh', algorithm)}」：${findings} 次，占 ${percentText(share)}。`,
  place: ({ name, findings, share }) => `发现最多的营业厅是「${name}」：${findings} 次，占 ${percentText(share)}。`,
  hour: ({ hour, findings, share }) => `${hourText(hour)} 发现最多：${findings} 次，占 ${percentText(share)}。`,
  waiting: ({ findings, share }) => `还有 ${findings} 条（${percentText(share)}）没有审核。`,
  rule: ({ name, camera, precision, decided, to }) =>
    `规则「${name}」（${camera}）${decided} 次审核中属实 ${percentText(precision)}，${to === null ? '请检查区域、时长或时段。' : `建议最低置信度调到 ${to}。`}`,
  camera: ({ name, hallName, uptime, outages }) =>
    `${hallName}的摄像机「${name}」在线率 ${percentText(uptime, 1)}，离线 ${outages} 次。`,
  allUp: ({ cameras }) => `${cameras} 台摄像机在线率都不低于 98 %。`,
  refused: ({ rows }) => `有 ${rows} 条摄像机数据不合约定，没有计入。`,
};

const sayEn: Say = {
  nothing: () => 'Nothing was found.',
  more: ({ share, before }) => `${percentText(share)} more findings than in the period before (${before}).`,
  fewer: ({ share, before }) => `${percentText(share)} fewer findings than in the period before (${before}).`,
  most: ({ algorithm, findings, share }) =>
    `Most of all: ${algorithmWord('en', algorithm)}, ${findings} times (${percentText(share)}).`,
  place: ({ name, findings, share }) => `Most findings in ${name}: ${findings} (${percentText(share)}).`,
  hour: ({ hour, findings, share }) => `Busiest from ${hourText(hour)}: ${findings} findings (${percentText(share)}).`,
  waiting: ({ findings, share }) => `${findings} findings (${percentText(share)}) still wait for a decision.`,
  rule: ({ name, camera, precision, decided, to }) =>
    `Rule “${name}” (${camera}) was right in ${percentText(precision)} of ${decided} decisions; ${to === null ? 'look at its zone, duration or hours.' : `a least confidence of ${to} is suggested.`}`,
  camera: ({ name, hallName, uptime, outages }) =>
    `Camera “${name}” in ${hallName} could be reached ${percentText(uptime, 1)} of the time (outages: ${outages}).`,
  allUp: ({ cameras }) => `All ${cameras} cameras could be reached at least 98 % of the time.`,
  refused: ({ rows }) => `${rows} rows of cameras broke their contract and are not counted.`,
};

export const sayRemark = (language: FileLanguage, remark: Remark): string => {
  const say = language === 'zh' ? sayZh : sayEn;
  return (say[remark.kind] as (remark: Remark) => string)(remark);
};

/** Somebody has to do something about these. */
export const isUrgent = ({ kind }: Remark): boolean => ['camera', 'rule', 'waiting', 'refused'].includes(kind);
