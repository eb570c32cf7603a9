import { HubError } from '@hallhub/shared';
import fc from 'fast-check';
import t from 'tap';
import { checkPassword, makeOneTimePassword } from './password-rules.js';
import { isUserName, normaliseUserName } from './user-name.js';

const broken = (password: string, userName = 'fang.wang'): string[] => {
  try {
    checkPassword(password, { userName, names: ['电网公司', 'State Grid'] });
    return [];
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    return (error.context.errors as { message: string }[]).map(({ message }) => message);
  }
};

t.test('each rule on its own', async (t) => {
  t.same(broken('Correct-Horse-7'), []);
  t.same(broken('营业厅Aa12345'), [], 'other scripts count as other characters');
  t.match(broken('Short-1a'), [/At least 10/]);
  t.match(broken(`Aa1-${'xyz'.repeat(50)}`), [/At most 128/]);
  t.match(broken('onlysmallletters'), [/three of/]);
  t.match(broken('Fang.Wang-2026'), [/user name/]);
  t.match(broken('P@ssw0rd2026'), [/tried first/]);
  t.match(broken('电网公司-Aa2026'), [/organisation/]);
  for (const tried of ['Huawei@12345', 'Admin@2026!!', 'Welcome_2026', 'ChangeMe#123', 'Pa$$w0rd-1999'])
    t.match(broken(tried), [/tried first/], tried);
  for (const walk of ['1qaz2wsx3edcA', 'Abcdefghij12', 'A0987654321!']) t.match(broken(walk), [/row of keys/], walk);
  t.same(broken('Kestrel-1qaz-Umbrella'), [], 'a row of keys inside of more is fine');
  t.match(broken('Aa1Aa1Aa1Aa1'), [/Too few different/]);
  t.equal(broken('aaa').length, 3, 'all that is broken is said at once');
});

t.test('one-time passwords never repeat and have no look-alikes', async (t) => {
  const made = new Set(Array.from({ length: 200 }, makeOneTimePassword));
  t.equal(made.size, 200);
  for (const password of made) {
    if (!/^[a-km-zA-HJ-NP-Z2-9]{4}(-[a-km-zA-HJ-NP-Z2-9]{4}){3}$/.test(password) || /[lIO01]/.test(password))
      t.fail(password);
  }
});

t.test('a user name has one spelling', async (t) => {
  t.equal(normaliseUserName(' ＷＡＮＧ.Fang '), 'wang.fang');
  fc.assert(
    fc.property(fc.string(), (text) => {
      const once = normaliseUserName(text);
      return normaliseUserName(once) === once || !isUserName(once);
    }),
  );
  for (const name of ['王芳', 'a1', 'x.y_z-1']) t.ok(isUserName(name), name);
  for (const name of ['', 'a', '-a', 'a b', 'a@b', 'a/b', 'x'.repeat(65), 'a\u0000b'])
    t.notOk(isUserName(name), JSON.stringify(name));
});
