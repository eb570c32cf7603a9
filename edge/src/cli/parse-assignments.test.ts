import fc from 'fast-check';
import t from 'tap';
import { parseAssignments } from './parse-assignments.js';

t.test('values are what they look like', async (t) => {
  t.same(parseAssignments(['counter=2', 'open=true', 'text=请稍候', 'ticket=A007', 'code:=007', 'empty=']), {
    counter: 2,
    open: true,
    text: '请稍候',
    ticket: 'A007',
    code: '007',
    empty: '',
  });
});

t.test('every JSON value survives', async () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      return JSON.stringify(parseAssignments([`a=${text}`]).a) === text;
    }),
  );
});

t.test('a pair without a name or sign is refused with its text', async (t) => {
  for (const wrong of ['counter', '=2', '2=2', ''])
    t.throws(() => parseAssignments([wrong]), { code: 'invalid_input' });
  t.same(Object.keys(parseAssignments(['constructor=1'])), ['constructor']);
});
