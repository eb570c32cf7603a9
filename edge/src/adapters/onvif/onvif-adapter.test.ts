import t, { type Test } from 'tap';
import { corpus, TestHost } from '../test-host.js';
import { onvifConfigSchema } from './config.js';
import { OnvifAdapter } from './onvif-adapter.js';
import { notification, startTestCamera, type TestCamera } from './test-camera.js';

const profiles = corpus();

const bench = async (t: Test, config: object = {}) => {
  const camera = await startTestCamera();
  const host = new TestHost(profiles, 'onvif');
  const parsed = onvifConfigSchema.parse({
    discover: false,
    hosts: [camera.host],
    username: 'admin',
    password: camera.password,
    timeoutMs: 15_000,
    presenceEveryMs: 500,
    ...config,
  });
  const adapter = new OnvifAdapter(parsed, host);
  host.onFound = (view) => adapter.attach(view);
  t.teardown(async () => {
    await adapter.stop();
    await camera.close();
  });
  return { camera, host, adapter };
};

const deviceId = (host: TestHost): string => host.devices.list()[0]?.deviceId ?? '';

const request = (host: TestHost, command: string, input: Record<string, unknown> = {}) => ({
  commandId: 'c',
  deviceId: deviceId(host),
  command,
  input,
  remainingMs: 60_000,
  signal: AbortSignal.timeout(60_000),
});

t.test('a configured camera is identified, read, and said to be there', async (t) => {
  const { camera, host, adapter } = await bench(t);
  await adapter.start();
  await host.until('facts', () => host.value('width') === 1280);
  t.match(host.foundDevices, [
    {
      address: `http://${camera.host}/onvif/device_service`,
      identity: { vendor: 'Acme', model: 'C-1', serial: '12345678901234567890', firmware: '1.10', hardware: '7' },
      profileId: 'generic/onvif-camera',
    },
  ]);
  t.match(host.readings.find((one) => 'width' in one.values)?.values, {
    streaming: true,
    height: 720,
    frameRate: 25,
    bitrate: 2048,
    encoding: 'H264',
    firmware: '1.10',
    serialNumber: '12345678901234567890',
    pan: 0.25,
    tilt: -0.5,
    zoom: 0,
  });
  await host.until('presence', () => host.lastEvidence('soap')?.ok === true);
  t.match(host.lastEvidence('stream'), { ok: true, detail: 'video 0 RTP/AVP 96' });
  t.match(host.lastEvidence('login'), { ok: true });
  t.match(camera.bodies.get('GetStreamUri'), /main &#38; first/, 'tokens are escaped');
  t.equal(adapter.status().state, 'running');
});

t.test('a camera whose clock is hours off is signed in to all the same, and can be set right', async (t) => {
  const { camera, host, adapter } = await bench(t);
  camera.clockOffsetMs = -5 * 3_600_000;
  await adapter.start();
  await host.until('facts', () => host.value('width') === 1280);
  const skew = Number(host.value('clockSkew'));
  t.ok(Math.abs(skew + 5 * 3_600_000) < 60_000, `skew ${skew}`);
  await adapter.execute(request(host, 'syncTime'));
  t.equal(camera.clockOffsetMs, 0);
  const after = await adapter.read(deviceId(host), ['clockSkew'], AbortSignal.timeout(60_000));
  t.ok(Math.abs(Number(after.values.clockSkew)) < 60_000);
});

t.test('HTTP digest is used where the camera asks for it', async (t) => {
  const { camera, host, adapter } = await bench(t);
  camera.login = 'digest';
  await adapter.start();
  await host.until('facts', () => host.value('width') === 1280);
  t.notMatch(camera.bodies.get('GetProfiles'), /UsernameToken/);
});

t.test('commands: move and stop, presets by name, snapshot, reboot', async (t) => {
  const { camera, host, adapter } = await bench(t);
  await adapter.start();
  await host.until('facts', () => host.value('width') === 1280);
  await adapter.execute(request(host, 'move', { pan: 0.5, tilt: 0, zoom: 0, durationMs: 100 }));
  t.match(camera.bodies.get('ContinuousMove'), /PanTilt x="0.5" y="0"/);
  t.ok(camera.asked.includes('Stop'));
  await adapter.execute(request(host, 'gotoPreset', { preset: 'door' }));
  t.match(camera.bodies.get('GotoPreset'), /<PresetToken>1</);
  await t.rejects(adapter.execute(request(host, 'gotoPreset', { preset: 'roof' })), {
    code: 'device_refused',
    message: /it has: door/,
  });
  t.same(await adapter.execute(request(host, 'snapshot')), { uri: `http://${camera.host}/snapshot.jpg` });
  t.equal(await adapter.execute(request(host, 'reboot')), undefined);
  t.ok(camera.asked.includes('SystemReboot'));
  await t.rejects(adapter.write(deviceId(host), { pan: 1 }, AbortSignal.timeout(1_000)), { code: 'unsupported' });
});

t.test('notifications become values and events; the state at subscribing is no event', async (t) => {
  const { camera, host, adapter } = await bench(t);
  const topic = 'tns1:RuleEngine/CellMotionDetector/Motion';
  camera.notifications.push(notification(topic, { IsMotion: 'true' }, 'Initialized'));
  await adapter.start();
  await host.until('the first state', () => host.value('motion') === true);
  t.same(host.events, []);
  camera.notifications.push(notification(topic, { IsMotion: 'false' }), notification('tns1:Other/Thing', { A: '1' }));
  await host.until('motion is over', () => host.value('motion') === false);
  camera.notifications.push(notification(topic, { IsMotion: 'true' }));
  await host.until('the event', () => host.events.length > 0);
  t.match(host.events, [{ event: 'motionStarted', deviceAt: Date.UTC(2026, 0, 2, 3, 4, 5) }]);
  t.equal(adapter.counters().unmappedNotifications, 1);
  await adapter.stop();
  t.ok(camera.asked.includes('Unsubscribe'), 'the subscription is given back');
});

const answering = (status: number, body: string) => (camera: TestCamera) => {
  camera.fault = () => ({ status, body });
};
const faults: [string, (camera: TestCamera) => void, RegExp, string][] = [
  [
    'a refused password',
    (camera) => {
      camera.password = 'other';
    },
    /refuses to be signed in/,
    'refused',
  ],
  ['garbage', answering(200, '<<<not xml'), /no SOAP/, 'poll_failed'],
  ['half an answer', answering(200, '<s:Envelope xmlns:s="x"><s:Body><a:'), /no SOAP/, 'poll_failed'],
  ['an empty body', answering(200, '<s:Envelope xmlns:s="x"><s:Body/></s:Envelope>'), /has no/, 'poll_failed'],
  ['a server error', answering(503, 'busy'), /HTTP status 503/, 'refused'],
];

for (const [name, spoil, detail, reason] of faults) {
  t.test(`a camera that answers with ${name}: said clearly, and its neighbour is unharmed`, async (t) => {
    const { camera, host, adapter } = await bench(t);
    const neighbour = await startTestCamera();
    t.teardown(() => neighbour.close());
    const profile = profiles.find((one) => one.id === 'generic/onvif-camera');
    if (!profile) throw new Error('no camera profile');
    spoil(camera);
    const identity = { vendor: 'Acme', model: 'C-1', serial: '12345678901234567890' };
    const at = (one: TestCamera) => ({
      ...host.device(`http://${one.host}/onvif/device_service`, profile, 'onvif'),
      identity,
    });
    const [bad, good] = [at(camera), at(neighbour)];
    adapter.attach(bad);
    adapter.attach(good);
    await adapter.start();
    await host.until('the bad one is explained', () =>
      host.evidence.some((one) => one.deviceId === bad.deviceId && !one.ok),
    );
    const evidence = host.evidence.find((one) => one.deviceId === bad.deviceId && !one.ok);
    t.match(evidence, { reason, detail });
    t.notMatch(JSON.stringify([host.evidence, host.faults]), /secret/, 'no password anywhere');
    await host.until('the neighbour is read', () =>
      host.readings.some((one) => one.deviceId === good.deviceId && one.values.width === 1280),
    );
  });
}

t.test('a stream that the camera cannot make is bad evidence of its own', async (t) => {
  for (const [describe, reason, detail] of [
    ['503 Service Unavailable', 'refused', /503/],
    ['404 Not Found', 'refused', /404/],
    ['!HTTP/1.1 400 Bad Request\r\n\r\n', 'poll_failed', /does not speak RTSP/],
  ] as const) {
    const { camera, host, adapter } = await bench(t);
    camera.describe = describe;
    await adapter.start();
    await host.until('stream evidence', () => host.lastEvidence('stream') !== undefined);
    t.match(host.lastEvidence('stream'), { ok: false, reason, detail });
    await host.until('values', () => host.value('streaming') === false);
    await host.until('soap is fine', () => host.lastEvidence('soap')?.ok === true);
    await adapter.stop();
  }
});

t.test('a camera that goes away is told, and found again when it is back', async (t) => {
  const { camera, host, adapter } = await bench(t);
  await adapter.start();
  await host.until('presence', () => host.lastEvidence('soap')?.ok === true);
  camera.fault = () => ({ status: 500, body: '' });
  await host.until('failing', () => host.lastEvidence('soap')?.ok === false);
  camera.fault = undefined;
  await host.until('back', () => host.lastEvidence('soap')?.ok === true);
  await camera.close();
  await host.until('gone', () => host.lastEvidence('soap')?.ok === false);
  t.match(host.lastEvidence('soap'), { reason: 'link_down', detail: /cannot reach/ });
  const from = host.evidence.length;
  await t.rejects(adapter.read(deviceId(host), ['width'], AbortSignal.timeout(60_000)), { code: 'link_refused' });
  t.notOk(
    host.evidence.slice(from).some((one) => one.ok),
    'nothing speaks for it any more',
  );
});

t.test('a configured host that refuses is a fault with a hint; the others are found', async (t) => {
  const good = await startTestCamera();
  t.teardown(() => good.close());
  const { camera, host, adapter } = await bench(t, { hosts: ['127.0.0.1:1', good.host] });
  await adapter.start();
  await host.until('the good one', () => host.foundDevices.length === 1);
  t.match(host.faults, [{ code: 'camera_unreachable', message: /127.0.0.1:1.*nothing listens/ }]);
  t.same(camera.asked, []);
});
