import { ManualClock } from '@hallhub/shared';
import { visionReportSchema } from '@hallhub/shared/vision';
import t from 'tap';
import type { GatewayRequest } from '../identity/index.js';
import { silentLogger } from '../ports/index.js';
import { Store } from '../store/index.js';
import type { CameraStanding } from './vision-desk.js';
import { VisionReporter } from './vision-reporter.js';
import type { WatchStatus } from './vision-worker.js';

const cameraId = '01a20262-9489-7000-9064-d6158e8a23a8';
const config = { v: 1 as const, version: 'a', zone: 'Asia/Shanghai', placeName: '厅', cameras: [] };

const bring = (dataDir: string) => {
  const clock = new ManualClock(Date.UTC(2026, 5, 1, 2));
  const store = new Store({ dataDir, clock, logger: silentLogger });
  const standing: CameraStanding = { cameraId, name: '一', enabled: true, rules: 2, state: 'watching' };
  const state = {
    ...{ online: true, answer: 204, standings: [standing], version: 'a', looked: 0, problem: null as string | null },
  };
  const sent: GatewayRequest[] = [];
  const reporter = new VisionReporter({
    ...{ hub: store.hub, clock, logger: silentLogger, online: () => state.online },
    config: {
      config: { ...config, cameras: [{ deviceId: cameraId } as never] },
      get status() {
        return { source: 'cloud' as const, version: state.version, at: 1, askedAt: 1, problem: state.problem };
      },
    },
    standings: () => state.standings,
    status: (): WatchStatus => ({
      ...{ state: 'running', restarts: 0 },
      cameras: [
        {
          ...{ cameraId, state: 'watching', since: 5, fps: 4.987_65, skipped: 0, people: 1, health: null },
          looked: state.looked,
        },
      ],
    }),
    request: async (request) => {
      sent.push(request);
      return { status: state.answer, headers: {}, body: Buffer.alloc(0), chain: [] };
    },
  });
  const pass = async (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      await clock.advance(1_000);
      for (let k = 0; k < 3; k++) {
        await new Promise((resolve) => setImmediate(resolve));
        store.hub.commit.flush();
      }
    }
  };
  const last = () => visionReportSchema.parse(JSON.parse(Buffer.from(sent.at(-1)?.body as Uint8Array).toString()));
  const stop = async () => {
    let isStopped = false;
    const stopping = reporter.stop().finally(() => {
      isStopped = true;
    });
    while (!isStopped) {
      store.hub.commit.flush();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await stopping;
    await store.close();
  };
  return { reporter, state, sent, pass, last, stop };
};

t.test('told at each change and every minute, by the contract', async (t) => {
  const one = bring(t.testdir());
  t.teardown(one.stop);
  one.reporter.start();
  await one.pass(3);
  t.equal(one.sent.length, 1);
  t.match(one.last(), {
    config: { source: 'cloud', version: 'a', appliedAt: 1 },
    slots: { most: 64, used: 1 },
    cameras: [{ deviceId: cameraId, state: 'watching', fps: 4.99 }],
  });
  await one.pass(20);
  t.equal(one.sent.length, 1, 'nothing changed');
  one.state.version = 'b';
  await one.pass(3);
  t.equal(one.last().config.version, 'b');
  t.equal(one.sent.length, 2);
  await one.pass(62);
  t.equal(one.sent.length, 3);
  one.state.standings = [{ ...(one.state.standings[0] as CameraStanding), state: 'no_model', reason: 'x'.repeat(900) }];
  await one.pass(3);
  t.match(one.last().cameras, [{ state: 'no_model', reason: 'x'.repeat(500) }]);
});

t.test('no line: nothing; a cloud that fails: again, not at once; one that does not know: left alone', async (t) => {
  const one = bring(t.testdir());
  t.teardown(one.stop);
  one.state.online = false;
  one.reporter.start();
  await one.pass(5);
  t.equal(one.sent.length, 0);
  one.state.online = true;
  one.state.answer = 503;
  await one.pass(10);
  t.equal(one.sent.length, 1);
  await one.pass(10);
  t.equal(one.sent.length, 2);
  one.state.answer = 405;
  await one.pass(20);
  t.equal(one.sent.length, 3);
  await one.pass(200);
  t.equal(one.sent.length, 3);
  one.state.online = false;
  await one.pass(2);
  one.state.online = true;
  await one.pass(3);
  t.equal(one.sent.length, 4, 'the next connection may lead to a newer cloud');
});

t.test('pictures are counted by the hall’s day, over the child’s restarts and the agent’s', async (t) => {
  const dir = t.testdir();
  const one = bring(dir);
  one.reporter.start();
  one.state.looked = 100;
  await one.pass(2);
  one.state.looked = 30;
  await one.pass(2);
  t.same(one.reporter.report().cameras[0]?.days, [{ day: '2026-06-01', looked: 130 }]);
  await one.stop();
  const two = bring(dir);
  t.teardown(two.stop);
  two.reporter.start();
  two.state.looked = 7;
  await two.pass(2);
  t.same(two.reporter.report().cameras[0]?.days, [{ day: '2026-06-01', looked: 137 }]);
});
