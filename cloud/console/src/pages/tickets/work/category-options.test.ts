import t from 'tap';
import { firstFound } from './category-options.js';

const tree = [
  { value: 'roads', label: '道路', children: [{ value: 'lamp', label: '路灯' }] },
  { value: 'water', label: '供水', children: [{ value: 'pipe', label: '管道 Pipe' }] },
];

t.test('Enter takes what a search shows first', async (t) => {
  t.same(firstFound(tree, '路灯'), ['roads', 'lamp']);
  t.same(firstFound(tree, 'pipe'), ['water', 'pipe']);
  t.same(firstFound(tree, '道路'), ['roads'], 'what stands above comes before what stands below');
  t.equal(firstFound(tree, '电梯'), undefined);
});
