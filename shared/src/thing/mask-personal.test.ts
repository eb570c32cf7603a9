import fc from 'fast-check';
import t from 'tap';
import { maskPersonalFields, maskText } from './mask-personal.js';

t.test('a name, a number and a short text', async (t) => {
  t.equal(maskText('测试一'), '测••');
  t.equal(maskText('990000199003070020'), '990••••••••20');
  t.equal(maskText('女'), '•');
  t.equal(maskText(''), '');
});

t.test('no more than five characters of a text survive', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
      const kept = [...maskText(text)].filter((letter) => letter !== '•').length;
      return kept <= 5 && (text.length < 2 || kept < [...text].length);
    }),
  );
});

t.test('only what is personal is masked; what has no mask is left out', async (t) => {
  const fields = [
    { id: 'name', type: 'string', personal: true },
    { id: 'sex', type: 'enum', personal: true },
    { id: 'age', type: 'integer', personal: true },
    { id: 'ticket', type: 'string' },
  ] as const;
  t.same(maskPersonalFields(fields, { name: '测试一', sex: 'female', age: 36, ticket: 'A001', other: 1 }), {
    name: '测••',
    ticket: 'A001',
    other: 1,
  });
});
