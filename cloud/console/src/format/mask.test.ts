import fc from 'fast-check';
import t from 'tap';
import { maskPersonal } from './mask.js';

t.test('names, numbers and addresses lose what identifies them', async (t) => {
  t.equal(maskPersonal('王小明'), '王••');
  t.equal(maskPersonal('990000199003070020'), '990••••••••20');
  t.equal(maskPersonal('A'), '•');
  t.equal(maskPersonal(''), '');
});

t.test('at most five letters of any text are left', async () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      (text) => [...maskPersonal(text)].filter((one) => one !== '•').length <= 5,
    ),
  );
});
