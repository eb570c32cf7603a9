import t from 'tap';
import { createIdentityKeys } from './identity-keys.js';
import { maxEntries, recogniseBrowser, rememberBrowser } from './known-browsers.js';

const keys = createIdentityKeys('test-secret-of-32-characters-or-more');
const person = (userId: string, credential: string | null = `hash of ${userId}`) => ({ userId, credential });

t.test('a browser is known for who signed in with it, and for nobody else', async (t) => {
  const cookie = rememberBrowser(keys, undefined, person('fang'));
  t.ok(recogniseBrowser(keys, cookie, person('fang')));
  t.equal(recogniseBrowser(keys, cookie, person('li')), null);
  t.equal(recogniseBrowser(keys, undefined, person('fang')), null);
  t.equal(recogniseBrowser(keys, cookie, person('fang', 'another password')), null, 'a new password makes it unknown');
  t.notMatch(cookie, /fang/, 'it names nobody');
  const other = createIdentityKeys('another-secret-of-32-characters-long');
  t.equal(recogniseBrowser(other, cookie, person('fang')), null, 'signed by this installation');
});

t.test('what was tampered with is unknown', async (t) => {
  const cookie = rememberBrowser(keys, undefined, person('fang'));
  for (let at = 0; at < cookie.length - 1; at++) {
    const letter = cookie[at] === 'A' ? 'B' : 'A';
    t.equal(recogniseBrowser(keys, cookie.slice(0, at) + letter + cookie.slice(at + 1), person('fang')), null);
  }
  for (const junk of ['', '.', '....', 'x'.repeat(100_000), '\u0000', cookie.slice(1), `${cookie}A`]) {
    t.equal(recogniseBrowser(keys, junk, person('fang')), null);
  }
});

t.test('people share a browser, up to a bound; signing in again keeps the counter', async (t) => {
  let cookie = rememberBrowser(keys, undefined, person('fang'));
  const nonce = recogniseBrowser(keys, cookie, person('fang'));
  cookie = rememberBrowser(keys, cookie, person('li', null));
  t.ok(recogniseBrowser(keys, cookie, person('li', null)), 'single sign-on only: no password');
  cookie = rememberBrowser(keys, cookie, person('fang'));
  t.same(recogniseBrowser(keys, cookie, person('fang')), nonce);
  t.equal(cookie.split('.').length, 2);
  for (let i = 0; i < 40; i++) cookie = rememberBrowser(keys, cookie, person(`visitor-${i}`));
  t.equal(cookie.split('.').length, maxEntries);
  t.ok(cookie.length < 800, 'far below what a header may hold');
  t.equal(recogniseBrowser(keys, cookie, person('fang')), null, 'longest ago');
  t.ok(recogniseBrowser(keys, cookie, person('visitor-39')));
});
