import { HubError, ManualClock } from '@hallhub/shared';
import t from 'tap';
import { SignInGuard } from './sign-in-guard.js';

const refuse = async (): Promise<never> => {
  throw new HubError('unauthenticated', 'no');
};
const signal = new AbortController().signal;

const guarded = () => {
  const clock = new ManualClock();
  const told: number[] = [];
  return { clock, told, guard: new SignInGuard(clock, 600_000, (_error, retryInMs) => told.push(retryInMs)) };
};

t.test('a refused password is tried once, then ever more rarely; nothing is sent between', async (t) => {
  const { clock, told, guard } = guarded();
  let sent = 0;
  const attempt = () =>
    guard.attempt(signal, () => {
      sent++;
      return refuse();
    });
  for (const expected of [1, 2, 3]) {
    await Promise.all([1, 2, 3].map(() => t.rejects(attempt(), { code: 'unauthenticated' })));
    t.equal(sent, expected);
    const held = await attempt().catch((error: unknown) => error);
    t.match(held, { hint: /so that it does not lock the account/, context: { heldBack: true } });
    await clock.advance(told.at(-1) ?? 0);
  }
  t.same(told, [600_000, 1_200_000, 2_400_000]);
  t.equal(await guard.attempt(signal, async () => 'in'), 'in', 'the right one is taken');
  t.notOk(guard.isBlocked);
});

t.test('while none was accepted they go one after the other; then together', async (t) => {
  const { guard } = guarded();
  let running = 0;
  let most = 0;
  const slow = async () => {
    running++;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
  };
  const first = guard.attempt(signal, slow);
  await Promise.all([first, guard.attempt(signal, slow), guard.attempt(signal, slow)]);
  t.equal(most, 1);
  await Promise.all([guard.attempt(signal, slow), guard.attempt(signal, slow)]);
  t.equal(most, 2);
});

t.test('an operation that the account has no right to stops nothing; a password that was changed does', async (t) => {
  const { told, guard } = guarded();
  await guard.attempt(signal, async () => undefined, true);
  for (let i = 0; i < 2; i++) await t.rejects(guard.attempt(signal, refuse));
  await guard.attempt(signal, async () => undefined);
  t.notOk(guard.isBlocked);
  await t.rejects(guard.attempt(signal, refuse, true));
  t.ok(guard.isBlocked);
  t.same(told, [600_000]);
  guard.reset();
  t.notOk(guard.isBlocked, 'the clock that its tokens are dated by was another');
});

t.test('an abort ends the waiting', async (t) => {
  const { guard } = guarded();
  const abort = new AbortController();
  let release: (() => void) | undefined;
  const first = guard.attempt(
    signal,
    () =>
      new Promise<void>((resolve) => {
        release = resolve;
      }),
  );
  const second = guard.attempt(abort.signal, async () => t.fail('sent'));
  abort.abort(new Error('enough'));
  await new Promise((resolve) => setImmediate(resolve));
  release?.();
  await first;
  await t.rejects(second, { message: 'enough' });
});
