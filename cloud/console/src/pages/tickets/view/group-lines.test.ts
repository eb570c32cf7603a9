import t from 'tap';
import type { HistoryLine } from '../../../api/tickets.js';
import { groupLines, hasWords } from './group-lines.js';

const line = (seq: number, of: Partial<HistoryLine>): HistoryLine => ({
  ...{ seq, at: `2026-11-22T08:0${seq}:00.000Z`, by: { id: null, name: '系统' }, onBehalfOf: null, type: 'made' },
  ...{ step: null, state: null, action: null, parties: [], fields: [], minutes: null, granted: null, ticket: null },
  ...{ how: null, level: null, opinion: null },
  ...of,
});

t.test('the conversation: acts with words of theirs, spoken or written into the form', async (t) => {
  const groups = groupLines([
    line(1, {}),
    line(2, { type: 'commented', opinion: '已电话告知' }),
    line(3, { type: 'edited', fields: [{ key: 'place', label: { zh: '地点' }, words: null }] }),
    line(4, { type: 'edited', fields: [{ key: 'result', label: { zh: '办理结果' }, words: '已换灯泡' }] }),
  ]);
  t.same(
    groups.filter(hasWords).map(({ key }) => key),
    [4, 2],
  );
});
