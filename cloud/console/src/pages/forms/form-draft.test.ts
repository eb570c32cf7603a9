import t from 'tap';
import { moved } from '../parts/moved.js';
import { emptyForm, problemsOf, trimmed } from './form-draft.js';

const ask = (key: string, required = false) => ({
  ...{ key, required, label: { zh: key } },
  type: 'text',
  personal: false,
});
const known = { askable: [ask('title', true), ask('phone')], slugTaken: false };
const good = { ...emptyForm, kind: 'request', slug: 'ask-us', title: { zh: '问' }, fields: ['title'] };

t.test('what is missing is told, each by its place', async (t) => {
  t.same(problemsOf(emptyForm, undefined), ['kind', 'title', 'slug']);
  t.same(problemsOf(good, known), []);
  t.same(problemsOf({ ...good, fields: ['phone'] }, known), ['fields']);
  t.same(problemsOf(good, { ...known, slugTaken: true }), ['slugTaken']);
  for (const slug of ['-a', 'a-', 'A', '中', 'a b', 'x'.repeat(49)])
    t.same(problemsOf({ ...good, slug }, known), ['slug']);
});

t.test('empty texts are none', async (t) => {
  t.match(trimmed({ ...good, title: { zh: ' 问 ', en: ' ' }, intro: { zh: ' ' } }), {
    title: { zh: '问' },
    intro: null,
  });
  t.notOk('en' in trimmed({ ...good, title: { zh: '问', en: '' } }).title);
});

t.test('an item goes to another place', async (t) => {
  t.same(moved(['a', 'b', 'c'], 0, 2), ['b', 'c', 'a']);
  t.same(moved(['a', 'b', 'c'], 2, 0), ['c', 'a', 'b']);
  t.same(moved(['a'], 4, 0), ['a']);
});
