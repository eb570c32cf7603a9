import type { Label } from '@hallhub/shared';

export type Language = 'zh' | 'en';

export const languageOf = (asked: string | undefined, accepted: string | undefined): Language => {
  if (asked === 'en' || asked === 'zh') return asked;
  return /^\s*en\b/i.test(accepted ?? '') ? 'en' : 'zh';
};

export const labelIn = (language: Language, label: Label): string =>
  language === 'en' ? (label.en ?? label.zh) : label.zh;

const zh = {
  send: '提交',
  required: '必填',
  choose: '请选择',
  yes: '是',
  no: '否',
  progress: '查询进度',
  number: '受理编号',
  pin: '查询码',
  look: '查询',
  sent: '已提交',
  keep: '请记下编号和查询码，凭此查询进度。查询码只显示这一次。',
  state: '当前状态',
  made: '提交时间',
  history: '办理过程',
  judge: '评价办理结果',
  judged: '感谢您的评价。',
  withdraw: '撤回诉求',
  withdrawn: '诉求已撤回。',
  why: '原因',
  words: '补充说明',
  back: '返回',
  files: '每个文件不超过 5 MB，最多 6 个；图片或 PDF。',
  trap: '请留空',
  other: 'English',
  problems: '有些内容需要修改：',
  gone: '没有这个页面。',
  notFound: '没有与编号和查询码相符的工单。',
  busy: '请求过多，请稍后再试。',
  failed: '暂时无法处理，请稍后再试。',
  notNow: '现在不能这样做。',
  tooLarge: '文件过大。',
  badFile: '不支持这种文件。',
  s1: '很不满意',
  s2: '不满意',
  s3: '一般',
  s4: '满意',
  s5: '很满意',
  wrong: '格式不正确',
} as const;
const en: Readonly<Record<keyof typeof zh, string>> = {
  send: 'Send',
  required: 'required',
  choose: 'Please choose',
  yes: 'Yes',
  no: 'No',
  progress: 'How far is my request',
  number: 'Number',
  pin: 'PIN',
  look: 'Look',
  sent: 'Sent',
  state: 'State',
  made: 'Sent at',
  history: 'What was done',
  keep: 'Keep the number and the PIN: with them you see how far it is. The PIN is shown this once.',
  judge: 'How content are you',
  judged: 'Thank you.',
  withdraw: 'Take the request back',
  withdrawn: 'It was taken back.',
  why: 'Reason',
  words: 'Anything else',
  back: 'Back',
  files: 'Up to 5 MB a file, at most 6; pictures or PDF.',
  trap: 'Leave empty',
  other: '中文',
  problems: 'Some answers have to be mended:',
  gone: 'There is no such page.',
  notFound: 'There is no request of this number and PIN.',
  busy: 'Too many requests; try again later.',
  failed: 'This did not work; try again later.',
  notNow: 'That cannot be done now.',
  tooLarge: 'The files are too large.',
  badFile: 'This kind of file is not taken.',
  s1: 'Very dissatisfied',
  s2: 'Dissatisfied',
  s3: 'Fair',
  s4: 'Satisfied',
  s5: 'Very satisfied',
  wrong: 'does not fit',
};

export type Words = Readonly<Record<keyof typeof zh, string>>;
export const wordsIn = (language: Language): Words => (language === 'en' ? en : zh);
