import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Test } from 'tap';
import { testFolder } from '../test-folder.js';
import type { TestHall } from '../test-hall.js';
import { waitUntil } from '../wait-until.js';

interface Recorded {
  readonly spans: readonly { readonly from: string; readonly to: string }[];
}

export interface PlayBackOptions {
  readonly hall: TestHall;
  readonly page: Page;
  readonly deviceId: string;
  /** Of the page. */
  readonly errors: readonly string[];
  readonly size: { readonly width: number; readonly height: number };
  readonly fps: number;
}

/** A camera that records: its recording in a browser, by key, and as a file; and by `hub` at the unit. */
export const playBack = async (
  t: Test,
  { hall, page, deviceId, errors, size, fps }: PlayBackOptions,
): Promise<void> => {
  const { api } = hall;
  const path = `/video/recordings/${deviceId}`;
  const day = {
    from: new Date(Date.now() - 3_600_000).toISOString(),
    to: new Date(Date.now() + 3_600_000).toISOString(),
  };
  const span = await waitUntil('twelve seconds of a recording', async () => {
    const { spans } = await api.get<Recorded>(`${path}/spans?${new URLSearchParams(day)}`);
    const last = spans.at(-1);
    return last && Date.parse(last.to) - Date.parse(last.from) >= 12_000 ? last : undefined;
  });
  const from = Date.parse(span.from);

  const stage = page.locator('.playback-stage');
  const shown = async () => Number(await stage.getAttribute('data-at'));
  const at = new Date(from + 5_000).toISOString();
  await page.goto(`${api.origin}/video/playback?camera=${deviceId}&at=${encodeURIComponent(at)}`);
  await page.locator('.playback-stage[data-first-picture-ms]').waitFor();
  const firstMs = Number(await stage.getAttribute('data-first-picture-ms'));
  t.comment(`first picture after ${firstMs} ms`);
  const of = (what: string) => page.evaluate(`document.querySelector('.playback-stage video').${what}`);
  t.same([await of('videoWidth'), await of('videoHeight')], [size.width, size.height]);
  await waitUntil('it to play', async () => (await shown()) > from + 6_000);
  await page.keyboard.press('k');
  await waitUntil('it to stand', async () => (await stage.getAttribute('data-status')) === 'paused');
  const stoodAt = await shown();

  const frameMs = 1_000 / fps;
  const stood = Number(await of('currentTime')) * 1_000;
  await page.keyboard.press('.');
  await waitUntil('the next picture', async () => Number(await of('currentTime')) * 1_000 > stood + 1);
  const next = Number(await of('currentTime')) * 1_000;
  t.ok(next - stood <= frameMs * 1.5, `one picture on: ${next - stood} ms`);
  await page.keyboard.press(',');
  await waitUntil('the picture before', async () => Number(await of('currentTime')) * 1_000 < next - 1);
  const back = Number(await of('currentTime')) * 1_000;
  t.ok(Math.abs(next - back - frameMs) < frameMs * 0.5, `one picture back: ${next - back} ms`);

  await page.keyboard.press('ArrowLeft');
  await waitUntil('five seconds before', async () => (await shown()) < stoodAt - 4_000);
  await waitUntil('its picture', async () => (await stage.getAttribute('data-status')) === 'paused');
  t.same(await of('error'), null);
  const again = Number(await stage.getAttribute('data-first-picture-ms'));
  t.comment(`a seek took ${again} ms`);
  await waitUntil('every span to be drawn', async () => {
    const { spans } = await api.get<Recorded>(`${path}/spans?${new URLSearchParams(day)}`);
    return (await page.locator('.playback-span').count()) === spans.length;
  });
  t.same(errors, []);
  const viewed = await api.all<{ target: { id: string } }>('/audit?action=recording.viewed');
  t.ok(
    viewed.some(({ target }) => target.id === deviceId),
    'who looked is written down',
  );

  const asked = { from: new Date(from + 1_000).toISOString(), to: new Date(from + 9_000).toISOString() };
  const plan = await api.post<{ ticket: string; bytes: number; pictures: number }>(`${path}/downloads`, asked);
  const answer = await fetch(`${api.origin}/api/v1${path}/file?ticket=${plan.ticket}`, {
    headers: { cookie: api.cookie },
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  t.equal(bytes.length, plan.bytes);
  const entry = await waitUntil(
    'the download to be written down',
    async () => (await api.all<{ after: { sha256: string } }>('/audit?action=recording.downloaded'))[0],
  );
  t.equal(entry.after.sha256, createHash('sha256').update(bytes).digest('hex'), 'what was handed out is written down');
  const folder = testFolder(t);
  const file = join(folder, 'download.mp4');
  writeFileSync(file, bytes);
  const probe = ['-v', 'error', '-count_frames', '-show_entries', 'stream=nb_read_frames', '-of', 'csv=p=0', file];
  const { stdout, stderr } = spawnSync('ffprobe', probe, { encoding: 'utf8' });
  t.equal(stderr, '');
  t.equal(Number(stdout), plan.pictures);
};
