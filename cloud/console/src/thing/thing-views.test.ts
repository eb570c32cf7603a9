import fc from 'fast-check';
import t from 'tap';
import { controlOf } from './control.js';
import { incrementsOf, stepFor } from './increments.js';
import { pictureOf } from './picture.js';

t.test('few short words stand side by side, more are a list', async (t) => {
  const values = (...words: string[]) => words.map((en) => ({ id: en, label: { zh: en, en } }));
  t.equal(controlOf({ type: 'enum', values: values('On', 'Off') }), 'choice');
  t.equal(controlOf({ type: 'enum', values: values('On', 'Off'), optional: true }), 'select', 'it can be cleared');
  t.equal(controlOf({ type: 'enum', values: values('a', 'b', 'c', 'd', 'e') }), 'select');
  t.equal(
    controlOf({ type: 'enum', values: values('Cooling by outdoor air alone', 'Heating by electricity') }),
    'select',
  );
  t.equal(controlOf({ type: 'boolean' }), 'choice');
  t.equal(controlOf({ type: 'integer' }), 'number');
  t.equal(controlOf({ type: 'string', maxLength: 20 }), 'text');
  t.equal(controlOf({ type: 'string', maxLength: 500 }), 'longText');
});

const hour = 3_600_000;

t.test('a counter’s differences; of one that fell nothing is claimed', async (t) => {
  const points = [
    { atMs: -5, value: 100 },
    { atMs: 0.5 * hour, value: 101 },
    { atMs: 0.9 * hour, value: 103 },
    { atMs: 2.1 * hour, value: 90 },
    { atMs: 2.2 * hour, value: 91 },
  ];
  t.same(incrementsOf(points, { fromMs: 0, toMs: 3 * hour }, { stepMs: hour }), [
    { fromMs: 0, toMs: hour, amount: 3 },
    { fromMs: 2 * hour, toMs: 3 * hour, amount: 1 },
  ]);
  t.same(incrementsOf([], { fromMs: 0, toMs: 1 }, { stepMs: hour }), []);
});

t.test('days begin at midnight in the reader’s zone', async (t) => {
  const day = 24 * hour;
  const points = [
    { atMs: 15 * hour, value: 1 },
    { atMs: 17 * hour, value: 3 },
  ];
  const [bar] = incrementsOf(points, { fromMs: 0, toMs: day }, { stepMs: day, zoneOffsetMs: 8 * hour });
  t.equal(bar?.fromMs, 16 * hour);
});

t.test('nothing of a growing counter is lost', async () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { minLength: 2, maxLength: 50 }), (growth) => {
      let value = 0;
      const points = growth.map((more, index) => {
        value += more;
        return { atMs: index * 1000, value };
      });
      const range = { fromMs: 0, toMs: growth.length * 1000 };
      const sum = incrementsOf(points, range, { stepMs: 5000 }).reduce((all, { amount }) => all + amount, 0);
      return sum === value - (growth[0] ?? 0);
    }),
  );
});

t.test('no more than 32 bars', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 800 * 24 }), (hours) => (hours * hour) / stepFor(hours * hour) <= 32),
  );
});

t.test('a picture is known by how it begins, and nothing else is one', async (t) => {
  const jpeg = `/9j/${'A'.repeat(100)}==`;
  t.equal(pictureOf(jpeg), `data:image/jpeg;base64,${jpeg}`);
  t.equal(pictureOf(`data:image/png;base64,${'A'.repeat(100)}`), `data:image/png;base64,${'A'.repeat(100)}`);
  t.equal(pictureOf(`data:image/svg+xml;base64,${'A'.repeat(100)}`), undefined);
  t.equal(pictureOf(`data:text/html;base64,${'A'.repeat(100)}`), undefined);
  t.equal(pictureOf('http://10.0.0.5/snapshot.jpg?channel=1&resolution=1920x1080&quality=high&x=1'), undefined);
  t.equal(pictureOf(`/9j/${'A'.repeat(60)}" onerror="x`), undefined);
  t.equal(pictureOf(7), undefined);
});
