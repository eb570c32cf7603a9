import t from 'tap';
import { type Category, freshCode, moveTo, retire, rowsOf, stepOf, toSend } from './category-draft.js';
import { readTable } from './read-table.js';

const one = (code: string, parent: string | null = null): Category => ({
  code,
  parent,
  label: { zh: code },
  retired: false,
});
const tree = [one('a'), one('a1', 'a'), one('a2', 'a'), one('a21', 'a2'), one('b'), one('b1', 'b')];
const codes = (items: readonly Category[] | undefined) =>
  items && toSend(items).map(({ code, parent }) => `${parent ?? ''}/${code}`);
const all = { closed: new Set<string>(), query: '', retired: false };

t.test('lines of a tree: folded, searched', async (t) => {
  t.same(
    rowsOf(tree, all).map(({ category, level }) => `${level}${category.code}`),
    ['1a', '2a1', '2a2', '3a21', '1b', '2b1'],
  );
  t.same(
    rowsOf(tree, { ...all, closed: new Set(['a']) }).map(({ category }) => category.code),
    ['a', 'b', 'b1'],
  );
  t.same(
    rowsOf(tree, { ...all, closed: new Set(['a']), query: 'A21' }).map(({ category }) => category.code),
    ['a', 'a2', 'a21'],
  );
});

t.test('moved by steps and to places, never below itself nor too deep', async (t) => {
  t.same(codes(stepOf(tree, 'a2', 'up')), ['/a', 'a/a2', 'a2/a21', 'a/a1', '/b', 'b/b1']);
  t.same(codes(stepOf(tree, 'a', 'down')), ['/b', 'b/b1', '/a', 'a/a1', 'a/a2', 'a2/a21']);
  t.same(codes(stepOf(tree, 'a2', 'in')), ['/a', 'a/a1', 'a1/a2', 'a2/a21', '/b', 'b/b1']);
  t.same(codes(stepOf(tree, 'a2', 'out')), ['/a', 'a/a1', '/a2', 'a2/a21', '/b', 'b/b1']);
  t.equal(stepOf(tree, 'a', 'up'), undefined);
  t.equal(stepOf(tree, 'b', 'out'), undefined);
  t.equal(moveTo(tree, 'a', { parent: 'a21', before: null }), undefined);
  const deep = ['1', '2', '3', '4', '5', '6'].map((n, i) => one(`d${n}`, i === 0 ? null : `d${i}`));
  t.equal(moveTo([...deep, ...tree], 'b', { parent: 'd5', before: null }), undefined, 'seven levels');
  t.ok(moveTo([...deep, ...tree], 'b', { parent: 'd4', before: null }));
});

t.test('retired with what lies below, back with what lies above', async (t) => {
  const gone = retire(tree, 'a', true);
  t.same(codes(gone), ['/b', 'b/b1']);
  t.same(codes(retire(gone, 'a21', false)), ['/a', 'a/a2', 'a2/a21', '/b', 'b/b1']);
  t.equal(freshCode([one('a_1', 'a'), ...tree], 'a'), 'a_2');
});

t.test('a table by codes, and one by levels; bad lines are told and nothing else is lost', async (t) => {
  const read = readTable(
    tree,
    '代码\t上级\t名称\t英文\nb2\tb\t新类\tNew\na1\ta\t改名\t\nX!\t\t坏\nc1\tnone\t坏\nd\td\t坏\n',
  );
  t.match(read, { added: 1, changed: 1 });
  t.same(
    read.faults.map(({ line, why }) => `${line} ${why}`),
    ['4 code', '5 parent', '6 self'],
  );
  t.match(
    read.items.find(({ code }) => code === 'b2'),
    { parent: 'b', label: { zh: '新类', en: 'New' } },
  );
  const loop = readTable([], 'code,parent,name\nx,y,x\ny,x,y\n');
  t.equal(loop.items.length, 0);
  t.equal(loop.faults.length, 2);
  const levels = readTable([], '市容\t垃圾\n\t张贴\n园林\n');
  t.same(
    levels.items.map(({ parent, label }) => `${parent ?? ''}/${label.zh}`),
    ['/市容', 'c_1/垃圾', 'c_1/张贴', '/园林'],
  );
  t.equal(readTable(levels.items, '市容\t垃圾\n').added, 0, 'the same again adds nothing');
  t.match(readTable([], 'a,b,c,d,e,f,g').faults, [{ why: 'deep' }]);
});

t.test('two thousand are told in no time', async (t) => {
  const many = Array.from({ length: 2_000 }, (_, i) => one(`n${i}`, i < 40 ? null : `n${i % 40}`));
  const before = process.cpuUsage();
  t.equal(rowsOf(many, { ...all, query: 'n1' }).length > 500, true);
  t.ok(stepOf(many, 'n1999', 'up'));
  t.ok(process.cpuUsage(before).user < 500_000, 'µs of the processor, however busy it is');
});
