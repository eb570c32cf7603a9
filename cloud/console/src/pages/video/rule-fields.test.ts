import t from 'tap';
import zh from '../../i18n/zh/video.json' with { type: 'json' };
import { fieldsOf, shapeOf, visionAlgorithms } from './rule-fields.js';

t.test('every algorithm has its form, and every setting its words', async (t) => {
  const words = zh as unknown as { field: Record<string, string>; algorithm: Record<string, string> };
  for (const algorithm of visionAlgorithms) {
    t.ok(words.algorithm[algorithm], algorithm);
    const fields = fieldsOf(algorithm);
    t.ok(
      fields.some(({ name }) => name === 'minConfidence'),
      algorithm,
    );
    for (const field of fields) t.ok(words.field[field.name], `${algorithm} ${field.name}`);
  }
});

t.test('what the contract says becomes what is asked', async (t) => {
  t.match(fieldsOf('crowding')[0], { name: 'labels', kind: 'labels' });
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
