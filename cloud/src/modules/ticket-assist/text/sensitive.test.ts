import fc from 'fast-check';
import t from 'tap';
import { SensitiveWords } from './sensitive.js';

const list = new SensitiveWords([
  { word: '自杀', level: 'urgent', class: 'safety' },
  { word: '集体上访', level: 'urgent', class: 'safety' },
  { word: '上访', level: 'note', class: 'other' },
  { word: 'Bomb', level: 'urgent', class: 'safety' },
  { word: '!!', level: 'note', class: 'other' },
]);
const found = (text: string) => list.find(text).map(({ word, from, to }) => [word, text.slice(from, to)]);

t.test('words are found however they are written', async (t) => {
  t.same(found('再不解决我就自杀'), [['自杀', '自杀']]);
  t.same(found('自 杀，自*杀'), [
    ['自杀', '自 杀'],
    ['自杀', '自*杀'],
  ]);
  t.same(found('组织集体上访'), [
    ['集体上访', '集体上访'],
    ['上访', '上访'],
  ]);
  t.same(found('a ＢＯＭＢ'), [['Bomb', 'ＢＯＭＢ']]);
  t.same(found('自动杀毒'), []);
});

t.test('no more hits than are asked for', async (t) => {
  t.equal(list.find('上访'.repeat(1_000), 7).length, 7);
});

t.test('what a plain search finds, it finds', async () => {
  const word = fc.string({ minLength: 1, maxLength: 4, unit: fc.constantFrom('甲', '乙', '丙') });
  fc.assert(
    fc.property(fc.uniqueArray(word, { maxLength: 6 }), fc.array(word, { maxLength: 10 }), (words, parts) => {
      const text = parts.join('');
      const hits = new SensitiveWords(words.map((one) => ({ word: one, level: 'note', class: 'other' }))).find(
        text,
        10_000,
      );
      const plain = words.flatMap((one) =>
        [...text].flatMap((_, i) => (text.startsWith(one, i) ? [`${one} ${i}`] : [])),
      );
      return JSON.stringify(hits.map(({ word, from }) => `${word} ${from}`).sort()) === JSON.stringify(plain.sort());
    }),
    { numRuns: 200 },
  );
});
