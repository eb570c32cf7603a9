import t from 'tap';
import type { RulePrecision } from '../review-contract.js';
import type { Statistics } from '../statistics-contract.js';
import { remarksOf } from './remarks.js';
import { durationText, fill, isUrgent, sayRemark } from './report-words.js';

const judged = (findings: number) => ({ findings, decided: 0, accepted: 0, false: 0 });
const totals = (change: Partial<Statistics> = {}): Statistics => ({
  ...{ from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z', ...judged(0), duplicates: 0, open: 0 },
  ...{ reviewRate: null, precision: null, decideMedianMs: null, refused: 0 },
  ...{ byAlgorithm: [], byCamera: [], byHall: [], byRegion: [], byDay: [], byHour: Array(24).fill(0) },
  ...change,
});
const rule = (change: Partial<RulePrecision>) =>
  ({
    name: '规则',
    deviceName: '球机',
    decided: 40,
    precision: 0.5,
    suggestion: { none: 'too_few', needed: 1 },
    ...change,
  }) as RulePrecision;
const nothing = { before: 0, topHours: [], rules: [], cameras: [] };

t.test('a quiet period, and one with everything', async (t) => {
  t.same(remarksOf({ totals: totals(), ...nothing }), [{ kind: 'nothing' }]);
  const up = { name: '甲', hallName: '一厅', uptime: 0.999, outages: 0 };
  t.same(remarksOf({ totals: totals(), ...nothing, cameras: [up, { ...up, uptime: null }] }).at(-1), {
    kind: 'allUp',
    cameras: 1,
  });
  const remarks = remarksOf({
    totals: totals({
      ...{ findings: 100, open: 20, refused: 2, byAlgorithm: [{ algorithm: 'absence', ...judged(60) }] },
      byHall: [
        { hallId: 'a', name: '一厅', ...judged(70) },
        { hallId: 'b', name: '二厅', ...judged(30) },
      ],
    }),
    before: 50,
    topHours: [{ hour: 9, findings: 40 }],
    rules: [
      rule({}),
      rule({ precision: 0.9 }),
      rule({ decided: 3 }),
      rule({ precision: 0.2, suggestion: { minConfidence: 0.6 } as never }),
    ],
    cameras: [up, { ...up, name: '乙', uptime: 0.5, outages: 3 }],
  });
  t.same(
    remarks.map(({ kind }) => kind),
    ['camera', 'rule', 'rule', 'refused', 'waiting', 'more', 'most', 'place', 'hour'],
  );
  t.match(remarks[1], { precision: 0.2, to: 0.6 });
  t.same(remarks.map(isUrgent), [true, true, true, true, true, false, false, false, false]);
  for (const remark of remarks) {
    for (const language of ['zh', 'en'] as const) t.match(sayRemark(language, remark), /^[^{}]+[。.]$/);
  }
  t.match(sayRemark('zh', remarks[5]!), '比上期多 100 %（上期 50 次）');
});

t.test('words', async (t) => {
  t.equal(fill('{a} of {b} {c}', { a: 1, b: 2 }), '1 of 2 {c}');
  t.equal(durationText('zh', 0), '0');
  t.equal(durationText('en', 20_000), '< 1 min');
  t.equal(durationText('zh', 3 * 3_600_000 + 20 * 60_000), '3 小时 20 分');
  t.equal(durationText('en', 50 * 3_600_000 + 60_000), '2 d 2 h');
});
