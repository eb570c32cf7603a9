import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { noBrowser, openBrowser, pageTimeoutMs, watchErrors } from './browser.js';
import { testFolder } from './test-folder.js';
import { TestHall } from './test-hall.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(600_000);

const encoders = spawnSync('ffmpeg', ['-hide_banner', '-encoders'], { encoding: 'utf8' }).stdout ?? '';
const lacks = noBrowser || (encoders.includes('libx265') ? false : 'an ffmpeg with libx265: apt-get install ffmpeg');

const makeFilm = (file: string): void => {
  const source = 'testsrc2=size=1280x720:rate=12:duration=5';
  const codec = [
    '-c:v',
    'libx265',
    '-preset',
    'ultrafast',
    '-x265-params',
    'log-level=none:keyint=12',
    '-tag:v',
    'hvc1',
  ];
  execFileSync('ffmpeg', ['-loglevel', 'error', '-f', 'lavfi', '-i', source, ...codec, file]);
};

t.test('H.265 over a metered line, in a browser that cannot play it', { skip: lacks }, async (t) => {
  const film = join(testFolder(t), 'film.mp4');
  makeFilm(film);
  const hall = await TestHall.open({
    edge: { link: { metered: true }, vision: { cameras: [{ id: 'hall', name: '大厅', file: film }] } },
  });
  t.teardown(() => hall[Symbol.asyncDispose]());
  const { api } = hall;
  const deviceId = await waitUntil(
    'the camera in the cloud',
    async () => (await api.all<{ deviceId: string }>('/vision/cameras'))[0]?.deviceId,
  );
  const document = { purpose: '测试', views: [{ id: crypto.randomUUID(), name: '全景', rules: [] }] };
  const put = await api.request('PUT', `/api/v1/vision/cameras/${deviceId}`, document, { 'if-match': '"0"' });
  t.equal(put.status, 200, JSON.stringify(put.body));
  const status = async () => JSON.parse((await hall.hub('status', '--json')).out);
  await waitUntil('the unit to watch', async () => (await status()).vision?.cameras.no_model === 1, {
    everyMs: 1_000,
  });

  const browser = await openBrowser();
  t.teardown(() => browser.close());
  const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1280, height: 800 } });
  const [name = '', value = ''] = api.cookie.split('; ')[0]?.split('=') ?? [];
  await context.addCookies([{ name, value, url: api.origin }]);
  const page = await context.newPage();
  page.setDefaultTimeout(pageTimeoutMs);
  const errors = watchErrors(page);
  await page.goto(`${api.origin}/video/live`);
  const type = 'video/mp4; codecs="hvc1.1.6.L93.B0"';
  t.equal(await page.evaluate(`MediaSource.isTypeSupported('${type}')`), false, 'or nothing is shown here');
  await page.getByText('按流量计费').waitFor();
  t.same((await status()).vision.live, [], 'nothing went up');
  await page.getByRole('button', { name: '仍要观看' }).click();
  await page.locator('.live-picture.is-live').waitFor();
  const size = () =>
    page.evaluate(`[document.querySelector('video').videoWidth, document.querySelector('video').videoHeight]`);
  await waitUntil('the picture', async () => JSON.stringify(await size()) === '[640,360]', { seen: size });
  const picture = () =>
    page.evaluate(`(() => {
      const canvas = document.createElement('canvas');
      canvas.width = 64;
      canvas.height = 36;
      const context = canvas.getContext('2d');
      context.drawImage(document.querySelector('video'), 0, 0, 64, 36);
      return [...context.getImageData(0, 0, 64, 36).data].join();
    })()`) as Promise<string>;
  const first = await picture();
  t.ok(new Set(first.split(',')).size > 30, 'it has colours');
  await waitUntil('pictures to move', async () => (await picture()) !== first);
  t.match((await status()).vision.live, [{ deviceId, form: 'mpeg1' }]);
  const rows = await api.all<{ after: { despiteMetered?: boolean } | null }>('/audit?action=camera.watched');
  t.ok(rows.some(({ after }) => after?.despiteMetered));
  await page.goto('about:blank');
  await waitUntil('the unit to stop', async () => (await status()).vision.live.length === 0, {
    everyMs: 1_000,
  });
  t.same(errors, []);
});
