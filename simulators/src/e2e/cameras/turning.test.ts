import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, uuidv7 } from '@hallhub/shared';
import { cameraVisionSchema, type SteerAction } from '@hallhub/shared/vision';
import t, { type Test } from 'tap';
import { type Sight, TurningDesk } from '../../../../edge/src/vision/turning/index.js';
import { waitUntil } from '../wait-until.js';
import { camera, hall, hostOf } from './bench.js';

t.setTimeout(600_000);

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => quiet } as never;

/** A unit's desk, a real ONVIF adapter, and a camera that takes its time to turn. */
const setup = async (t: Test, patrol?: object) => {
  const dome = await camera(t, 'DOME');
  dome.state.slewPerSecond = 1;
  const { host, adapter, idOf, run } = await hall(t, { hosts: [hostOf(dome)] });
  await host.until('it', () => host.value('width') === 640);
  const deviceId = idOf('DOME');
  const views = [
    { id: uuidv7(), name: '入口', preset: '1' },
    { id: uuidv7(), name: '柜台', preset: '2' },
  ];
  const vision = cameraVisionSchema.parse({ deviceId, views, ...(patrol ? { patrol } : {}) });
  const sights: (Sight | null)[] = [];
  const extras: { viewIds: readonly string[]; state: string; by: string | undefined; refused: string | undefined }[] =
    [];
  const dataDir = mkdtempSync(join(tmpdir(), 'hallhub-turning-'));
  const desk = new TurningDesk({
    ...{ dataDir, clock: systemClock, logger: quiet, cameras: () => [vision] },
    deviceOf: (id) => host.devices.get(id),
    adapterOf: () => adapter,
    tellSight: (_id, sight) => sights.push(sight),
    tellExtras: (_id, { sight }) => {
      if (!sight) return;
      const { viewIds, state, steering, refused } = sight;
      extras.push({ viewIds, state, by: steering?.by, refused: refused?.message });
    },
  });
  desk.start();
  t.teardown(async () => {
    await desk.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const look = () => desk.look({ v: 1, deviceId, leaseMs: 600_000, want: ['sight'], at: Date.now() });
  let seq = 0;
  const steer = (action: SteerAction, session = 'a0000000-0000-7000-8000-00000000000a', since = 1) =>
    desk.steer({ v: 1, deviceId, session, since, seq: seq++, by: '张三', do: action, at: Date.now() });
  const at = (preset: string) =>
    waitUntil(`it at ${preset}`, async () => {
      const sight = sights.at(-1);
      return sight?.state === 'at' && sight.preset === preset;
    });
  return { dome, desk, deviceId, views, sights, extras, look, steer, at, run };
};

t.test('where it stands decides whose rules run; a hand turns it and lets it go', async (t) => {
  const { dome, views, sights, extras, look, steer, at, run, desk, deviceId } = await setup(t);
  await waitUntil('it to be seen', async () => sights.at(-1)?.state === 'elsewhere');
  look();
  await waitUntil('those who look to know', async () => extras.length > 0);
  t.match(extras.at(-1), { state: 'elsewhere', viewIds: [] }, 'off every preset nobody concludes');
  t.match(desk.standing(deviceId), {
    presets: [{ name: 'Entrance' }, { name: 'Counters' }],
    offers: { move: true, focus: true, auxiliaries: ['tt:Wiper|On'] },
  });

  // How long it turns is its own affair: what was said meanwhile counts, not what is seen at a look.
  const told = extras.length;
  steer({ what: 'goto', preset: '2' });
  await at('2');
  await waitUntil('what it sees there', () => extras.at(-1)?.viewIds.join() === views[1]!.id);
  const turning = extras.slice(told).filter(({ state }) => state === 'moving');
  t.ok(turning.length > 0);
  for (const one of turning) t.match(one, { by: '张三', viewIds: [] }, 'while it turns nobody concludes either');

  // A browser that is gone says nothing more.
  const { pan } = dome.state.position;
  const stops = () => dome.server.asked.filter((one) => one === 'Stop').length;
  const stopped = stops();
  steer({ what: 'move', pan: 1, tilt: 0, zoom: 0, holdMs: 300 });
  await waitUntil('it to move', () => dome.state.position.pan > pan);
  await waitUntil('the unit to stop it, not the end of what it was told', () => stops() > stopped);
  await waitUntil('it to stand', () => !dome.state.moving);
  await waitUntil('that to be seen', async () => sights.at(-1)?.state === 'elsewhere');

  steer({ what: 'save', name: '大厅' });
  await at('3');
  t.match(dome.state.presets.get('3'), { name: '大厅' });
  steer({ what: 'auxiliary', command: 'tt:Wiper|On' });
  await waitUntil('the wiper', async () => dome.state.auxiliary === 'tt:Wiper|On');
  steer({ what: 'goto', preset: '99' });
  await waitUntil('the refusal', async () => /preset/.test(extras.at(-1)?.refused ?? ''));
  steer({ what: 'remove', preset: '3' });
  await waitUntil('it to be removed', async () => !dome.state.presets.has('3'));

  // By a command, past the desk.
  await run('DOME', 'gotoPreset', { preset: '1' });
  await at('1');
  // A later hand has it: what the earlier one says is late.
  steer({ what: 'stop' }, 'b0000000-0000-7000-8000-00000000000b', 2);
  steer({ what: 'goto', preset: '2' });
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(sights.at(-1)?.state, 'at');
});

t.test('a tour goes round, and rests for a hand', async (t) => {
  const { dome, desk, deviceId, sights, steer } = await setup(t, { dwellS: 5, resumeAfterS: 120 });
  const places = () => sights.flatMap((sight) => (sight?.state === 'at' ? [sight.preset] : []));
  await waitUntil(
    'it to be at 1, and then at 2',
    () => places().lastIndexOf('2') > places().indexOf('1') && places().includes('1'),
  );
  steer({ what: 'move', pan: -1, tilt: 0, zoom: 0, holdMs: 200 });
  await waitUntil('it to rest', async () => desk.standing(deviceId)?.patrol?.state === 'paused');
  await waitUntil('it to stand', async () => !dome.state.moving);
  steer({ what: 'release' });
  t.equal(desk.standing(deviceId)?.patrol?.state, 'paused', 'also when the hand has left');
});
