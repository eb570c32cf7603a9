import t from 'tap';
import { uuidPattern, uuidv7 } from './uuidv7.js';

t.test('has the form and the time of RFC 9562', async (t) => {
  const at = Date.UTC(2031, 4, 6, 7, 8, 9, 10);
  const id = uuidv7(at);
  t.match(id, uuidPattern);
  t.equal(id[14], '7');
  t.equal(Number.parseInt(id.replace('-', '').slice(0, 12), 16), at);
});

t.test('is in order and never twice, also when the clock steps back', async (t) => {
  const base = Date.UTC(2032, 0, 1);
  const ids = Array.from({ length: 20_000 }, (_, i) => uuidv7(base - (i % 7) * 1000));
  t.same([...ids].sort(), ids);
  t.equal(new Set(ids).size, ids.length);
});
