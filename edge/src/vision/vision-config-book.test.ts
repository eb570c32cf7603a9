import { ManualClock } from '@hallhub/shared';
import t from 'tap';
import { until } from '../__fixtures__/until.js';
import type { GatewayAnswer, GatewayRequest } from '../identity/index.js';
import { silentLogger } from '../ports/index.js';
import { Store } from '../store/index.js';
import { VisionConfigBook } from './vision-config-book.js';

const deviceId = '01a20262-9489-7000-9064-d6158e8a23a8';
const config = (version: string, cameras: unknown[] = [{ deviceId }]) => ({
  ...{ v: 1, version, zone: 'Asia/Shanghai', placeName: '演示营业厅', cameras },
});

const bring = (dataDir: string) => {
  const clock = new ManualClock();
  const store = new Store({ dataDir, clock, logger: silentLogger });
  const state = { online: false, answer: { status: 304 } as { status: number; etag?: string; body?: unknown } };
  const asked: GatewayRequest[] = [];
  const faults: string[] = [];
  let changes = 0;
  const book = new VisionConfigBook({
    ...{ hub: store.hub, clock, logger: silentLogger, gateway: () => new URL('https://cloud.example:18443') },
    online: () => state.online,
    request: async (request): Promise<GatewayAnswer> => {
      asked.push(request);
      const { status, etag, body } = state.answer;
      const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? null));
      return { status, headers: etag ? { etag } : {}, body: bytes, chain: [] };
    },
    onChange: () => {
      changes += 1;
    },
    onFault: (code) => faults.push(code),
  });
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 1_000) {
      await clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
      store.hub.commit.flush();
    }
  };
  return { store, book, state, asked, faults, pass, changes: () => changes };
};

t.test('the cloud’s word: asked at each connect and every minute, kept over a restart', async (t) => {
  const dir = t.testdir();
  const one = bring(dir);
  one.book.start();
  await one.pass(5_000);
  t.equal(one.asked.length, 0, 'no line, no question');
  one.state.online = true;
  one.state.answer = { status: 200, etag: '"a"', body: config('a') };
  await one.pass(3_000);
  await until(() => one.book.config, 'an answer');
  t.match(one.book.status, { source: 'cloud', version: 'a', problem: null });
  one.state.answer = { status: 304 };
  await one.pass(120_000);
  t.ok(one.asked.length >= 2 && one.asked.length <= 4, `${one.asked.length}`);
  t.equal(one.asked.at(-1)?.headers?.['if-none-match'], '"a"');
  t.equal(one.changes(), 1);
  await one.book.stop();
  one.store.close();
  const two = bring(dir);
  t.match(two.book.config, { version: 'a', cameras: [{ deviceId, analysisFps: 5 }] });
  two.store.close();
});

t.test('what is not understood changes nothing and is said', async (t) => {
  const one = bring(t.testdir());
  one.book.start();
  one.state.online = true;
  one.state.answer = { status: 200, etag: '"a"', body: config('a') };
  await one.pass(2_000);
  for (const body of ['no json', { ...config('b'), zone: 'Mars/Olympus' }, config('b', [{ deviceId, views: [{}] }])]) {
    one.state.answer = { status: 200, etag: '"b"', body };
    await one.pass(61_000);
    t.match(one.book.status, { version: 'a', problem: /not understood/ });
  }
  t.ok(one.faults.includes('vision_config_refused'));
  one.state.answer = { status: 200, etag: '"c"', body: config('c') };
  await one.pass(61_000);
  t.match(one.book.status, { version: 'c', problem: null });
  await one.book.stop();
  one.store.close();
});

t.test('a file: without a line, until the cloud has something to say', async (t) => {
  const one = bring(t.testdir());
  const take = async (given: unknown) => {
    const taken = one.book.import(given);
    taken.catch(() => undefined);
    one.store.hub.commit.flush();
    return await taken;
  };
  one.book.start();
  await t.rejects(take({ v: 1 }), { code: 'invalid_input' });
  await t.rejects(take({ ...config('f'), zone: 'Mars/Olympus' }), { code: 'invalid_input' });
  await t.rejects(take(config('f', [{ deviceId }, { deviceId }])), { code: 'invalid_input', message: /twice/ });
  const view = { id: deviceId, name: '窗口' };
  await t.rejects(take(config('f', [{ deviceId, views: [view, view] }])), { code: 'invalid_input', message: /twice/ });
  await take(config('f'));
  t.match(one.book.status, { source: 'file', version: 'f' });
  one.state.online = true;
  one.state.answer = { status: 200, etag: '"e"', body: config('e', []) };
  await one.pass(61_000);
  t.match(one.book.status, { source: 'file' }, 'a cloud that has nothing to say leaves it');
  one.state.answer = { status: 200, etag: '"g"', body: config('g') };
  await one.pass(61_000);
  t.match(one.book.status, { source: 'cloud', version: 'g' });
  await t.rejects(take(config('h')), { code: 'conflict' });
  one.state.online = false;
  await take(config('h'));
  t.match(one.book.status, { source: 'file', version: 'h' });
  await one.book.stop();
  one.store.close();
});
