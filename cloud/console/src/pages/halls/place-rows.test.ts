import t from 'tap';
import type { Place } from '../../api/places.js';
import { placeRows } from './place-rows.js';

const place = (id: string, kind: Place['kind'], parentId: string | null, more: Partial<Place> = {}): Place => ({
  id,
  kind,
  parentId,
  name: id,
  code: id,
  version: 1,
  archivedAt: null,
  ...more,
});
const counts = { unitsOnline: 1, units: 1, devicesOnline: 2, devices: 3, openAlarms: 1 };
const places = [
  place('c1', 'counter', 'h1'),
  place('h1', 'hall', 'r1', { counts }),
  place('h2', 'hall', 'r1', { counts }),
  place('r1', 'region', null),
  place('old', 'hall', 'r1', { archivedAt: '2026-01-01T00:00:00Z', counts }),
];
const text = (one: Place) => one.id;

t.test('parents before children, archived ones out, regions sum their halls', async (t) => {
  const rows = placeRows(places, new Set(), text);
  t.same(
    rows.map((row) => [row.place.id, row.depth]),
    [
      ['r1', 0],
      ['h1', 1],
      ['c1', 2],
      ['h2', 1],
    ],
  );
  t.same(rows[0]?.counts, { unitsOnline: 2, units: 2, devicesOnline: 4, devices: 6, openAlarms: 2 });
});

t.test('a folded place hides what is below it, not itself', async (t) => {
  t.same(
    placeRows(places, new Set(['h1']), text).map((row) => row.place.id),
    ['r1', 'h1', 'h2'],
  );
});

t.test('a place whose parent is out of reach stands at the top', async (t) => {
  t.same(
    placeRows([place('h9', 'hall', 'unseen')], new Set(), text).map((row) => row.depth),
    [0],
  );
});
