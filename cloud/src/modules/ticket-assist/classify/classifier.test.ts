import fc from 'fast-check';
import t from 'tap';
import { LessonBook, suggest } from './classifier.js';

const book = new LessonBook();
for (let n = 0; n < 20; n += 1) {
  book.learn('light', ['路灯', '不亮', '晚上', n % 2 ? '人民' : '解放路']);
  book.learn('noise', ['噪音', '施工', '晚上', n % 2 ? '工地' : '解放路']);
}
book.learn('once', ['路灯', '倾斜']);

t.test('what was learned is suggested, with the words that speak for it', async (t) => {
  const [first, second] = suggest(book, ['晚上', '路灯', '不亮']);
  t.match(first, { label: 'light', learnedFrom: 20 });
  t.ok((first?.confidence ?? 0) > 0.7, `${first?.confidence}`);
  t.same(
    first?.because.map(({ word }) => word).slice(0, 2),
    ['不亮', '路灯'].sort(),
    'words that all labels have say nothing',
  );
  t.equal(second?.label, 'noise');
  t.notOk(
    suggest(book, ['倾斜']).some(({ label }) => label === 'once'),
    'one ticket is no experience',
  );
});

t.test('nothing known: nothing suggested', async (t) => {
  t.same(suggest(book, ['火星']), []);
  t.same(suggest(book, []), []);
  t.same(suggest(new LessonBook(), ['路灯']), []);
});

t.test('confidences are shares of one, and what is forgotten leaves no trace', async () => {
  const words = fc.array(fc.constantFrom('甲', '乙', '丙', '丁', '戊'), { maxLength: 6 });
  const lesson = fc.tuple(fc.constantFrom('a', 'b', 'c'), words);
  fc.assert(
    fc.property(fc.array(lesson, { maxLength: 20 }), fc.array(lesson, { maxLength: 5 }), words, (kept, gone, asked) => {
      const [plain, changed] = [new LessonBook(), new LessonBook()];
      for (const [label, one] of kept) plain.learn(label, one);
      for (const [label, one] of [...gone, ...kept]) changed.learn(label, one);
      for (const [label, one] of gone) changed.forget(label, one);
      const [a, b] = [suggest(plain, asked, 9), suggest(changed, asked, 9)];
      const sum = a.reduce((total, { confidence }) => total + confidence, 0);
      return JSON.stringify(a) === JSON.stringify(b) && (a.length === 0 || Math.abs(sum - 1) < 1e-9);
    }),
  );
});
