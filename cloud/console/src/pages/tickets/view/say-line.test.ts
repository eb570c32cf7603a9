import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beginFailures } from '@hallhub/shared/ticket';
import t from 'tap';
import type { HistoryLine } from '../../../api/tickets.js';
import { groupLines } from './group-lines.js';
import { isQuiet, sayLine } from './say-line.js';

const line = (of: Partial<HistoryLine>): HistoryLine => ({
  ...{ seq: 1, at: '2026-11-22T08:00:00.000Z', by: { id: null, name: '系统' }, onBehalfOf: null, type: 'made' },
  ...{ step: null, state: null, action: null, parties: [], fields: [], minutes: null, granted: null, ticket: null },
  ...{ how: null, level: null, opinion: null },
  ...of,
});
const words = {
  label: (of: { zh: string } | null) => of?.zh ?? '',
  list: (names: readonly string[]) => names.join('、'),
  span: (minutes: number) => `${minutes} 分钟`,
};
const texts = (language: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../../../i18n/${language}/tickets.json`), 'utf8')) as {
    line: Record<string, string>;
  };

t.test('every line has its sentence in both languages', async (t) => {
  const office = { kind: 'office' as const, id: '1', name: '市政所' };
  const types = [
    ...['made', 'signed', 'released', 'levelled', 'finished', 'opened', 'dropped', 'signers_added', 'returned'],
    ...['withdrawn', 'suspended', 'resumed', 'extension_asked', 'reminded', 'instructed', 'commented', 'absorbed'],
    ...[
      'begin_wanted',
      'begin_failed',
      'begin_dropped',
      'begun_reopened',
      'begun_by',
      'child_made',
      'child_ended',
      'intervened',
      'reopened',
      'filed',
      'revealed',
      'what_nobody_knows_yet',
    ],
  ];
  const lines = [
    ...types.map((type) => line({ type })),
    ...['transfer', 'delegate', 'hand_on', 'intervene', 'take_over', 'give_back', 'x'].map((how) =>
      line({ type: 'handed', how }),
    ),
    ...['related', 'same_event', 'caused_by'].flatMap((how) => [
      line({ type: 'linked', how }),
      line({ type: 'unlinked', how }),
    ]),
    ...['closed', 'cancelled', 'merged', null].flatMap((how) => [
      line({ type: 'ended', how }),
      line({ type: 'begun_ended', how }),
    ]),
    ...['child', 'caused_by', null].map((how) => line({ type: 'begun', how })),
    ...[...beginFailures, null].map((how) => line({ type: 'begin_failed', how })),
    ...[true, false].flatMap((granted) => [line({ type: 'extension_decided', granted })]),
    ...[
      line({ type: 'supervised', how: 'on' }),
      line({ type: 'supervised', how: 'off' }),
      line({ type: 'entered' }),
      line({ type: 'entered', parties: [office] }),
      line({ type: 'edited' }),
    ],
    line({ type: 'edited', fields: [{ key: 'a', label: { zh: '甲' }, words: null }] }),
  ];
  for (const language of ['zh', 'en']) {
    const { line: sentences } = texts(language);
    for (const one of lines) {
      const { key } = sayLine(one, words);
      t.ok(sentences[key.slice('line.'.length)], `${language} ${key}`);
    }
  }
  t.match(sayLine(line({ type: 'handed', how: 'transfer', parties: [office] }), words), {
    key: 'line.handed_transfer',
    values: { parties: '市政所' },
  });
});

t.test('lines of one act stand together, newest first', async (t) => {
  const by = { id: '1', name: '张三' };
  const groups = groupLines([
    line({ seq: 1 }),
    line({ seq: 2, by, type: 'edited', at: '2026-11-22T09:00:00.000Z' }),
    line({ seq: 3, by, type: 'finished', at: '2026-11-22T09:00:00.000Z', opinion: '已修复' }),
  ]);
  t.same(
    groups.map(({ key, lines }) => [key, lines.length]),
    [
      [2, 2],
      [1, 1],
    ],
  );
  t.equal(groups[0]?.opinion, '已修复');
  const asked = { type: 'begin_wanted', action: { zh: '转维修' } };
  const begun = [line(asked), line({ ...asked, seq: 2, type: 'begun', at: '2026-11-22T08:00:00.005Z' })];
  t.match(groupLines(begun), [{ lines: [{ type: 'begun' }] }], 'what came of it says that it was asked for');
  t.equal(groupLines([line({ ...asked, by }), ...begun.slice(1)]).length, 2, 'who tried again is told');
  const step = { zh: '派遣' };
  const returned = [
    line({ type: 'returned', step }),
    line({ type: 'entered', step, parties: [{ kind: 'office', id: '1', name: '派单中心' }] }),
  ];
  t.match(
    sayLine(returned[1] as HistoryLine, words, returned),
    { key: 'line.entered_there' },
    'the step is named once',
  );
  const filled = line({ type: 'edited', fields: [{ key: 'a', label: { zh: '甲' }, words: null }] });
  const redone = [filled, line({ seq: 2, type: 'finished' }), { ...filled, seq: 3 }];
  t.match(
    redone.map((one) => sayLine(one, words, redone).key),
    ['line.edited_fields', 'line.finished', 'line.edited_cleared'],
    'what an act empties, nobody filled in',
  );
  t.ok(isQuiet(line({ type: 'entered' }), [line({ type: 'ended', how: 'closed' })]), 'an end says where it goes');
  t.ok(isQuiet(line({ type: 'dropped' }), [line({ type: 'dropped' }), line({ type: 'finished' })]));
  t.notOk(isQuiet(line({ type: 'dropped' }), [line({ type: 'dropped' })]), 'signers taken away are told');
});
