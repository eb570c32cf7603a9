import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openCamera } from '../peers/camera/camera.js';
import { type Clip, openClipStore } from '../peers/camera/footage/clip-store.js';
import { openEncoder } from '../peers/camera/footage/raw-video.js';
import { noBrowser, openBrowser, pageTimeoutMs, watchErrors } from './browser.js';
import { playBack } from './cameras/play-back.js';
import { testFolder } from './test-folder.js';
import { TestHall } from './test-hall.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(600_000);

const lacks = spawnSync('ffmpeg', ['-version']).error ? 'ffmpeg: apt-get install ffmpeg' : noBrowser;

const main = { width: 640, height: 360 };
const fps = 10;
const pictures = 60;

/** Floor, wall, and something that walks to and fro: no two pictures are the same. */
const paint = (n: number): Uint8Array => {
  const rgb = new Uint8Array(main.width * main.height * 3);
  const at = 40 + Math.round(260 * (1 + Math.sin((n / pictures) * 2 * Math.PI)));
  for (let y = 0; y < main.height; y++) {
    for (let x = 0; x < main.width; x++) {
      const isWalker = x >= at && x < at + 40 && y >= 150 && y < 300;
      const grain = ((x >> 4) + (y >> 4)) % 2 ? 18 : 0;
      const base = isWalker ? 40 : (y > 220 ? 150 : 200) - grain;
      rgb.set([base, base - 6, base - 14], (y * main.width + x) * 3);
    }
  }
  return rgb;
};

const makeClip = async (folder: string): Promise<Clip> => {
  mkdirSync(folder, { recursive: true });
  const streams = {
    main: { ...main, file: join(folder, 'main.h264') },
    sub: { width: 320, height: 180, file: join(folder, 'sub.h264') },
  };
  const encoder = openEncoder({ ...main, fps, streams: [streams.main, streams.sub] });
  for (let n = 0; n < pictures; n++) await encoder.write(paint(n));
  await encoder.end();
  return { name: 'still', folder, fps, pictures, ...streams };
};

interface Item {
  readonly id: string;
  readonly deviceId: string;
  readonly state: string;
  readonly decision: string | null;
  readonly parts?: readonly { readonly id: string; readonly evidence: readonly { id: string; role: string }[] }[];
}

t.test('a camera goes black: live before, told after, decided and verified', { skip: lacks }, async (t) => {
  const folder = testFolder(t);
  const credential = { userName: 'viewer', password: 'of <pictures>' };
  const camera = await openCamera({
    identity: { manufacturer: 'HallHub', model: 'Vision-1', serial: 'VIS-1', firmware: '1', hardware: 'A' },
    credential,
    motionEveryMs: 0,
  } as Parameters<typeof openCamera>[0]);
  t.teardown(() => camera[Symbol.asyncDispose]());
  t.same(camera.missing, [], 'the stream server is here');
  const store = openClipStore(join(folder, 'footage'));
  const clip = await makeClip(join(folder, 'made'));
  await camera.pictures?.play({ store, clip, startedAtMs: Date.now() });
  const host = new URL(camera.server.address).host;
  const hall = await TestHall.open({
    edge: { onvif: { discover: false, hosts: [host], username: credential.userName, password: credential.password } },
  });
  t.teardown(() => hall[Symbol.asyncDispose]());
  const { api } = hall;
  const deviceId = await waitUntil(
    'the camera in the cloud',
    async () => (await api.all<{ deviceId: string }>('/vision/cameras'))[0]?.deviceId,
  );

  const rule = {
    ...{ id: crypto.randomUUID(), name: '画面异常', algorithm: 'tamper', kinds: ['black'], severity: 'warning' },
    ...{ facesClearBecause: '画面内无人', coolDownMs: 0, clip: { beforeMs: 10_000, afterMs: 2_000 } },
  };
  const document = { purpose: '测试', views: [{ id: crypto.randomUUID(), name: '全景', rules: [rule] }] };
  const put = await api.request('PUT', `/api/v1/vision/cameras/${deviceId}`, document, { 'if-match': '"0"' });
  t.equal(put.status, 200, JSON.stringify(put.body));
  // The unit asks at each connect, and else once a minute.
  await hall.edge.stop();
  await hall.startEdge();
  const standing = async () =>
    JSON.parse((await hall.hub('vision', 'status', '--json')).out) as { cameras: { state: string; reason: string }[] };
  await waitUntil('the unit to watch', async () =>
    /watching|no_model/.test((await standing()).cameras[0]?.state ?? ''),
  );

  const browser = await openBrowser();
  t.teardown(() => browser.close());
  const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1280, height: 800 } });
  const [name = '', value = ''] = api.cookie.split('; ')[0]?.split('=') ?? [];
  await context.addCookies([{ name, value: value, url: api.origin }]);
  const page = await context.newPage();
  page.setDefaultTimeout(pageTimeoutMs);
  const errors = watchErrors(page);

  await t.test('live in a browser', async (t) => {
    await page.goto(`${api.origin}/video/live`);
    await page.locator('.live-picture.is-live').first().waitFor();
    const at = async () => Number(await page.evaluate(`document.querySelector('video').currentTime`));
    const size = await page.evaluate(
      `[document.querySelector('video').videoWidth, document.querySelector('video').videoHeight]`,
    );
    t.same(size, [main.width, main.height]);
    const before = await at();
    await waitUntil('pictures to move', async () => (await at()) > before + 1);
    const beside = await context.newPage();
    beside.setDefaultTimeout(pageTimeoutMs);
    await beside.goto(`${api.origin}/video/live`);
    await beside.locator('.live-picture.is-live').first().waitFor();
    await beside.close();
    t.same(errors, []);
    await waitUntil('who looked to be written down', async () => {
      const audited = await api.all<{ target: { id: string } }>('/audit?action=camera.watched');
      return audited.some(({ target }) => target.id === deviceId);
    });
  });

  await t.test('what was recorded: found, stepped through, downloaded', (t) =>
    playBack(t, { hall, page, deviceId, errors, size: main, fps }),
  );

  await camera.pictures?.fail('black');
  const detail = await waitUntil('the finding with its picture', async () => {
    const [item] = await api.all<Item>(`/review/items?deviceId=${deviceId}`);
    const whole = item && (await api.get<Item>(`/review/items/${item.id}`));
    const ids = whole?.parts?.flatMap(({ evidence }) => evidence.map(({ id }) => id)) ?? [];
    const files = await api.all<{ id: string; state: string }>(`/evidence?deviceId=${deviceId}`);
    const isHere =
      ids.length > 0 && ids.every((id) => files.some((file) => file.id === id && file.state === 'complete'));
    return isHere ? whole : undefined;
  });
  await camera.pictures?.fail('none');
  const [finding] = detail.parts ?? [];
  await waitUntil('the clip', async () => {
    const whole = await api.get<Item>(`/review/items/${detail.id}`);
    const clipId = whole.parts?.[0]?.evidence.find(({ role }) => role === 'clip')?.id;
    const files = await api.all<{ id: string; state: string }>(`/evidence?deviceId=${deviceId}`);
    return files.some((file) => file.id === clipId && file.state === 'complete');
  });

  await t.test('its files and its seal are whole, by the cloud and by the unit', async (t) => {
    const verdict = await api.post<{ result: string; rows: { signature: string; hash: string }[] }>(
      `/review/findings/${finding?.id}/verification`,
    );
    t.equal(verdict.result, 'intact', JSON.stringify(verdict));
    t.ok(verdict.rows.every(({ signature }) => signature === 'valid'));
    const own = await hall.hub('vision', 'verify', String(finding?.id), '--json');
    t.equal(own.code, 0, own.err);
  });

  await t.test('decided at the desk by keyboard', async (t) => {
    await page.goto(`${api.origin}/video/review`);
    // The keys belong to the item that is shown, not to the list beside it.
    await page.getByRole('button', { name: '属实' }).first().waitFor();
    await page.keyboard.press('1');
    await waitUntil(
      'the decision',
      async () => (await api.get<Item>(`/review/items/${detail.id}`)).state === 'decided',
    );
    t.equal((await api.get<Item>(`/review/items/${detail.id}`)).decision, 'accepted');
    t.same(errors, []);
  });
});
