import type { Sheet } from '../../../workbook/write-workbook.js';
import type { FindingDto, ReviewItem } from '../review-contract.js';
import { algorithmWord, decisionWords, type FileLanguage, severityWords, timeIn } from './words.js';

const titles = {
  zh: [
    '编号',
    '审核项',
    '营业厅',
    '摄像机',
    '规则',
    '算法',
    '级别',
    '开始',
    '结束',
    '人数',
    '详情',
    '置信度',
    '状态',
    '审核结论',
    '审核意见',
    '审核人',
    '审核时间',
    '全景',
    '特写',
    '短片',
  ],
  en: [
    'Number',
    'Item',
    'Hall',
    'Camera',
    'Rule',
    'Algorithm',
    'Severity',
    'Began',
    'Ended',
    'Count',
    'Detail',
    'Confidence',
    'State',
    'Decision',
    'Opinion',
    'Decided by',
    'Decided at',
    'Overview',
    'Close-up',
    'Clip',
  ],
} as const;
const widths = [12, 12, 20, 20, 22, 14, 10, 20, 20, 8, 16, 10, 10, 14, 30, 14, 20, 10, 10, 10];

const words = {
  zh: { name: '审核记录', decided: '已审核', goesOn: '进行中', file: '查看' },
  en: { name: 'Reviews', decided: 'Decided', goesOn: 'Goes on', file: 'Open' },
} as const;

export interface ExportedFinding {
  readonly item: ReviewItem;
  readonly finding: FindingDto;
  /** Names inside the archive, by role. */
  readonly files: Readonly<Partial<Record<'overview' | 'closeup' | 'clip', string>>>;
}

/** One line a finding. */
export const sheetOfReviews = (rows: readonly ExportedFinding[], language: FileLanguage): Sheet => {
  const word = words[language];
  return {
    name: word.name,
    columns: titles[language].map((title, i) => ({ title, width: widths[i] ?? 12 })),
    rows: rows.map(({ item, finding, files }) => {
      const decision = finding.decision;
      const link = (role: 'overview' | 'closeup' | 'clip') => {
        const name = files[role];
        return name === undefined ? null : { text: word.file, link: name };
      };
      return [
        ...[finding.number, item.number, item.hallName, item.deviceName, finding.ruleName],
        ...[algorithmWord(language, finding.algorithm), severityWords[language][finding.severity]],
        timeIn(item.timeZone, finding.startedAt),
        finding.goesOn ? word.goesOn : timeIn(item.timeZone, finding.endedAt),
        ...[
          finding.count,
          finding.detail,
          finding.confidence === null ? null : Math.round(finding.confidence * 100) / 100,
        ],
        ...[
          decision === null ? decisionWords[language].open : word.decided,
          decision === null ? null : decisionWords[language][decision],
        ],
        ...[item.opinion, item.decidedBy, timeIn(item.timeZone, item.decidedAt)],
        ...[link('overview'), link('closeup'), link('clip')],
      ];
    }),
  };
};
