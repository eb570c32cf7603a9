import t from 'tap';
import { openStreamServer } from '../../peers/camera/rtsp-stream.js';
import { camera, hall, hostOf } from './bench.js';

t.setTimeout(600_000);

const stream = await openStreamServer();
t.teardown(() => ('port' in stream ? stream[Symbol.asyncDispose]() : undefined));
const noStream = 'missing' in stream ? stream.why : false;

t.test('facts by Media2, and by Media1 where there is nothing newer', async (t) => {
  const { allFeatures } = await import('../../peers/camera/camera-features.js');
  const modern = await camera(t, 'NEW');
  const old = await camera(t, 'OLD', { features: { ...allFeatures, media2: false, ptz: false } });
  const { host, idOf } = await hall(t, { hosts: [hostOf(modern), hostOf(old)] });
  const of = (serial: string) =>
    host.readings.findLast((one) => one.deviceId === idOf(serial) && 'width' in one.values);
  await host.until(
    'both',
    () => host.devices.list().length === 2 && of('NEW') !== undefined && of('OLD') !== undefined,
  );
  const common = { width: 640, subWidth: 320, brightness: 50, dayNight: 'auto', hostname: 'camera', pictures: true };
  t.match(of('NEW')?.values, { ...common, service: 'media2', audio: 'PCMA', pan: 0, moving: false, presetCount: 2 });
  t.match(of('OLD')?.values, { ...common, service: 'media1', audio: 'G711' });
  t.notOk('pan' in (of('OLD')?.values ?? {}), 'what it has not is not told');
  t.equal(modern.server.signIn.refused, 0);
});

t.test('every kind of command', async (t) => {
  const one = await camera(t, 'A');
  const { host, run, idOf, adapter } = await hall(t, { hosts: [hostOf(one)] });
  await host.until('it', () => host.value('width') === 640);
  t.match(await run('A', 'snapshot'), { uri: /snapshot\.jpg$/, contentType: 'image/jpeg', bytes: Number });
  await run('A', 'moveTo', { pan: 0.25, tilt: -0.5, zoom: 0.5 });
  t.match(one.state.position, { pan: 0.25, tilt: -0.5, zoom: 0.5 });
  await run('A', 'moveBy', { pan: -0.5 });
  t.match(one.state.position, { pan: -0.25 });
  await run('A', 'move', { pan: 1, tilt: 0, zoom: 0, durationMs: 200 });
  t.notOk(one.state.moving, 'it stands again');
  t.ok(one.state.position.pan > -0.25);
  const set = await run('A', 'setPreset', { name: '柜台 <1>' });
  t.same(set, { preset: '3' });
  t.match(await run('A', 'listPresets'), { count: 3, presets: '1 Entrance\n2 Counters\n3 柜台 <1>' });
  await run('A', 'gotoPreset', { preset: 'Entrance' });
  t.match(one.state.position, { pan: -0.5 });
  await run('A', 'removePreset', { preset: '柜台 <1>' });
  t.equal(one.state.presets.size, 2);
  await run('A', 'setHome');
  await run('A', 'gotoPreset', { preset: '2' });
  await run('A', 'gotoHome');
  t.match(one.state.position, { pan: -0.5 });
  await run('A', 'wipe');
  t.equal(one.state.auxiliary, 'tt:Wiper|On');
  await run('A', 'picture', { contrast: 33 });
  t.equal(one.state.imaging.contrast, 33);
  await t.rejects(run('A', 'picture', { contrast: 333 }), { code: 'device_refused', message: /incorrect/ });
  await run('A', 'focus', { speed: 0.5 });
  t.equal(one.state.focusSpeed, 0);
  await run('A', 'openGate');
  t.equal(one.state.relays.get('relay2'), false);
  await host.until('the gate was open', () => host.readings.some(({ values }) => values.gate === true));
  await host.until('and is shut', () => host.value('gate') === false);
  t.same(await run('A', 'ports'), { relays: 'relay1, relay2', inputs: 'input1' });
  const signal = AbortSignal.timeout(60_000);
  await adapter.write(idOf('A'), { brightness: 80, dayNight: 'night', hostname: 'hall-1' }, signal);
  t.match(one.state, { imaging: { brightness: 80, irCutFilter: 'OFF' }, hostname: 'hall-1' });
  // Among what its rounds read meanwhile.
  await host.until(
    'what was written to be read',
    () => host.value('brightness') === 80 && host.value('dayNight') === 'night' && host.value('hostname') === 'hall-1',
  );
  await t.rejects(adapter.write(idOf('A'), { hostname: 'no blanks here' }, signal), { code: 'device_refused' });
  t.match(await adapter.snapshot(idOf('A'), signal), { contentType: 'image/jpeg' });
});

t.test('streams are played over TCP and UDP', { skip: noStream }, async (t) => {
  if ('missing' in stream) return;
  const one = await camera(t, 'A', { stream });
  const { host, run } = await hall(t, { hosts: [hostOf(one)] });
  await host.until('it', () => host.value('width') === 640);
  t.match(await run('A', 'stream', { media: 'sub' }), { uri: one.streamUrl, media: 'sub' });
  for (const transport of ['tcp', 'udp'])
    t.match(await run('A', 'probe', { transport }), {
      codec: 'H264',
      tracks: 'video H264, audio PCMA',
      packets: Number,
    });
  await stream.unmount(new URL(one.streamUrl ?? '').pathname.slice(1));
  await t.rejects(run('A', 'probe', { transport: 'tcp' }), { code: 'device_refused', message: /404/ });
});

t.test('a restart is waited for, and events go on after it', async (t) => {
  const one = await camera(t, 'A', { rebootMs: 800 });
  const { host, run } = await hall(t, { hosts: [hostOf(one)] });
  const motion = (value: string) =>
    one.state.emit({ topic: 'tns1:VideoSource/MotionAlarm', source: 'vs', name: 'State', value });
  await host.until('a subscription', () => one.state.events.count === 1);
  motion('true');
  await host.until('an event', () => host.events.length === 1);
  motion('true');
  motion('false');
  await host.until('it is over', () => host.value('motion') === false);
  t.equal(host.events.length, 1, 'a state that is repeated is no event');
  const { awayMs } = (await run('A', 'reboot')) ?? {};
  t.ok(Number(awayMs) > 200 && Number(awayMs) < 60_000, `away for ${awayMs} ms`);
  await host.until('subscribed anew', () => one.state.events.count === 1);
  motion('true');
  await host.until('the next event', () => host.events.length === 2);
  one.state.events.dropSubscriptions();
  await host.until('and again', () => one.state.events.count === 1);
  t.equal(host.events.length, 2, 'the state told at subscribing is none');
});

t.test('a clock that is off: signed in all the same, set in UTC, and kept where asked for', async (t) => {
  const one = await camera(t, 'A');
  one.state.clockSkewMs = -3_600_000;
  const kept = await camera(t, 'B');
  kept.state.clockSkewMs = 86_400_000;
  const first = await hall(t, { hosts: [hostOf(one)] });
  await hall(t, { hosts: [hostOf(kept)], setClockAboveMs: 60_000 });
  await first.host.until('facts', () => Number(first.host.value('skew')) < -3_000_000);
  t.match(await first.run('A', 'syncTime'), { skewMs: Number });
  // To the second, and what the way takes.
  t.ok(Math.abs(one.state.clockSkewMs) < 30_000);
  await first.host.until('the other by itself', () => Math.abs(kept.state.clockSkewMs) < 30_000);
  one.state.clockSkewMs += 900_000;
  t.ok(await first.run('A', 'listPresets'), 'a clock that jumps is looked at again before the password is doubted');
});
