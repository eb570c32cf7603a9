import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { hallLines, hallZones } from '../peers/camera/footage/scenes.js';
import type { ApiClient } from './api-client.js';
import { noBrowser, openBrowser, pageTimeoutMs, watchErrors } from './browser.js';
import { runHub } from './test-hall.js';
import { waitUntil } from './wait-until.js';

const inCache = (name: string) => fileURLToPath(new URL(`../../../node_modules/.cache/${name}`, import.meta.url));

/** Scenes take a minute to encode: tests share what one of them made. */
export const footageCache = process.env.HALLHUB_FOOTAGE_CACHE || inCache('hallhub-footage');

export interface WatchedHall {
  readonly api: ApiClient;
  /** The unit's data folder. */
  readonly unit: string;
  /** What the launcher said so far. */
  readonly lines: readonly { readonly type: string; readonly [key: string]: unknown }[];
}

interface Camera {
  readonly deviceId: string;
  readonly name: string;
  readonly rules: number;
}
interface Part {
  readonly id: string;
  readonly ruleName?: string;
  readonly algorithm: string;
  readonly evidence: readonly { readonly id: string; readonly role: string }[];
}
interface Status {
  readonly vision?: { readonly cameras: readonly { readonly id: string; readonly people: number }[] };
}

interface Missing {
  readonly what: string;
  readonly install: string;
}

/** Why the hall's cameras cannot be watched here, or false. Waits until a first start has its models, or knows that it gets none. */
export const lacksVision = async ({ lines }: Pick<WatchedHall, 'lines'>): Promise<string | false> => {
  const missing = (): Missing[] => [
    ...((lines.find(({ type }) => type === 'ready')?.missing ?? []) as Missing[]),
    ...lines.filter(({ type }) => type === 'missing').map((line) => line as unknown as Missing),
  ];
  const first = () => missing().find(({ what }) => !what.includes('font'));
  const hasModels = () => lines.some(({ part, text }) => part === 'models' && /are here/.test(String(text)));
  await waitUntil('models, or why there are none', () => hasModels() || first(), { withinMs: 240_000 });
  const lacking = first();
  return lacking ? `${lacking.what}: ${lacking.install}` : false;
};

/** What a newcomer sees of the cameras: counts, a counter that is left, with pictures, a clip and its proof, and both of them live. */
export const seeWhatCamerasSee = async (t: Test, { api, unit, lines }: WatchedHall): Promise<void> => {
  const cameras = await waitUntil(
    'both cameras to be set up and named',
    async () => {
      const all = await api.all<Camera>('/vision/cameras');
      const named = all.filter(({ name, rules }) => /^(营业厅柜台|厅外人行道)摄像机$/.test(name) && rules > 0);
      return named.length === 2 && named;
    },
    { withinMs: 180_000 },
  );
  const counter = cameras.find(({ name }) => name.startsWith('营业厅'))?.deviceId;

  const { document } = await api.get<{
    document: { views: { rules: { algorithm: string; zone?: unknown; line?: unknown }[] }[] };
  }>(`/vision/cameras/${counter}`);
  const placeOf = (wanted: string) => {
    const rule = document.views[0]?.rules.find(({ algorithm }) => algorithm === wanted);
    return rule?.zone ?? rule?.line;
  };
  t.same(
    ['absence', 'queue_length', 'dwell', 'line_count'].map(placeOf),
    [hallZones['window-1'], hallZones.queue, hallZones.hall, hallLines.entrance],
    'places are where the scene has them',
  );

  const absence = await waitUntil(
    'the counter that was left, with both pictures and the clip',
    async () => {
      const items = await api.all<{ id: string }>(`/review/items?deviceId=${counter}`);
      const whole = await Promise.all(items.map(({ id }) => api.get<{ parts: Part[] }>(`/review/items/${id}`)));
      const found = whole.flatMap(({ parts }) => parts).find(({ algorithm }) => algorithm === 'absence');
      const files = await api.all<{ id: string; state: string }>(`/evidence?deviceId=${counter}`);
      const isHere = (id: string) => files.some((file) => file.id === id && file.state === 'complete');
      const here = found?.evidence.filter(({ id }) => isHere(id)).map(({ role }) => role);
      return ['overview', 'closeup', 'clip'].every((role) => here?.includes(role)) && found;
    },
    { withinMs: 180_000, everyMs: 500 },
  );
  const verdict = await api.post<{ result: string; rows: { signature: string }[] }>(
    `/review/findings/${absence.id}/verification`,
  );
  t.equal(verdict.result, 'intact', 'files, hashes and chain are whole');
  t.ok(verdict.rows.every(({ signature }) => signature === 'valid'));
  const own = await runHub(unit, 'vision', 'verify', absence.id, '--json');
  t.equal(own.code, 0, own.err);

  const seenNow = () => lines.filter(({ type }) => type === 'status').map((line) => (line as Status).vision?.cameras);
  await waitUntil('people in the street to be told on the screen', () =>
    seenNow().some((all) => all?.some(({ id, people }) => id !== counter && people > 1)),
  );
  await waitUntil(
    'people to be counted, minute by minute',
    async () => {
      const [from, to] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 60_000)].map((at) =>
        at.toISOString(),
      );
      const { rules } = await api.get<{ rules: { occupancyMost: number | null; in: number | null }[] }>(
        `/vision/flow?from=${from}&to=${to}&step=minute`,
      );
      return rules.some((rule) => (rule.occupancyMost ?? 0) > 1) && rules.some((rule) => rule.in !== null);
    },
    { everyMs: 500 },
  );
  await t.test('both are live in a browser', { skip: noBrowser }, (t) => seeThemLive(t, api));
};

const seeThemLive = async (t: Test, api: ApiClient): Promise<void> => {
  const browser = await openBrowser();
  try {
    const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1280, height: 800 } });
    const [name = '', value = ''] = api.cookie.split('; ')[0]?.split('=') ?? [];
    await context.addCookies([{ name, value, url: api.origin }]);
    const page = await context.newPage();
    page.setDefaultTimeout(pageTimeoutMs);
    const errors = watchErrors(page);
    await page.goto(`${api.origin}/video/live`);
    await waitUntil('two live pictures', async () => (await page.locator('.live-picture.is-live').count()) === 2);
    const haveSizes = `[...document.querySelectorAll('.live-picture video')].every((video) => video.videoWidth > 0)`;
    await waitUntil('their sizes', async () => await page.evaluate<boolean>(haveSizes));
    const at = async () => Number(await page.evaluate(`document.querySelector('video').currentTime`));
    const before = await at();
    await waitUntil('pictures to move', async () => (await at()) > before + 0.5);
    // The counter is filmed in 16:9, the street in 4:3: nobody sees one under the other's name.
    const shapes = await page.evaluate(
      `[...document.querySelectorAll('.live-picture')].map((one) => {
        const video = one.querySelector('video');
        return [one.querySelector('.live-name').textContent, Math.round((90 * video.videoWidth) / video.videoHeight)];
      }).sort()`,
    );
    t.same(shapes, [
      ['厅外人行道摄像机', 120],
      ['营业厅柜台摄像机', 160],
    ]);
    await page.goto(`${api.origin}/video/review`);
    await page.getByText('1 号窗口签到后无人').first().waitFor();
    t.same(errors, []);
  } finally {
    await browser.close();
  }
};
