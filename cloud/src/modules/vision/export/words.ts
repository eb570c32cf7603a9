import type { VisionAlgorithm } from '@hallhub/shared/vision';
import type { Severity } from '@hallhub/shared/wire';
import type { Decision } from '../decisions.js';

export const fileLanguages = ['zh', 'en'] as const;
export type FileLanguage = (typeof fileLanguages)[number];

type Words<K extends string> = Readonly<Record<FileLanguage, Readonly<Record<K, string>>>>;

/** As the console says them: the same word for the same thing, on the screen and in a file. */
export const algorithmWords: Words<VisionAlgorithm> = {
  zh: {
    absence: '脱岗',
    crowding: '人员聚集',
    queue_length: '排队过长',
    intrusion: '区域入侵',
    line_count: '过线计数',
    line_cross: '越线',
    loitering: '徘徊',
    dwell: '停留统计',
    fall: '跌倒',
    object_left: '物品遗留',
    object_removed: '物品移走',
    running: '奔跑',
    hours_kept: '营业时间',
    uniform: '着装',
    phone_use: '使用手机',
    sleeping: '睡岗',
    tamper: '画面异常',
  },
  en: {
    absence: 'Counter absent',
    crowding: 'Crowding',
    queue_length: 'Long queue',
    intrusion: 'Intrusion',
    line_count: 'Line count',
    line_cross: 'Line crossed',
    loitering: 'Loitering',
    dwell: 'Dwell',
    fall: 'Fall',
    object_left: 'Object left',
    object_removed: 'Object removed',
    running: 'Running',
    hours_kept: 'Opening hours',
    uniform: 'Uniform',
    phone_use: 'Phone use',
    sleeping: 'Sleeping',
    tamper: 'Camera fault',
  },
};

/** One that this version does not know keeps its own name. */
export const algorithmWord = (language: FileLanguage, algorithm: string): string =>
  (algorithmWords[language] as Readonly<Record<string, string>>)[algorithm] ?? algorithm;

export const severityWords: Words<Severity> = {
  zh: { info: '信息', notice: '提示', warning: '警告', critical: '严重' },
  en: { info: 'Info', notice: 'Notice', warning: 'Warning', critical: 'Critical' },
};

export const decisionWords: Words<Decision | 'open'> = {
  zh: {
    open: '待审核',
    accepted: '属实',
    below_standard: '未达标准',
    already_left: '已离开',
    duplicate: '重复',
    false: '误报',
  },
  en: {
    open: 'Waiting',
    accepted: 'True',
    below_standard: 'Below norm',
    already_left: 'Already left',
    duplicate: 'Duplicate',
    false: 'False',
  },
};

/** `2026-11-22 14:03:09`, as people of that hall read it. */
export const timeIn = (zone: string, at: string | null): string => {
  if (at === null) return '';
  const parts = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  return parts.format(new Date(at));
};
