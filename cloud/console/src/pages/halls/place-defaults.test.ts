import t from 'tap';
import { likelyKind, likelyParent, possibleKinds } from './place-defaults.js';

const region = { id: 'r', kind: 'region' as const, archivedAt: null };
const hall = { id: 'h', kind: 'hall' as const, archivedAt: null };

t.test('before there is a region, only a region can be made', async (t) => {
  t.same(possibleKinds([]), ['region']);
  t.equal(likelyKind([], undefined), 'region');
  t.same(
    possibleKinds([{ ...region, archivedAt: '2026-01-01T00:00:00Z' }]),
    ['region'],
    'an archived one holds nothing',
  );
});

t.test('then a hall, in the only region there is', async (t) => {
  t.same(possibleKinds([region]), ['region', 'hall']);
  t.equal(likelyKind([region], undefined), 'hall');
  t.equal(likelyParent([region], 'hall', null), 'r');
  t.equal(likelyParent([region, { ...region, id: 'r2' }], 'hall', null), null, 'of two a person chooses');
  t.equal(likelyParent([region], 'region', null), null, 'a region may stand alone');
});

t.test('another kind wants another parent', async (t) => {
  t.equal(likelyParent([region, hall], 'counter', 'r'), 'h');
  t.equal(likelyParent([region, hall], 'hall', 'r'), 'r');
  t.equal(likelyKind([region, hall], region), 'hall');
  t.equal(likelyKind([region, hall], hall), 'counter');
  t.same(possibleKinds([region, hall]), ['region', 'hall', 'counter']);
});
