import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { NativeDevice } from '../peers/native/native-device.js';
import { CountingDevice } from './counting-device.js';
import { TestHall } from './test-hall.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(600_000);

interface Report {
  readonly kind: string;
  readonly verdict: string;
  readonly text: string;
  readonly reason?: string;
  readonly rows: {
    readonly produced: number;
    readonly committed: number;
    readonly lost: number;
    readonly twice: number;
  };
  readonly during: { readonly offlineMs: number };
}

t.test('an engineer drills a unit that works: every fault is taken back, every row accounted for', async (t) => {
  const hall = await TestHall.open();
  t.teardown(() => hall[Symbol.asyncDispose]());
  const device = new NativeDevice({ url: hall.edgeMqtt, behaviour: new CountingDevice('DRILL-1', 200), retryMs: 300 });
  t.teardown(() => device[Symbol.asyncDispose]());
  device.start();
  await waitUntil('the device in the cloud', async () => {
    const devices = await hall.api.all<{ serial: string; state: string }>('/devices');
    return devices.some((one) => one.serial === 'DRILL-1' && one.state === 'active');
  });

  const listed = JSON.parse((await hall.hub('--json', 'drill', 'list')).out) as {
    drills: { kind: string; notHere: string | null }[];
  };
  t.ok(listed.drills.length >= 7);
  t.match(await hall.hub('drill', 'run', 'cut'), { code: 2, err: /--yes/ }, 'nobody is surprised by a script');

  for (const kind of ['cut', 'lossy', 'clock-jump', 'broker-restart', 'restart-agent']) {
    const { out, err } = await hall.hub('--json', 'drill', 'run', kind, '--for', '8s', '--yes');
    const report = JSON.parse(out || '{}') as Report;
    t.equal(report.verdict, 'proven', `${kind}: ${report.text ?? err}`);
    t.ok(report.rows?.produced > 0 && report.rows.produced === report.rows.committed, `${kind}: rows of the drill`);
    if (kind === 'cut') t.ok(report.during.offlineMs > 3_000, 'the line was really cut');
    await waitUntil('the device to talk again', () => device.state === 'online');
  }
  const folder = join(hall.dir, 'edge', 'drills');
  t.equal(readdirSync(folder).filter((name) => name !== 'journal.json').length, 5, 'the unit keeps the reports');
  t.notOk(existsSync(join(folder, 'journal.json')));
  await waitUntil('the cloud to know of the drills', async () => {
    const faults = await hall.api.all<{ code: string }>(`/units/${hall.unitId}/faults`);
    return faults.filter(({ code }) => code === 'drill_finished').length >= 5;
  });

  await t.test('an agent that is killed in the middle puts everything back at its next start', async (t) => {
    const running = hall.hub('--json', 'drill', 'run', 'cut', '--for', '120s', '--yes', '--force');
    await waitUntil('the drill', () => existsSync(join(folder, 'journal.json')));
    t.match(JSON.parse(readFileSync(join(folder, 'journal.json'), 'utf8')), { kind: 'cut' });
    await hall.edge.kill();
    t.not((await running).code, 0);
    await hall.startEdge();
    t.notOk(existsSync(join(folder, 'journal.json')));
    await waitUntil(
      'the unit to be online',
      async () => JSON.parse((await hall.hub('status', '--json')).out).uplink.state === 'online',
    );
  });
});
