import { ManualClock } from '@hallhub/shared';
import { sql } from 'drizzle-orm';
import t, { type Test } from 'tap';
import { withSystem } from '../../db/index.js';
import { startTestDatabase } from '../../db/testing.js';
import { createIdentityKeys } from './identity-keys.js';
import { rememberBrowser } from './known-browsers.js';
import { type Attempting, SignInGuard } from './sign-in-guard.js';
import { SignInLimits } from './sign-in-limits.js';

t.setTimeout(180_000);

const keys = createIdentityKeys('test-secret-of-32-characters-or-more');
const lockMs = 600_000;
const person = { userId: '00000000-0000-7000-8000-000000000001', credential: 'stored hash' };

const start = async (t: Test) => {
  const db = await startTestDatabase(t);
  const clock = new ManualClock(Date.parse('2026-03-02T02:00:00Z'));
  const limits = new SignInLimits({ db, clock, keys });
  const guard = new SignInGuard({ db, clock, keys, limits, maxFailures: 5, lockMs });
  const who = (ip: string, given: Partial<Attempting> = {}): Attempting => ({
    request: { id: 'r', ip, userAgent: null, idempotencyKey: null },
    userName: 'fang.wang',
    user: { id: person.userId, locksLiftedAt: null },
    credential: person.credential,
    browser: undefined,
    ...given,
  });
  const fail = async (times: number, given: Attempting) => {
    for (let i = 0; i < times; i++) await guard.begin(given);
  };
  return { db, clock, guard, who, fail };
};

const isLocked = { code: 'rate_limited', context: { reason: 'locked' } };
const isPaced = { code: 'rate_limited', context: { reason: undefined, retryAfterMs: Number } };

t.test('a network that failed is locked for that name; others, and other names, are not', async (t) => {
  const { clock, guard, who, fail } = await start(t);
  await fail(4, who('198.51.100.7'));
  t.match(await guard.begin(who('198.51.100.7')), { failures: 5, locks: true });
  await t.rejects(guard.begin(who('198.51.100.7')), isLocked);
  t.match(await guard.begin(who('198.51.100.8')), { failures: 1 });
  t.match(await guard.begin(who('198.51.100.7', { userName: 'li.lei' })), { failures: 1 });
  const six = '2001:db8:1:2';
  await fail(5, who(`${six}::1`));
  await t.rejects(guard.begin(who(`${six}:ffff::2`)), isLocked, 'a whole IPv6 network is one');
  await clock.advance(lockMs + 1);
  t.match(await guard.begin(who('198.51.100.7')), { failures: 1, locks: false }, 'counting starts anew');
});

t.test('strangers from however many networks are slowed down, and keep nobody out of a known browser', async (t) => {
  const { clock, guard, who } = await start(t);
  let [tried, refused] = [0, 0];
  for (let network = 0; network < 60; network++) {
    await guard.begin(who(`203.0.113.${network}`)).then(
      () => tried++,
      (error) => {
        t.match(error, isPaced);
        t.ok(error.context.retryAfterMs <= 120_000, 'a delay, no lock');
        refused++;
      },
    );
  }
  t.same([tried, refused], [20, 40]);
  const browser = rememberBrowser(keys, undefined, person);
  for (let i = 0; i < 3; i++) {
    const attempt = await guard.begin(who('203.0.113.1', { browser }));
    await attempt.forget();
  }
  await t.rejects(guard.begin(who('192.0.2.1')), isPaced, 'a browser that is new has to wait its turn');
  await clock.advance(120_001);
  await (await guard.begin(who('192.0.2.1'))).forget();
  t.match(await guard.begin(who('192.0.2.1')), { failures: 1 }, 'what was right uses up nothing');
});

t.test('a network that is locked out uses up nothing of others', async (t) => {
  const { guard, who, fail } = await start(t);
  await fail(5, who('198.51.100.7'));
  for (let i = 0; i < 24; i++) await t.rejects(guard.begin(who('198.51.100.7')), isLocked);
  for (let i = 0; i < 15; i++) await guard.begin(who(`192.0.2.${i}`));
});

t.test('a known browser guesses no more than others, also all at once', async (t) => {
  const { guard, who } = await start(t);
  const browser = rememberBrowser(keys, undefined, person);
  const at = who('198.51.100.7', { browser });
  const all = await Promise.allSettled(Array.from({ length: 20 }, () => guard.begin(at)));
  t.equal(all.filter(({ status }) => status === 'fulfilled').length, 5);
  await t.rejects(guard.begin(at), isLocked);
  t.match(await guard.begin(who('198.51.100.7')), { failures: 1 }, 'the network beside it has its own count');
  const forged = await Promise.allSettled(
    Array.from({ length: 20 }, () => guard.begin(who('198.51.100.9', { browser: `${browser.slice(0, -2)}AA` }))),
  );
  t.equal(forged.filter(({ status }) => status === 'fulfilled').length, 5, 'a forged cookie is a stranger’s');
});

t.test('a first step that was right neither counts nor forgets', async (t) => {
  const { guard, who, fail } = await start(t);
  await fail(4, who('198.51.100.7'));
  const right = await guard.begin(who('198.51.100.7'));
  t.match(right, { locks: true }, 'until it is judged');
  await right.giveBack();
  t.match(await guard.begin(who('198.51.100.7')), { failures: 5, locks: true });
  await t.rejects(guard.begin(who('198.51.100.7')), isLocked);
});

t.test('an administrator lifts what was counted before, everywhere', async (t) => {
  const { db, clock, guard, who, fail } = await start(t);
  const browser = rememberBrowser(keys, undefined, person);
  await fail(5, who('198.51.100.7'));
  await fail(5, who('198.51.100.7', { browser }));
  await clock.advance(1_000);
  const user = { id: person.userId, locksLiftedAt: new Date(clock.now()) };
  await clock.advance(1_000);
  t.match(await guard.begin(who('198.51.100.7', { user })), { failures: 1 });
  t.match(await guard.begin(who('198.51.100.7', { user, browser })), { failures: 1 });
  await fail(4, who('198.51.100.7', { user }));
  await t.rejects(guard.begin(who('198.51.100.7', { user })), isLocked, 'what comes after counts');
  const { rows } = await withSystem(db, (tx) => tx.execute(sql`SELECT key FROM sign_in_limits`));
  t.ok(rows.length > 0 && rows.every(({ key }) => (key as Buffer).length === 32), 'no names, no addresses are kept');
});
