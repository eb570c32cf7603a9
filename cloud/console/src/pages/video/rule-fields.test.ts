import t from 'tap';
import cameras from '../../i18n/zh/cameras.json' with { type: 'json' };
import zh from '../../i18n/zh/video.json' with { type: 'json' };
import { fieldsOf as both, isFlowOnly, type RuleField, shapeOf, visionAlgorithms } from './rule-fields.js';

const fieldsOf = (algorithm: Parameters<typeof both>[0]): RuleField[] => [
  ...both(algorithm).first,
  ...both(algorithm).more,
];

t.test('every algorithm has its form, and every setting its words', async (t) => {
  const words = zh as unknown as { field: Record<string, string>; algorithm: Record<string, string> };
  for (const algorithm of visionAlgorithms) {
    t.ok(words.algorithm[algorithm], algorithm);
    const fields = fieldsOf(algorithm);
    t.equal(
      fields.some(({ name }) => name === 'minConfidence'),
      algorithm !== 'tamper',
      algorithm,
    );
    const about = (cameras as unknown as { about: Record<string, string> }).about[algorithm];
    t.ok(about, `${algorithm} says what it is`);
    for (const field of fields) t.ok(words.field[field.name], `${algorithm} ${field.name}`);
  }
});

t.test('what the contract says becomes what is asked', async (t) => {
  t.same(
    both('crowding')
      .first.map(({ name }) => name)
      .sort(),
    ['forMs', 'most'],
  );
  t.ok(both('crowding').more.some(({ name }) => name === 'labels'));
  t.ok(both('object_left').first.some(({ name }) => name === 'labels'));
  t.notOk(
    fieldsOf('line_cross').some(({ name }) => name === 'forMs'),
    'who crosses crosses at once',
  );
  t.same(visionAlgorithms.filter(isFlowOnly), ['line_count', 'dwell']);
  t.ok(fieldsOf('crowding').some((field) => field.name === 'most' && field.kind === 'number' && field.min === 1));
  t.match(
    fieldsOf('line_cross').find(({ name }) => name === 'way'),
    { kind: 'choice', options: ['in', 'out', 'both'] },
  );
  t.match(fieldsOf('tamper')[0], { name: 'kinds', kind: 'choices' });
  t.match(
    fieldsOf('hours_kept').find(({ name }) => name === 'opensAt'),
    { kind: 'time' },
  );
  t.match(
    fieldsOf('absence').find(({ name }) => name === 'forMs'),
    { kind: 'duration', max: 86_400_000 },
  );
  t.same(shapeOf('absence'), { kind: 'zone', needed: true });
  t.same(shapeOf('fall'), { kind: 'zone', needed: false });
  t.same(shapeOf('line_count'), { kind: 'line', needed: true });
  t.same(shapeOf('tamper'), { kind: 'none', needed: false });
});
