import fc from 'fast-check';
import t from 'tap';
import { type Common, likenessOf, metresBetween, wordCosine, wordLikeness } from './likeness.js';

const nothing: Common = {
  ...{ sameRequester: false, metres: undefined, sameHall: false, sameDevice: false, sameCategory: false },
  ...{ hours: 500, words: 0 },
};
const like = (common: Partial<Common>) => likenessOf({ ...nothing, ...common })?.as;

t.test('what two tickets are to each other', async (t) => {
  t.equal(like({ sameRequester: true, words: 0.5, hours: 20 }), 'duplicate', 'the same person says the same again');
  t.equal(like({ sameRequester: true, words: 0.05, hours: 20 }), 'related', 'the same person with another matter');
  t.equal(like({ metres: 80, words: 0.4, hours: 2 }), 'event', 'neighbours, of the same hour');
  t.equal(like({ metres: 80, sameCategory: true, hours: 2 }), 'event', 'in words of their own');
  t.equal(like({ metres: 80, words: 0.4, hours: 400 }), 'related', 'weeks apart it is not one event');
  t.equal(like({ metres: 40_000, words: 0.9, hours: 2 }), undefined, 'the same words of another district');
  t.equal(like({ sameDevice: true, hours: 2 }), 'event');
  t.equal(like({ sameHall: true, hours: 2, words: 0.1 }), undefined, 'a hall has many matters');
  t.equal(like({}), undefined);
});

t.test('reasons are told', async (t) => {
  t.same(likenessOf({ ...nothing, sameRequester: true, metres: 42.4, words: 0.5, hours: 3.2 })?.because, [
    { because: 'requester' },
    { because: 'place', metres: 42 },
    { because: 'words', share: 0.5 },
    { because: 'time', hours: 3 },
  ]);
});

t.test('likeness of words', async (t) => {
  const weights = new Map([['路灯', 3]]);
  const weightOf = (word: string) => weights.get(word) ?? 1;
  t.equal(
    wordLikeness(new Set(['路灯', '不亮']), new Set(['路灯', '倾斜']), weightOf),
    3 / 5,
    'a rare word tells more',
  );
  t.equal(wordLikeness(new Set(), new Set(), weightOf), 0);
  const words = fc.array(fc.constantFrom('甲', '乙', '丙', '丁'));
  fc.assert(
    fc.property(words, words, (a, b) => {
      const [one, other] = [new Set(a), new Set(b)];
      const likeness = wordLikeness(one, other, weightOf);
      const cosine = wordCosine(one, other, weightOf);
      return (
        likeness >= 0 &&
        likeness <= 1 &&
        likeness === wordLikeness(other, one, weightOf) &&
        cosine >= likeness - 1e-9 &&
        cosine <= 1
      );
    }),
  );
});

t.test('metres', async (t) => {
  const [beijing, shanghai] = [
    { lon: 116.4074, lat: 39.9042 },
    { lon: 121.4737, lat: 31.2304 },
  ];
  t.ok(Math.abs(metresBetween(beijing, shanghai) / 1_067_000 - 1) < 0.005);
  t.equal(metresBetween(beijing, beijing), 0);
});
