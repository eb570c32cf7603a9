import fc from 'fast-check';
import t from 'tap';
import { ago, bytes, duration } from './format.js';
import { renderFacts, renderTable } from './table.js';
import { cut, padEnd, printable, textWidth } from './text-width.js';

t.test('Chinese takes two columns, colours none', async (t) => {
  t.equal(textWidth('厅枢 hub'), 8);
  t.equal(textWidth('\u001b[31m离线\u001b[0m'), 4);
  t.equal(padEnd('厅', 4), '厅  ');
  t.equal(cut('演示营业厅', 6), '演示…');
});

t.test('a cut text never takes more columns than it may', async () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.integer({ min: 1, max: 20 }),
      (text, width) => textWidth(cut(text, width)) <= width,
    ),
  );
});

t.test('what a device says cannot steer the terminal', async (t) => {
  t.equal(printable('a\u001b[2Jb\r\nc'), 'a·[2Jb··c');
});

t.test('tables align whatever stands in them', async (t) => {
  const text = renderTable(
    [{ title: 'NAME' }, { title: 'N', align: 'right' }],
    [
      ['取号机', '7'],
      ['led', '1234'],
    ],
  );
  t.equal(text, 'NAME       N\n取号机     7\nled     1234');
  const narrow = renderTable(
    [{ title: 'ID' }, { title: 'NAME', shrink: true }],
    [['1', 'a very long name of a device']],
    { width: 20 },
  );
  t.ok(narrow.split('\n').every((line) => textWidth(line) <= 20));
  t.match(narrow, /…$/);
  t.equal(
    renderFacts([
      ['Unit', 'a'],
      ['Uplink', undefined],
      ['Broker', 'b'],
    ]),
    'Unit    a\nBroker  b',
  );
});

t.test('durations and sizes as people say them', async (t) => {
  t.same([0, 40, 400, 1000, 61_000, 3_600_000 * 61, 86_400_000 * 3 + 3_600_000 * 4].map(duration), [
    '0 ms',
    '40 ms',
    '<1 s',
    '1 s',
    '1 min 1 s',
    '2 d 13 h',
    '3 d 4 h',
  ]);
  t.equal(ago(undefined, 5), '-');
  t.equal(ago(0, 5000), '5 s ago');
  t.equal(ago(20_000, 5000), 'in 15 s');
  t.same([999, 1500, 82_300_000_000].map(bytes), ['999 B', '1.5 kB', '82.3 GB']);
});
