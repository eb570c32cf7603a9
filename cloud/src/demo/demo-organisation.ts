import type { SetCategoryTree } from '../modules/categories/contract.js';

export interface DemoOffice {
  readonly code: string;
  readonly name: string;
  readonly above: string | null;
  readonly calendar: string | null;
  readonly skills: readonly string[];
  /** Purposes for which it looks after the demo region; null: for all. */
  readonly purposes: readonly (string | null)[];
  /** Categories of the tree `matters`. */
  readonly categories: readonly string[];
  /** A grid around the demo hall is its own. */
  readonly hasGrid: boolean;
}

const office = (code: string, name: string, more: Partial<DemoOffice> = {}): DemoOffice => ({
  ...{ code, name, above: 'centre', calendar: null, skills: [], purposes: [], categories: [], hasGrid: false },
  ...more,
});

/** Above before below. Codes are those that the kinds which come with the software name. */
export const demoOffices: readonly DemoOffice[] = [
  office('centre', '城市运行管理中心', { above: null, calendar: 'always' }),
  office('reception', '受理中心', { purposes: ['complaint'], categories: ['advice', 'service'] }),
  office('dispatch', '派单中心'),
  office('visits', '回访组', { calendar: 'office' }),
  office('street-works', '市政所', {
    ...{ calendar: 'office', purposes: [null], categories: ['works', 'order'], hasGrid: true },
  }),
  office('sanitation', '环卫所', { calendar: 'office', categories: ['appearance'] }),
  office('greens', '园林所', { calendar: 'office', categories: ['greenery'] }),
  office('grid-ops', '运维班', { skills: ['repair'], purposes: ['repair'], categories: ['equipment'] }),
];

export const demoTree = 'matters';

const tree: readonly (readonly [code: string, zh: string, en: string, below: readonly (readonly string[])[]])[] = [
  [
    ...(['works', '市政设施', 'Public works'] as const),
    [
      ['road_damage', '道路破损', 'Damaged road'],
      ['lighting', '路灯不亮', 'Street lights'],
      ['manhole', '井盖缺失', 'Missing manhole cover'],
      ['flooding', '积水内涝', 'Flooding'],
      ['water_supply', '供水管网', 'Water supply'],
    ],
  ],
  [
    ...(['appearance', '市容环境', 'Cleanliness'] as const),
    [
      ['litter', '暴露垃圾', 'Litter'],
      ['full_bins', '垃圾箱满溢', 'Overflowing bins'],
      ['bills', '乱张贴', 'Fly-posting'],
    ],
  ],
  [
    ...(['greenery', '园林绿化', 'Greenery'] as const),
    [
      ['fallen_tree', '树木倒伏', 'Fallen tree'],
      ['lawn', '绿地破坏', 'Damaged lawn'],
    ],
  ],
  [
    ...(['order', '公共秩序', 'Public order'] as const),
    [
      ['street_stalls', '占道经营', 'Street stalls'],
      ['parking', '违规停车', 'Illegal parking'],
      ['noise', '噪声扰民', 'Noise'],
    ],
  ],
  [
    ...(['service', '政务服务', 'Public service'] as const),
    [
      ['attitude', '服务态度', 'Attitude'],
      ['waiting', '排队等候', 'Waiting time'],
      ['procedure', '办事流程', 'Procedure'],
    ],
  ],
  [
    ...(['equipment', '厅内设备', 'Equipment in halls'] as const),
    [
      ['kiosk', '自助终端', 'Kiosk'],
      ['queue_machine', '排队机', 'Queue machine'],
      ['display', '显示屏', 'Display'],
    ],
  ],
  ['advice', '咨询', 'Advice', []],
];

/** Kinds of matters that citizens come with, two levels of them. */
export const demoCategories: SetCategoryTree = {
  label: { zh: '事项分类', en: 'Matters' },
  items: tree.flatMap(([code, zh, en, below]) => [
    { code, parent: null, label: { zh, en } },
    ...below.map(([one = '', zh = '', en = '']) => ({ code: one, parent: code, label: { zh, en } })),
  ]),
};
