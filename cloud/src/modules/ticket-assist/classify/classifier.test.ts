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
  t.equal(second, undefined, 'nothing in it speaks for noise');
  t.same(
    suggest(book, ['路灯', '不亮', '噪音']).map(({ label }) => label),
    ['light', 'noise'],
  );
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

t.test('tickets of one label teach nothing; few teach little', async (t) => {
  const sure = (tickets: number, other: number): number | undefined => {
    const few = new LessonBook();
    for (let n = 0; n < tickets; n += 1) few.learn('light', ['路灯', '不亮']);
    for (let n = 0; n < other; n += 1) few.learn('noise', ['噪音', '施工']);
    return suggest(few, ['路灯', '不亮'])[0]?.confidence;
  };
  t.equal(sure(4, 0), undefined, 'nothing to tell it from');
  t.equal(sure(4, 1), undefined, 'one of another kind is a chance');
  const [four, forty, many] = [sure(2, 2) ?? 1, sure(20, 20) ?? 0, sure(400, 400) ?? 0];
  t.ok(four < 0.55 && forty > 0.85 && many > 0.95 && many < 1, `${four} ${forty} ${many}`);
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
      return JSON.stringify(a) === JSON.stringify(b) && sum < 1 + 1e-9;
    }),
  );
});
