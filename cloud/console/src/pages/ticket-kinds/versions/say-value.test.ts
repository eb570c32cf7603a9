import t from 'tap';
import { sayValue, type ValueWords } from './say-value.js';

const of = (id: string, zh: string) => ({ id, label: { zh } });
const kind = {
  steps: [of('handle', '办理'), of('visit', '回访')],
  clocks: [of('citizen', '群众等待')],
  states: [of('closed', '已结案')],
  fields: [{ key: 'nature', label: { zh: '诉求类型' } }],
} as unknown as Parameters<typeof sayValue>[1];
const words: ValueWords = {
  label: ({ zh }) => zh,
  word: (group, code) => `${group}:${code}`,
  span: (minutes) => `${minutes} 分钟`,
  office: (code) => `office:${code}`,
  calendar: (code) => `calendar:${code}`,
  list: (all) => all.join('；'),
  when: (condition) => `${condition}：`,
};
const said = (value: unknown) => sayValue(value, kind, words);

t.test('steps, moments, promises and parties are told by name, not by code', async (t) => {
  t.equal(said([{ step: 'handle' }]), '办理');
  t.equal(said([{ at: 'signed', step: 'handle' }, { at: 'ended' }]), 'moment:signed 办理；moment:ended');
  t.equal(
    said([{ when: 'level = "major"', minutes: 60, calendar: 'office' }]),
    'level = "major"： 60 分钟 calendar:office',
  );
  t.equal(said([{ to: [{ kind: 'office', code: 'works' }] }]), 'party:office office:works');
  t.equal(said({ afterMinutes: -30, to: { kind: 'initiator' } }), '−30 分钟 party:initiator');
  t.equal(said({ on: 'breach', clock: 'citizen' }), 'notice.onOf:breach 群众等待');
  t.equal(said(['closed', 'nature', 'solved']), '已结案；诉求类型；mark:solved');
});

t.test('what it does not know stays as the document has it, whole', async (t) => {
  for (const value of [{ prefix: 'SQ', digits: 5 }, [{ step: 'handle', unheardOf: 1 }], 5, true, null])
    t.equal(said(value), undefined, JSON.stringify(value));
});
