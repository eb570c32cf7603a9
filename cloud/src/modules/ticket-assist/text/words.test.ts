import t from 'tap';
import { mostCharacters, wordsOf } from './words.js';

t.test('words that say what a text is about', async (t) => {
  t.same(wordsOf('市民反映：人民路与解放路交叉口路灯三天不亮，请尽快解决'), [
    ...['人民', '路', '解放', '解放路', '交叉', '交叉口', '路灯', '三天', '亮'],
  ]);
  t.ok(wordsOf('城市管理行政执法局').includes('执法局'), 'a part of a name is found');
  t.same(wordsOf('The ＰＡＲＫＩＮＧ lot is FULL'), ['parking', 'lot', 'full'], 'width and case are one');
  t.same(wordsOf('2026-11-22 13800138000 ！？'), [], 'numbers and signs are no words');
});

t.test('whatever comes, it is bounded', async (t) => {
  t.same(wordsOf(''), []);
  t.ok(wordsOf('路灯'.repeat(100_000)).length <= mostCharacters);
  t.ok(Array.isArray(wordsOf('\u0000\ud800😀'.repeat(50))));
});
