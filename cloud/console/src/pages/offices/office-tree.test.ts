import t from 'tap';
import type { Office } from '../../api/offices.js';
import { officeRows, withinOffice } from './office-tree.js';

const office = (id: string, parentId: string | null): Office => ({
  ...{ id, code: id, name: id, parentId, hallId: null, regionId: null, calendar: null, isFallback: false },
  ...{ members: [], areas: [], categories: [], openTasks: 0, version: 1, archivedAt: null },
});
const all = [office('c', 'b'), office('a', null), office('b', 'a'), office('d', 'gone')];

t.test('each stands below the one it belongs to; none is left out', async (t) => {
  t.same(
    officeRows(all).map(({ office: { id }, depth }) => `${depth}${id}`),
    ['0a', '1b', '2c', '0d'],
  );
});

t.test('nobody can be put below themselves', async (t) => {
  t.same([...withinOffice(all, 'a')].sort(), ['a', 'b', 'c']);
  t.same([...withinOffice(all, 'c')], ['c']);
});
