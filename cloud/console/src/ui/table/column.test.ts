import t from 'tap';
import { type Column, columnWidth, toCsv, toText, visibleColumns } from './column.js';

interface Row {
  name: string;
  note: string;
}

const columns: Column<Row>[] = [
  { id: 'name', title: '名称', cell: (row) => row.name, text: (row) => row.name },
  { id: 'note', title: 'Note', priority: 2, cell: (row) => row.note, text: (row) => row.note },
  { id: 'mark', title: 'Mark', priority: 3, cell: () => null },
  { id: 'kind', title: 'Kind', priority: 4, cell: () => null },
];

t.test('narrow tables keep what matters, hidden columns stay hidden', async (t) => {
  const ids = (width: number, hidden: string[] = []) => visibleColumns(columns, width, hidden).map((one) => one.id);
  t.same(ids(360), ['name']);
  t.same(ids(700), ['name', 'note']);
  t.same(ids(1000), ['name', 'note', 'mark']);
  t.same(ids(1200, ['note']), ['name', 'mark', 'kind']);
});

t.test('widths: what one chose to be narrow is; on a phone the first gives way', async (t) => {
  const [name] = columns as [Column<Row>];
  const of = { width: 1000, isFirst: true };
  const wide = { ...name, width: 184 };
  t.equal(columnWidth({ ...wide, narrowWidth: 134 }, of), 184);
  t.same(
    [300, 700].map((width) => columnWidth({ ...wide, narrowWidth: 134 }, { ...of, width })),
    [134, 134],
  );
  t.same(
    [300, 700].map((width) => columnWidth(wide, { ...of, width })),
    [undefined, 184],
  );
});

t.test('CSV: quoted, defused, readable by a spreadsheet', async (t) => {
  const csv = toCsv(columns, [
    { name: 'a,"b"', note: '=HYPERLINK("x")' },
    { name: '-5', note: '@sum' },
  ]);
  t.ok(csv.startsWith('\uFEFF名称,Note\r\n'));
  t.match(csv, '"a,""b"""');
  t.match(csv, `"'=HYPERLINK(""x"")"`);
  t.match(csv, `-5,'@sum`, 'a number stays a number');
});

t.test('text: one line a row whatever is in it', async (t) => {
  t.equal(toText(columns, [{ name: 'a\tb', note: 'c\nd' }]), '名称\tNote\na b\tc d');
});
