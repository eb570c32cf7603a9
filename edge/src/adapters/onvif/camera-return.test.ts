import t, { type Test } from 'tap';
import { PresenceTracker } from '../../devices/presence-tracker.js';
import { corpus, TestHost } from '../test-host.js';
import { onvifConfigSchema } from './config.js';
import { OnvifAdapter } from './onvif-adapter.js';
import { notification, soapFault, startTestCamera } from './test-camera.js';

t.setTimeout(300_000);
const profiles = corpus().filter(({ id }) => id === 'generic/onvif-camera');
/** It takes one or two; who waited for the next look at the stream, or for the end of a subscription, would need a minute and more. */
const soonMs = 30_000;

/** A camera that is online, and its presence as the core makes it of the evidence. */
const onlineCamera = async (t: Test) => {
  const camera = await startTestCamera();
  const host = new TestHost(profiles, 'onvif');
  const { hosts, ...account } = { hosts: [camera.host], username: 'admin', password: camera.password };
  const config = onvifConfigSchema.parse({
    ...account,
    discover: false,
    hosts,
    timeoutMs: 1_000,
    presenceEveryMs: 500,
  });
  const adapter = new OnvifAdapter(config, host);
  const tracker = new PresenceTracker(host.clock, () => undefined);
  host.onFound = (view) => adapter.attach(view);
  t.teardown(async () => {
    await adapter.stop();
    await camera.close();
  });
  await adapter.start();
  await host.until('it is found', () => host.devices.list().length === 1);
  const deviceId = host.devices.list()[0]?.deviceId ?? '';
  tracker.watch(deviceId, { state: 'offline', reason: 'silent', since: 0 });
  let judged = 0;
  const presence = () => {
    for (; judged < host.evidence.length; judged++) tracker.evidence(host.evidence[judged] as never);
    return tracker.get(deviceId)?.state;
  };
  const checks = () => JSON.stringify(tracker.get(deviceId)?.evidence);
  const becomes = (state: string, withinMs: number) =>
    host
      .until(state, () => presence() === state, withinMs)
      .catch((error) => Promise.reject(new Error(`${error.message}: ${presence()} ${checks()}`)));
  await host.until('all of it works', () =>
    ['soap', 'login', 'facts', 'stream', 'events'].every((check) => host.lastEvidence(check)?.ok),
  );
  await becomes('online', 60_000);
  return { camera, host, adapter, becomes };
};

t.test('out for less than a pull lasts: the subscription that lived on speaks for the camera again', async (t) => {
  const { camera, adapter, becomes } = await onlineCamera(t);
  const before = camera.asked.filter((one) => one === 'CreatePullPointSubscription').length;
  camera.isUnplugged = true;
  await becomes('offline', 60_000);
  camera.isUnplugged = false;
  await becomes('online', soonMs);
  t.equal(camera.asked.filter((one) => one === 'CreatePullPointSubscription').length, before, 'and is kept');
  t.equal(adapter.counters().subscriptionsLost, 0);
});

t.test('a subscription that the camera has forgotten meanwhile is made anew at once', async (t) => {
  const { camera, becomes } = await onlineCamera(t);
  camera.isUnplugged = true;
  await becomes('offline', 60_000);
  const unknown = { status: 400, body: soapFault('no such subscription') };
  camera.fault = (operation) => (operation === 'Renew' ? unknown : undefined);
  const before = camera.asked.filter((one) => one === 'CreatePullPointSubscription').length;
  camera.isUnplugged = false;
  await becomes('online', soonMs);
  t.equal(camera.asked.filter((one) => one === 'CreatePullPointSubscription').length, before + 1);
});

t.test('a stream that is not there yet when the camera is back is looked for again soon', async (t) => {
  const { camera, host, becomes } = await onlineCamera(t);
  camera.isUnplugged = true;
  await becomes('offline', 60_000);
  camera.describe = '';
  const described = camera.described;
  camera.isUnplugged = false;
  await host.until('the stream does not answer', () => {
    const isTried = camera.described > described;
    return isTried && /did not answer/.test(host.lastEvidence('stream')?.detail ?? '');
  });
  camera.describe = '200 OK';
  await becomes('online', soonMs);
});

t.test('an answer that was under way when the camera went does not bring it back', async (t) => {
  const { camera, host, becomes } = await onlineCamera(t);
  camera.isUnplugged = true;
  await becomes('offline', 60_000);
  const from = host.evidence.length;
  camera.notifications.push(notification('tns1:VideoSource/MotionAlarm', { State: 'true' }));
  await host.until('the pull is answered', () => camera.notifications.length === 0);
  await host.until('it is looked at again', () => host.evidence.slice(from).some(({ check }) => check === 'soap'));
  t.notOk(host.evidence.slice(from).some(({ ok }) => ok));
  camera.isUnplugged = false;
  await becomes('online', soonMs);
});
