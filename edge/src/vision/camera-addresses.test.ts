import { HubError, ManualClock } from '@hallhub/shared';
import t from 'tap';
import { until } from '../__fixtures__/until.js';
import type { Adapter, CameraStream, DeviceView } from '../ports/index.js';
import { CameraAddresses, visionAdapterId } from './camera-addresses.js';
import { type ConfiguredCamera, visionSectionSchema } from './vision-settings.js';

const device = (over: Partial<DeviceView> = {}): DeviceView =>
  ({ deviceId: 'camera-1', adapterId: 'onvif', address: 'http://10.0.0.9/onvif', ...over }) as DeviceView;

const setup = (cameras: readonly unknown[] = []) => {
  const clock = new ManualClock();
  const asked: string[] = [];
  const state = {
    changes: 0,
    adapter: 'camera' as 'camera' | 'none' | 'other',
    answer: (): Promise<CameraStream> => Promise.resolve({ uri: 'rtsp://10.0.0.9/one' }),
  };
  const stream: Adapter['stream'] = (deviceId, which) => {
    asked.push(`${deviceId} ${which}`);
    return state.answer();
  };
  const { cameras: configured } = visionSectionSchema.parse({ cameras });
  const addresses = new CameraAddresses({
    ...{ clock, configured: configured as readonly ConfiguredCamera[], configFolder: '/etc/hallhub', stream: 'main' },
    adapterOf: () =>
      ({ camera: { stream } as Adapter, other: {} as Adapter, none: undefined })[state.adapter] as Adapter | undefined,
    onChange: () => {
      state.changes += 1;
    },
  });
  const answered = async (changes: number) => void (await until(() => state.changes >= changes, 'an answer'));
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { clock, asked, state, addresses, answered, settled };
};

t.test('of edge.yaml: addresses with and without their account, files, devices of this machine', async (t) => {
  const { addresses } = setup([
    { id: 'plain', url: 'rtsp://10.0.0.5:554/ch1?x=1', userName: 'admin', password: 'p@ss' },
    { id: 'inside', url: 'rtsp://admin:p%40ss@10.0.0.6/ch1' },
    { id: 'both', url: 'rtsp://other:old@10.0.0.7/', userName: 'admin', password: 'new' },
    { id: 'film', file: 'films/one.mp4' },
    { id: 'usb', usb: '/dev/video2' },
  ]);
  const of = (id: string) => addresses.of(device({ adapterId: visionAdapterId, address: id }));
  t.same(of('plain'), {
    ...{ kind: 'rtsp', url: 'rtsp://10.0.0.5:554/ch1?x=1', transport: 'tcp', userName: 'admin', password: 'p@ss' },
  });
  t.match(of('inside'), { url: 'rtsp://10.0.0.6/ch1', userName: 'admin', password: 'p@ss' }, 'as many write it');
  t.match(of('both'), { userName: 'admin', password: 'new' });
  t.match(of('film'), { kind: 'file', path: '/etc/hallhub/films/one.mp4' });
  t.match(of('usb'), { kind: 'usb', device: '/dev/video2' });
  t.equal(of('gone'), undefined);
  t.match(addresses.problemOf(device({ adapterId: visionAdapterId, address: 'gone' })), { reason: /edge\.yaml/ });
  t.equal(addresses.problemOf(device({ adapterId: visionAdapterId, address: 'film' })), undefined);
});

t.test(
  'a camera that names no RTSP address has none: no file of this machine, nothing that breaks its neighbours',
  async (t) => {
    const given = [
      'file:///etc/passwd',
      'http://10.0.0.9/x',
      'concat:/etc/passwd',
      'no address',
      '',
      'rtsp://',
      `rtsp://h/${'x'.repeat(3_000)}`,
    ];
    for (const uri of given) {
      const { addresses, state, answered } = setup();
      state.answer = () => Promise.resolve({ uri });
      t.equal(addresses.of(device()), undefined);
      await answered(1);
      t.equal(addresses.of(device()), undefined, uri.slice(0, 30));
      t.match(addresses.problemOf(device()), { reason: /no RTSP address/ });
    }
  },
);

t.test('asked once, again with growing pauses where it does not answer, anew where it moved', async (t) => {
  const { addresses, asked, state, answered, clock, settled } = setup();
  state.answer = () => Promise.reject(new HubError('link_lost', 'it is away', { hint: 'its cable' }));
  t.equal(addresses.of(device()), undefined);
  t.equal(addresses.of(device()), undefined);
  await answered(1);
  t.same(asked, ['camera-1 main'], 'not at every look');
  t.match(addresses.problemOf(device()), { reason: 'it is away', hint: 'its cable' });
  addresses.tick([device()]);
  t.equal(asked.length, 1, 'not at once');
  for (let minute = 0; minute < 60; minute++) {
    await clock.advance(60_000);
    addresses.tick([device(), device({ deviceId: 'never-asked' })]);
    await settled();
  }
  t.ok(asked.length >= 8 && asked.length <= 24, `${asked.length} times in an hour`);
  state.answer = () => Promise.resolve({ uri: 'rtsp://10.0.0.9/one', userName: 'a', password: 'b' });
  await clock.advance(360_000);
  addresses.tick([device()]);
  await answered(2);
  t.match(addresses.of(device()), { url: 'rtsp://10.0.0.9/one', userName: 'a', password: 'b' });
  t.equal(addresses.problemOf(device()), undefined);
  const before = asked.length;
  t.equal(addresses.of(device({ address: 'http://10.0.0.10/onvif' })), undefined, 'another address: another camera');
  await answered(3);
  t.equal(asked.length, before + 1);
});

t.test('no pictures come: it is asked whether it moved, and what it said before holds meanwhile', async (t) => {
  const { addresses, asked, state, answered, clock, settled } = setup();
  addresses.of(device());
  await answered(1);
  addresses.doubt(device());
  t.equal(asked.length, 1, 'not at once');
  await clock.advance(301_000);
  addresses.doubt(device());
  await settled();
  t.equal(asked.length, 2);
  t.equal(state.changes, 1, 'the same address is no change');
  state.answer = () => Promise.reject(new HubError('link_lost', 'it is away'));
  await clock.advance(301_000);
  addresses.doubt(device());
  await settled();
  t.match(addresses.of(device()), { url: 'rtsp://10.0.0.9/one' });
  t.equal(addresses.problemOf(device()), undefined);
  state.answer = () => Promise.resolve({ uri: 'rtsp://10.0.0.9/two' });
  await clock.advance(700_000);
  addresses.doubt(device());
  await answered(2);
  t.match(addresses.of(device()), { url: 'rtsp://10.0.0.9/two' });
});

t.test('what is no camera, an adapter that does not run, and the end', async (t) => {
  const { addresses, state, answered } = setup();
  state.adapter = 'other';
  addresses.of(device());
  await answered(1);
  t.match(addresses.problemOf(device()), { reason: 'this is no camera' });
  state.adapter = 'none';
  addresses.of(device({ address: 'b' }));
  await answered(2);
  t.match(addresses.problemOf(device({ address: 'b' })), { hint: 'hub status' });
  state.adapter = 'camera';
  state.answer = () => new Promise(() => {});
  addresses.of(device({ address: 'c' }));
  state.answer = () => Promise.reject(new Error('stopped'));
  addresses.of(device({ deviceId: 'camera-2' }));
  const changes = state.changes;
  void addresses.stop();
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(state.changes, changes, 'nobody is told any more');
});
