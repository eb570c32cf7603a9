import { uuidv7 } from '@hallhub/shared';
import { HallClock } from '@hallhub/shared/hall-time';
import { fieldProblem, fieldSchema, type TicketField } from '@hallhub/shared/ticket';
import fc from 'fast-check';
import t from 'tap';
import { shippedKind } from '../../../tickets/testing.js';
import { faultCodes, faultText } from '../fault-words.js';
import { convertRow } from './convert-row.js';
import { convertValue } from './convert-value.js';
import { instantOf, readInstant, readWall } from './parse-time.js';
import type { RowWorld } from './row-world.js';
import { guessMapping, headingOf, targetsOf } from './targets.js';

const kind = shippedKind('citizen_request');
const [hallA, hallB] = [uuidv7(), uuidv7()];
const names = (map: Record<string, string>) => ({
  find: (name: string) => new Map(Object.entries(map)).get(name),
  add: () => {},
});
const world: RowWorld = {
  ...{ kind, zone: 'Asia/Shanghai', hallId: null, mayMakeNowhere: true },
  halls: new Map([
    [hallA, { zone: 'Asia/Shanghai', mayMake: true }],
    [hallB, { zone: 'Asia/Urumqi', mayMake: false }],
  ]),
  hall: names({ 人民路: hallA, 远郊: hallB, 重名: 'ambiguous' }) as never,
  ...{ office: names({}) as never, person: names({}) as never, device: names({}) as never },
  categories: new Map([
    ['matters', names({ '市政/路灯': 'city/lighting', 路灯: 'city/lighting', 其他: 'ambiguous' }) as never],
  ]),
};
const fieldOf = (more: object): TicketField => fieldSchema.parse({ key: 'f', label: { zh: '项' }, ...more });
const value = (field: object, text: string) => {
  const read = convertValue(world, fieldOf(field), text, 'Asia/Shanghai');
  return read.ok ? read.value : read.fault.code;
};

t.test('what people write in a cell, and what it means', async (t) => {
  const cases: readonly (readonly [object, string, unknown])[] = [
    [{ type: 'number', unit: '米' }, '１,２３４.５ 米', 1234.5],
    [{ type: 'number' }, '12,34', 'number'],
    [{ type: 'number', max: 5 }, '6', 'out_of_range'],
    [{ type: 'money' }, '¥19.99', 1999],
    [{ type: 'money' }, '0.001', 'money'],
    [{ type: 'yesNo' }, '√', true],
    [{ type: 'yesNo' }, '否', false],
    [{ type: 'yesNo' }, '也许', 'yesNo'],
    [{ type: 'choice', choices: [{ value: 'help', label: { zh: '求助', en: 'Help' } }] }, ' HELP ', 'help'],
    [{ type: 'choice', choices: [{ value: 'help', label: { zh: '求助', en: 'Help' } }] }, '求助 Help', 'help'],
    [{ type: 'choice', choices: [{ value: 'help', label: { zh: '求助' } }] }, '投诉', 'choice'],
    [{ type: 'category', tree: 'matters' }, '市政 ＞ 路灯', ['city', 'lighting']],
    [{ type: 'category', tree: 'matters' }, '其他', 'category_ambiguous'],
    [{ type: 'category', tree: 'matters' }, '没有', 'no_category'],
    [{ type: 'date' }, '2026年2月3日', '2026-02-03'],
    [{ type: 'date' }, '20260203', '2026-02-03'],
    [{ type: 'date' }, '46056', '2026-02-03'],
    [{ type: 'date' }, '22/11/2026', '2026-11-22'],
    [{ type: 'date' }, '3 Feb 2026', '2026-02-03'],
    [{ type: 'date' }, '5/6/2026', 'ambiguous_date'],
    [{ type: 'date' }, '2026-02-30', 'date'],
    [{ type: 'instant' }, '2026/2/3 下午3点半', '2026-02-03T07:30:00.000Z'],
    [{ type: 'instant' }, '2026-02-03 3:05:06 PM', '2026-02-03T07:05:06.000Z'],
    [{ type: 'instant' }, '2026-02-03T08:00:00+01:00', '2026-02-03T07:00:00.000Z'],
    [{ type: 'instant' }, '昨天', 'instant'],
    [{ type: 'phone' }, '+86 138-1234-8000', '13812348000'],
    [{ type: 'phone' }, '0551－62345678', '0551-62345678'],
    [{ type: 'phone' }, '1381234', 'phone'],
    [{ type: 'identityNumber' }, '11010519491231002x', '11010519491231002X'],
    [{ type: 'identityNumber' }, '110105194912310021', 'identityNumber'],
    [{ type: 'text' }, 'a\r\n b', 'a b'],
    [{ type: 'text', maxLength: 2 }, 'abc', 'too_long'],
    [{ type: 'satisfaction' }, '6', 'out_of_range'],
    [{ type: 'hall' }, '重名', 'ambiguous'],
    [{ type: 'office' }, '没有', 'no_office'],
  ];
  for (const [field, text, expected] of cases) t.same(value(field, text), expected, text);
});

t.test('a cell full of blanks takes no longer than another', (t) => {
  const blanks = `甲${' '.repeat(32_000)}乙`;
  const before = process.cpuUsage();
  t.equal(value({ type: 'text', maxLength: 1_000 }, blanks), 'too_long');
  t.equal(value({ type: 'category', tree: 'matters' }, blanks), 'no_category');
  t.equal(value({ type: 'date' }, blanks), 'date');
  t.ok(process.cpuUsage(before).user < 2_000_000, 'µs of the processor, however busy it is');
  t.equal(value({ type: 'text' }, ' 甲 \r\n\n 乙 '), '甲 乙');
  t.end();
});

t.test('whatever a cell says, the outcome is a value that fits or a fault that has its words', async (t) => {
  const types = [...kind.fields, fieldOf({ type: 'instant' }), fieldOf({ type: 'money' }), fieldOf({ type: 'date' })];
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.string({ unit: 'grapheme' }), (field, text) => {
      const read = convertValue(world, field, text, 'Asia/Shanghai');
      if (read.ok) return fieldProblem(field, read.value) === undefined;
      return field.type === 'files' || faultCodes.includes(read.fault.code);
    }),
    { numRuns: 2_000 },
  );
  t.match(faultText({ code: 'too_long', detail: '7' }), { zh: /7/, en: /7/ });
});

t.test('wall clocks: there and back in zones with summer time; an hour that is skipped is none', async (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom('Asia/Shanghai', 'Europe/Berlin', 'America/St_Johns'),
      fc.integer({ min: 0, max: 60_000_000 }),
      (zone, minute) => {
        const at = Date.UTC(1995, 0, 1) + minute * 60_000;
        const { year, month, day, minute: ofDay } = new HallClock(zone).at(at);
        const date = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
        const back = instantOf({ date, seconds: ofDay * 60 }, zone);
        return back !== undefined && Math.abs(back - at) % 3_600_000 === 0 && at - back <= 3_600_000 && at >= back;
      },
    ),
  );
  t.equal(instantOf({ date: '2026-03-29', seconds: 9_000 }, 'Europe/Berlin'), undefined);
  t.equal(readInstant('2026-11-22T00:00:00Z'), Date.UTC(2026, 10, 22));
  t.same(readWall('2026-11-22 24:00'), undefined);
});

t.test('titles find their fields; a row tells all its faults at once', async (t) => {
  const headings = targetsOf(kind).map(({ label, required }) => headingOf(label) + (required ? ' *' : ''));
  t.same(
    guessMapping(kind, headings),
    targetsOf(kind).map(({ key }) => key),
    'our own template',
  );
  t.same(guessMapping(kind, ['单号', '主题', '诉求内容', '手机号码（必填）', '地址', '没人认得', '地点']), [
    ...['@external', 'title', 'content', 'phone', 'place', null, null],
  ]);
  const mapping = ['title', 'content', 'phone', '@hall', 'place', 'place.lon', 'place.lat', '@external'];
  const row = (...cells: readonly unknown[]) => convertRow(world, { mapping, cells: cells as never, columns: 8 });
  const fine = row('灯', '不亮', '13812348000', '人民路', '人民路80号', '117.2', '31.8', ' A-１ ');
  t.match(fine, {
    hallId: hallA,
    key: 'no/citizen_request/A-1',
    fields: { place: { text: '人民路80号', lon: 117.2 } },
  });
  t.same(
    row('', '不亮', { wrong: 'precision', text: '1' }, '远郊', '路', '500', '1', '', '多')
      .faults.map(({ code }) => code)
      .sort(),
    ['hall_right', 'more_cells', 'position', 'precision', 'required']
      .concat(fine.faults.length > 0 ? ['required'] : [])
      .sort(),
  );
});
