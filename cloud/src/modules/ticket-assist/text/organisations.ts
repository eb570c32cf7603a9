import { mostCharacters } from './words.js';

const kinds =
  '有限责任公司|有限公司|公司|物业|超市|商场|酒店|饭店|宾馆|餐厅|餐馆|医院|诊所|药店|学校|幼儿园|中学|小学|大学|培训机构|银行|营业厅|' +
  '派出所|街道办事处|街道办|居委会|村委会|社区|管理局|管理处|工地|加油站|停车场|健身房|美容院|网吧|工厂|市场';
const name = new RegExp(`([\\p{Script=Han}A-Za-z0-9（）()]{2,18}?(?:${kinds}))`, 'gu');
/** What stands before a name without being part of it: the last of them ends the sentence around it. */
const before =
  /^.*(?:反映|投诉|举报|位于|称|说|认为|要求|希望|因为|由于|由|被|向|去|到|在|的|是|对|与|和|及|让|找|附近|旁边|对面|楼下|里面)/u;

/** Organisations that a text names, most named first: whom a complaint may be against. Nothing is looked up. */
export const organisationsIn = (text: string): { readonly name: string; readonly times: number }[] => {
  const times = new Map<string, number>();
  for (const [, found = ''] of text.slice(0, mostCharacters).matchAll(name)) {
    const one = found.replace(before, '');
    if (one.length >= 3 && !new RegExp(`^(?:${kinds})$`).test(one)) times.set(one, (times.get(one) ?? 0) + 1);
  }
  return [...times].map(([one, n]) => ({ name: one, times: n })).sort((a, b) => b.times - a.times);
};

const digits: Record<string, number> = { 一: 1, 二: 2, 两: 2, 三: 3, 四: 4, 五: 5, 六: 6, 七: 7, 八: 8, 九: 9 };
const scales: Record<string, number> = { 十: 10, 百: 100, 千: 1_000, 万: 10_000 };
const numberOf = (text: string): number => {
  if (/^\d/.test(text)) return Number.parseInt(text, 10) * (text.endsWith('万') ? 10_000 : 1);
  let [sum, last] = [0, 0];
  for (const sign of text) {
    const scale = scales[sign];
    if (scale === undefined) last = digits[sign] ?? 0;
    else {
      sum += (last || 1) * scale;
      last = 0;
    }
  }
  return sum + last;
};

export interface Scope {
  readonly of: 'households' | 'people' | 'buildings' | 'area';
  /** Undefined where the text names no number. */
  readonly count: number | undefined;
  /** As the text has it. */
  readonly words: string;
}

const counted: readonly [Scope['of'], RegExp][] = [
  [
    'households',
    /([0-9]{1,6}万?|[一二两三四五六七八九十百千万]{1,7})(?:多|余|几)?(?:户|家)(?:居民|住户|人家|业主|用户|商户)?/gu,
  ],
  [
    'people',
    /([0-9]{1,6}万?|[一二两三四五六七八九十百千万]{1,7})(?:多|余|几)?(?:名|位|个)?(?:人|居民|业主|群众|学生|职工|员工|老人|村民)/gu,
  ],
  ['buildings', /([0-9]{1,4}|[一二两三四五六七八九十百]{1,4})(?:多|余|几)?(?:栋|幢|座)(?:楼|居民楼)?/gu],
];
const whole = /(?:整个|全)(?:小区|社区|村|镇|街道|栋楼|单元|楼|片区|校|厅)/gu;

/** How many are affected, as a text says it; the largest of each sort. */
export const scopesIn = (text: string): Scope[] => {
  const bounded = text.slice(0, mostCharacters);
  const found = counted.flatMap(([of, pattern]): Scope[] => {
    const all = [...bounded.matchAll(pattern)].map(([words, count = '']) => ({ of, count: numberOf(count), words }));
    return all.sort((a, b) => b.count - a.count).slice(0, 1);
  });
  const area = bounded.match(whole)?.[0];
  return area === undefined ? found : [...found, { of: 'area', count: undefined, words: area }];
};
