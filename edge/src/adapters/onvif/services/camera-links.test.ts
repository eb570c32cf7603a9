import { systemClock } from '@hallhub/shared';
import t from 'tap';
import { onvifConfigSchema } from '../config.js';
import { SignInGuard } from '../sign-in-guard.js';
import type { HttpExchange } from '../soap/http-exchange.js';
import { Camera } from './camera.js';
import { fetchSnapshot } from './snapshot.js';

const password = 'Kranich-17';
const signal = AbortSignal.timeout(60_000);
const jpeg = Buffer.from(`ffd8${'00'.repeat(40)}`, 'hex');

/** A camera whose web server answers as `answer` says; what was asked of whom is kept. */
const cameraAt = (
  serviceUrl: string,
  answer: (authorization: string | undefined) => { status: number; challenge?: string },
  options: { allowBasic?: boolean; ca?: readonly string[] } = {},
) => {
  const asked: { url: string; authorization: string | undefined }[] = [];
  const exchange: HttpExchange = async (url, { headers }) => {
    const { authorization } = headers;
    asked.push({ url: url.href, authorization });
    const { status, challenge } = answer(authorization);
    return { status, rawHeaders: challenge ? ['WWW-Authenticate', challenge] : [], body: jpeg };
  };
  const { timeoutMs } = onvifConfigSchema.parse({});
  const camera = new Camera({
    serviceUrl,
    credentials: { username: 'admin', password },
    allowBasic: options.allowBasic ?? false,
    timeoutMs,
    clock: systemClock,
    guard: new SignInGuard(systemClock, 10_000),
    trust: serviceUrl.startsWith('https:') ? { ca: options.ca, pinned: undefined } : undefined,
    exchange,
  });
  return { camera, asked };
};

t.test('whatever address a camera gives for its picture, it is the camera that is asked', async (t) => {
  for (const [told, asked] of [
    ['http://192.0.2.20:8080/a.jpg?x=1', 'http://192.0.2.20:8080/a.jpg?x=1'],
    ['http://127.0.0.1:8080/private', 'http://192.0.2.20/private'],
    ['http://169.254.169.254/latest/meta-data', 'http://192.0.2.20/latest/meta-data'],
    ['https://internal.example/x', 'http://192.0.2.20/x'],
    ['http://192.0.2.20.evil.example/x', 'http://192.0.2.20/x'],
    ['http://192.0.2.20@evil.example/x', 'http://192.0.2.20/x'],
  ] as const) {
    const web = cameraAt('http://192.0.2.20/onvif/device_service', () => ({ status: 200 }));
    await fetchSnapshot(web.camera, told, signal);
    t.same(
      web.asked.map(({ url }) => url),
      [asked],
      told,
    );
  }
  const { camera } = cameraAt('http://192.0.2.20/onvif/device_service', () => ({ status: 200 }));
  await t.rejects(fetchSnapshot(camera, 'ftp://192.0.2.20/a.jpg', signal), { code: 'unsupported' });
});

t.test(
  'the password as it is goes to a camera that a person named, or that proves its name, and to no other',
  async (t) => {
    const basic = (authorization: string | undefined) =>
      authorization ? { status: 200 } : { status: 401, challenge: 'Basic realm="camera"' };
    for (const [url, options] of [
      ['http://192.0.2.20/onvif', {}],
      // Anybody can speak TLS: a certificate that nobody vouches for hides the password from third parties alone.
      ['https://192.0.2.20/onvif', {}],
    ] as const) {
      const { camera, asked } = cameraAt(url, basic, options);
      const refused = await fetchSnapshot(camera, 'https://192.0.2.20/a.jpg', signal).catch((error: unknown) => error);
      t.match(refused, { code: 'unauthenticated', hint: /plain text/ });
      await t.rejects(fetchSnapshot(camera, 'http://192.0.2.20/a.jpg', signal), { code: 'unauthenticated' });
      t.ok(asked.length >= 1 && asked.every(({ authorization }) => authorization === undefined), url);
    }
    for (const [url, options] of [
      ['http://192.0.2.20/onvif', { allowBasic: true }],
      ['https://camera.example/onvif', { ca: ['an authority'] }],
    ] as const) {
      const { camera, asked } = cameraAt(url, basic, options);
      t.match(await fetchSnapshot(camera, new URL('/a.jpg', url).href, signal), { contentType: 'image/jpeg' });
      t.equal(asked.at(-1)?.authorization, `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`);
    }
    // Trusted by an authority as it is, its picture by plain HTTP is not.
    const mixed = cameraAt('https://camera.example/onvif', basic, { ca: ['an authority'] });
    await t.rejects(fetchSnapshot(mixed.camera, 'http://camera.example/a.jpg', signal), { code: 'unauthenticated' });
  },
);

t.test('an address for others holds no account', async (t) => {
  const { camera } = cameraAt('http://192.0.2.20/onvif', () => ({ status: 200 }));
  t.equal(camera.reachable('rtsp://admin:12345@192.0.2.20:554/live?x=1'), 'rtsp://192.0.2.20:554/live?x=1');
  t.equal(camera.reachable('rtsp://admin@0.0.0.0/live'), 'rtsp://192.0.2.20/live');
  t.equal(camera.reachable('rtsp://192.0.2.20/a@b:c'), 'rtsp://192.0.2.20/a@b:c');
  t.throws(() => camera.reachable('nothing'), { code: 'protocol_violation' });
});
