import { getEventListeners } from 'node:events';
import t from 'tap';
import { abortScope } from './abort-scope.js';
import { withRtspSession } from './onvif/rtsp/rtsp-session.js';
import { httpExchange } from './onvif/soap/http-exchange.js';

/** What a signal keeps of others: its listeners, and the weak references that Node makes for `AbortSignal.any`. */
const keptBy = (signal: AbortSignal): number => {
  const sets = Object.getOwnPropertySymbols(signal).flatMap((key) => {
    const kept = (signal as unknown as Record<symbol, { size?: number } | undefined>)[key];
    return /dependant/i.test(String(key)) ? [kept?.size ?? 0] : [];
  });
  return getEventListeners(signal, 'abort').length + sets.reduce((sum, size) => sum + size, 0);
};

t.test('a scope aborts with its outer signal, by itself, and in time', async (t) => {
  const outer = new AbortController();
  const [passed, own, late] = [abortScope(outer.signal), abortScope(outer.signal), abortScope(outer.signal, 1)];
  own.abort('mine');
  t.equal(own.signal.reason, 'mine');
  await new Promise((resolve) => late.signal.addEventListener('abort', resolve));
  t.ok(late.isLate);
  t.equal(outer.signal.aborted, false);
  outer.abort('stop');
  t.equal(passed.signal.reason, 'stop');
  t.notOk(passed.isLate);
  t.equal(abortScope(outer.signal).signal.reason, 'stop', 'one that is aborted already');
});

t.test('a signal that lives long keeps nothing of what was begun with it', async (t) => {
  const { signal } = new AbortController();
  for (let i = 0; i < 5; i++) {
    abortScope(signal, 1_000)[Symbol.dispose]();
    const request = { method: 'GET', headers: {}, timeoutMs: 1_000, signal, maxBytes: 10 } as const;
    await t.rejects(httpExchange(new URL('http://127.0.0.1:1/'), request), { code: 'link_refused' });
    const stream = { uri: 'rtsp://127.0.0.1:1/', credentials: undefined, allowBasic: false, timeoutMs: 1_000, signal };
    await t.rejects(
      withRtspSession(stream, async () => undefined),
      { code: 'link_refused' },
    );
  }
  t.equal(keptBy(signal), 0);
});
