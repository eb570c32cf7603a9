import type { Label } from '@hallhub/shared';
import type { TicketField, TicketKind } from '@hallhub/shared/ticket';

/** What a column can mean besides a field. `@external`: the number that the row has elsewhere; `@row`: which row of an earlier import it mends. */
const specialTargets = ['@level', '@hall', '@external', '@row'] as const;

export interface Target {
  /** A field's key, `key.lon` and `key.lat` of a place, or one of `specialTargets`. */
  readonly key: string;
  readonly label: Label;
  readonly required: boolean;
  readonly field?: TicketField;
}

const special: Readonly<Record<(typeof specialTargets)[number], Label>> = {
  '@level': { zh: '等级', en: 'Level' },
  '@hall': { zh: '营业厅', en: 'Hall' },
  '@external': { zh: '外部编号', en: 'External number' },
  '@row': { zh: '行标识', en: 'Row key' },
};

/** Cannot come in a table. */
const notInTables: ReadonlySet<TicketField['type']> = new Set(['files', 'signature']);

/** The fields that somebody who registers a ticket of this kind fills in. */
export const importFields = (kind: TicketKind): readonly TicketField[] => {
  const first = new Set(kind.steps.find(({ id }) => id === kind.start)?.fields.edit);
  return kind.fields.filter(({ key, type }) => (first.has(key) || key === kind.title) && !notInTables.has(type));
};

export const requiredOf = (kind: TicketKind): ReadonlySet<string> =>
  new Set([kind.title, ...(kind.steps.find(({ id }) => id === kind.start)?.fields.required ?? [])]);

export const targetsOf = (kind: TicketKind): readonly Target[] => {
  const required = requiredOf(kind);
  const fields = importFields(kind).flatMap((field): Target[] => {
    const one = { key: field.key, label: field.label, required: required.has(field.key), field };
    if (field.type !== 'place') return [one];
    const part = (key: 'lon' | 'lat', zh: string, en: string): Target => ({
      key: `${field.key}.${key}`,
      label: { zh: `${field.label.zh}${zh}`, en: `${field.label.en ?? field.label.zh} ${en}` },
      required: false,
    });
    return [one, part('lon', '经度', 'longitude'), part('lat', '纬度', 'latitude')];
  });
  const others = specialTargets
    .filter((key) => key !== '@level' || kind.levels.length > 0)
    .map((key): Target => ({ key, label: special[key], required: false }));
  return [...fields, ...others];
};

/** Words as they are compared: width, case and blanks do not count. */
export const plain = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();

/** As above, without what headings carry besides their name. */
const heading = (text: string): string => plain(text.normalize('NFKC').replace(/[*#:]|\([^)]*\)|\[[^\]]*\]|必填/g, ''));

const usual: readonly (readonly [(target: Target) => boolean, readonly string[]])[] = [
  [
    ({ key }) => key === '@external',
    ['编号', '工单号', '工单编号', '单号', '受理编号', '外部编号', '流水号', 'number', 'external number', 'id'],
  ],
  [({ key }) => key === '@hall', ['营业厅', '网点', '大厅', 'hall', 'branch']],
  [({ key }) => key === '@level', ['等级', '级别', '紧急程度', '优先级', 'level', 'priority', 'urgency']],
  [
    ({ field }) => field?.type === 'phone',
    ['电话', '联系电话', '手机', '手机号', '手机号码', 'phone', 'mobile', 'telephone'],
  ],
  [({ field }) => field?.type === 'identityNumber', ['身份证', '身份证号', '身份证号码', '证件号码', 'id number']],
  [
    ({ field }) => field?.type === 'place',
    ['地址', '地点', '位置', '事发地址', '发生地点', 'address', 'place', 'location'],
  ],
  [({ field }) => field?.type === 'category', ['分类', '类别', '事项', '事项分类', '问题分类', 'category']],
  [
    ({ key, field }) => field !== undefined && key === 'title',
    ['标题', '主题', '诉求标题', '摘要', 'title', 'subject'],
  ],
  [
    ({ field }) => field?.type === 'longText',
    ['内容', '描述', '详情', '诉求内容', '问题描述', '说明', 'content', 'description', 'details'],
  ],
  [
    ({ field }) => field?.type === 'text' && field.personal,
    ['姓名', '诉求人', '联系人', '来电人', '报修人', 'name', 'requester', 'contact'],
  ],
];

/** What each column means, by its title: no target twice; null where nothing fits. */
export const guessMapping = (kind: TicketKind, titles: readonly string[]): (string | null)[] => {
  const targets = targetsOf(kind);
  const names = new Map<string, string>();
  const learn = (name: string | undefined, key: string) => {
    const word = name === undefined ? '' : heading(name);
    if (word !== '' && !names.has(word)) names.set(word, key);
  };
  for (const { key, label } of targets) {
    for (const name of [key, label.zh, label.en, headingOf(label)]) learn(name, key);
  }
  for (const [fits, words] of usual) {
    const target = targets.find(fits);
    if (target) for (const word of words) learn(word, target.key);
  }
  const used = new Set<string>();
  return titles.map((title) => {
    const key = names.get(heading(title));
    if (key === undefined || used.has(key)) return null;
    used.add(key);
    return key;
  });
};

/** In both languages, as the template has it. */
export const headingOf = ({ zh, en }: Label): string => (en === undefined || en === zh ? zh : `${zh} ${en}`);
