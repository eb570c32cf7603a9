import { getEventListeners } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ManualClock, systemClock } from '@hallhub/shared';
import t, { type Test } from 'tap';
import { until } from '../../__fixtures__/until.js';
import { type FaceOrder, FacesProcess } from './faces-process.js';

/** As this file: from source, or compiled. */
const entry = fileURLToPath(new URL(`./__fixtures__/faces-child${path.extname(import.meta.url)}`, import.meta.url));
const order = (what: string, over: Partial<FaceOrder> = {}): FaceOrder => ({
  ...{ modelsFolder: '/none', person: { kind: 'file', path: `/x/${what}` }, document: { kind: 'file', path: '/x/d' } },
  ...over,
});
const make = (t: Test, own = entry) => {
  const clock = new ManualClock(Date.now());
  const faces = new FacesProcess({ clock, entry: own, limitMs: 5_000, idleMs: 2_000, lifeMs: 9_000 });
  t.teardown(() => faces.stop());
  return { clock, faces };
};
const gone = (pid: number | undefined) => () => {
  try {
    process.kill(pid as number, 0);
    return false;
  } catch {
    return true;
  }
};

t.test('a process is there while somebody asks, and gone with its memory soon after', async (t) => {
  const { clock, faces } = make(t);
  t.same(faces.status, { pid: undefined, waiting: 0, isBusy: false });
  t.match(await faces.compare(order('fine')), { verdict: 'same' });
  const { pid } = faces.status;
  t.match(await faces.compare(order('fine')), { verdict: 'same' });
  t.equal(faces.status.pid, pid, 'the second one finds it running');
  await t.rejects(faces.compare(order('bad')), { code: 'invalid_input', message: /picture of the person: no picture/ });
  t.equal(faces.status.pid, pid, 'a bad picture ends nothing');
  await clock.advance(2_100);
  await until(gone(pid), 'it ends');
  t.equal(faces.status.pid, undefined);
});

t.test('what crashes, hangs or talks nonsense costs one comparison', async (t) => {
  const { clock, faces } = make(t);
  await t.rejects(faces.compare(order('crash')), { code: 'unavailable', message: /ended with 7: out of memory/ });
  await t.rejects(faces.compare(order('throw')), {
    code: 'unavailable',
    message: /ended with 1: Error: no such model/,
  });
  await t.rejects(faces.compare(order('nonsense')), { code: 'bug' });
  const hanging = faces.compare(order('hang'));
  const next = faces.compare(order('fine'));
  const { pid } = faces.status;
  await clock.advance(5_100);
  await t.rejects(hanging, { code: 'timeout' });
  t.match(await next, { verdict: 'same' }, 'the next one has a process of its own');
  await until(gone(pid), 'the one that hung was killed');
});

t.test('few may wait, and who goes away makes room', async (t) => {
  const { faces } = make(t);
  const leave = new AbortController();
  const first = faces.compare(order('hang'), leave.signal);
  const later = new AbortController();
  const waiting = [1, 2, 3, 4].map((n) => faces.compare(order('fine'), n === 2 ? later.signal : undefined));
  await t.rejects(faces.compare(order('fine')), { code: 'rate_limited' });
  later.abort();
  await t.rejects(waiting[1] as Promise<unknown>, { code: 'cancelled' });
  t.equal(faces.status.waiting, 3);
  leave.abort();
  await t.rejects(first, { code: 'cancelled' });
  for (const one of [waiting[0], waiting[2], waiting[3]]) t.match(await one, { verdict: 'same' });
  await faces.stop();
  await t.rejects(faces.compare(order('fine')), { code: 'cancelled' });
});

t.test('who leaves while a picture is still on its way takes nobody along', async (t) => {
  const { faces } = make(t);
  const leave = new AbortController();
  const large = { kind: 'bytes', bytes: new Uint8Array(8 * 1_048_576) } as const;
  const left = faces.compare(order('fine', { document: large }), leave.signal);
  const next = faces.compare(order('fine'));
  leave.abort();
  await t.rejects(left, { code: 'cancelled' });
  t.match(await next, { verdict: 'same' });
});

t.test('what the process started ends with it', async (t) => {
  const { faces } = make(t);
  const folder = t.testdir({});
  const leave = new AbortController();
  const asked = faces.compare(order('start-another', { modelsFolder: folder }), leave.signal);
  const told = path.join(folder, 'pid');
  await until(() => existsSync(told), 'it has started one');
  leave.abort();
  await t.rejects(asked, { code: 'cancelled' });
  await until(gone(Number(readFileSync(told, 'utf8'))), 'that one is gone too');
});

t.test('a process in use for long is replaced, so that a model put in its place serves', async (t) => {
  const { clock, faces } = make(t);
  await faces.compare(order('fine'));
  const { pid } = faces.status;
  for (let i = 0; i < 7; i++) {
    await clock.advance(1_500);
    await faces.compare(order('fine'));
  }
  t.not(faces.status.pid, pid);
  await until(gone(pid), 'the old one is gone');
});

t.test('nobody listens to a signal any more once it is answered', async (t) => {
  const { faces } = make(t);
  const { signal } = new AbortController();
  await faces.compare(order('fine'), signal);
  t.equal(getEventListeners(signal, 'abort').length, 0);
});

t.test('the real process says what is missing, and takes bytes', async (t) => {
  const faces = new FacesProcess({ clock: systemClock });
  t.teardown(() => faces.stop());
  const person = { kind: 'bytes', bytes: new Uint8Array([1, 2, 3]) } as const;
  const asked = faces.compare(order('fine', { modelsFolder: t.testdir({}), person }));
  await t.rejects(asked, { code: 'unavailable', message: /is not on this unit/, hint: /hub models pull/ });
});
