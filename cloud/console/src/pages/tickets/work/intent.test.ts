import t from 'tap';
import { Intent } from './intent.js';

t.test('the same thing again has the same key until it was answered; another thing never has', async (t) => {
  const intent = new Intent();
  const sign = { seq: 3, command: { do: 'sign', task: 'a' } };
  const first = intent.keyFor(sign);
  t.equal(intent.keyFor({ seq: 3, command: { do: 'sign', task: 'a' } }), first, 'pressed again without an answer');
  const other = intent.keyFor({ ...sign, seq: 4 });
  t.not(other, first, 'something else is not taken for it');
  t.not(intent.keyFor(sign), other);
  const last = intent.keyFor(sign);
  intent.answered();
  t.not(intent.keyFor(sign), last, 'the same once more, after an answer');
});
