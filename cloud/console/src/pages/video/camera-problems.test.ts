import t from 'tap';
import { cameraProblems } from './camera-problems.js';
import { newRule } from './new-rule.js';
import { visionAlgorithms } from './rule-fields.js';

const view = { id: '01a20262-9489-7000-9064-d6158e8a23a8', name: '全景', rules: [] };

t.test('a rule of every algorithm can be made and is right as it is made', async (t) => {
  for (const algorithm of visionAlgorithms)
    t.same(cameraProblems({ views: [{ ...view, rules: [newRule(algorithm, '规则')] }] }), [], algorithm);
});

t.test('what is wrong is said by name', async (t) => {
  const absence = newRule('absence', '脱岗');
  const flat = {
    ...absence,
    zone: [
      [0, 0],
      [1, 0],
      [0.5, 0],
    ],
  } as never;
  const problems = (...rules: never[]) => cameraProblems({ views: [{ ...view, rules }] });
  t.same(problems(flat), [{ rule: '脱岗', what: 'zone' }]);
  t.same(problems({ ...absence, name: ' ' } as never), [{ rule: ' ', what: 'name' }]);
  t.same(problems({ ...absence, facts: [{ deviceId: '', property: '', equals: true }] } as never), [
    { rule: '脱岗', what: 'fact' },
  ]);
  t.same(cameraProblems({ views: [view, { ...view, name: '' }] }), [
    { rule: '', what: 'name' },
    { rule: '', what: 'preset' },
  ]);
});
