import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Box, hallTimeText, layOut, overlaySchema, visionRuleSchema } from '@hallhub/shared/vision';
import sharp from 'sharp';
import t from 'tap';
import { FragmentReader } from '../pipeline/fragment-reader.js';
import { clipArgs, ffmpegRun, fragmentedClip, skipWithoutFfmpeg } from '../pipeline/test-clip.js';
import { RecordingRing } from '../recording/index.js';
import { antiForgeryCode, overlayKeyOf } from './anti-forgery-code.js';
import { blurRegions, headOf, regionsToBlur } from './blur-faces.js';
import type { EvidenceJob } from './evidence-job.js';
import { EvidenceMaker, type EvidenceMakerOptions, linesFor } from './evidence-maker.js';
import { hasChineseFont } from './overlay-text.js';

const startMs = Date.UTC(2026, 5, 1, 2);
const id = '01a20262-9489-7000-9064-d6158e8a23a8';
const zone = [
  [0.1, 0.1],
  [0.4, 0.1],
  [0.4, 0.6],
  [0.1, 0.6],
];
const rule = (more: object = {}) =>
  visionRuleSchema.parse({ id, name: '一号窗口脱岗', algorithm: 'absence', zone, clip: {}, ...more });
const person: Box = [0.45, 0.2, 0.1, 0.5];

const noise = (width: number, height: number) => {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < rgb.length; i++) rgb[i] = (i * 2_654_435_761) >>> 24;
  return { width, height, rgb };
};

const job = (more: Partial<EvidenceJob> = {}): EvidenceJob => ({
  ...{
    episodeId: id,
    cameraId: id,
    cameraName: '柜台一',
    placeName: '演示营业厅',
    zone: 'Asia/Shanghai',
    rule: rule(),
  },
  ...{ overlay: overlaySchema.parse({ sizePx: 16 }), code: '7F3K9-QXD21', startedAt: startMs, atMs: startMs + 6_000 },
  ...{ seen: [], people: [person], picture: noise(320, 180), ...more },
});

const makerAt = (folder: string, more: Partial<EvidenceMakerOptions> = {}) =>
  new EvidenceMaker({
    ...{ folder: path.join(folder, 'made'), ffmpeg: 'ffmpeg', clips: 'reduced' as const },
    ...{ faces: () => undefined, ring: () => undefined, ...more },
  });

const filmed = { seconds: 40, fps: 5, group: 10, size: '640x360' };

/** As the pipeline makes it: smaller, of the same stream. */
const lookedAt = (folder: string, seconds: number) => {
  const file = path.join(folder, 'filmed.mp4');
  ffmpegRun([...clipArgs(filmed), '-y', file]);
  const one = ['-frames:v', '1', '-vf', 'scale=320:180:flags=bilinear', '-pix_fmt', 'rgb24', '-f', 'rawvideo'];
  return {
    width: 320,
    height: 180,
    rgb: new Uint8Array(ffmpegRun(['-ss', String(seconds), '-i', file, ...one, 'pipe:1'])),
  };
};

const recorded = async (folder: string) => {
  const ring = new RecordingRing({ folder: path.join(folder, 'ring'), segmentMs: 10_000 });
  await ring.start();
  const reader = new FragmentReader({
    now: () => startMs,
    onInit: (init) => ring.onInit(init),
    onFragment: (fragment) => ring.onFragment({ ...fragment, atMs: startMs - 20_000 + fragment.mediaMs }),
  });
  reader.push(fragmentedClip(filmed));
  await ring.flush();
  return ring;
};

t.test('pictures: blurred, marked, with the text below; a close-up; true hashes', async (t) => {
  const folder = t.testdir();
  const made = await makerAt(folder).pictures(job({ seen: [{ label: 'person', confidence: 0.9, box: person }] }));
  t.match(made, { faces: 'blurred', source: 'analysed', picture: { width: 320, height: 180 } });
  const [overview, closeup] = made?.files ?? [];
  t.match([overview?.role, closeup?.role], ['overview', 'closeup']);
  for (const file of made?.files ?? []) {
    const bytes = readFileSync(file.file);
    t.equal(bytes.length, file.bytes);
    t.equal(createHash('sha256').update(bytes).digest('hex'), file.sha256);
    t.equal(createHash('sm3').update(bytes).digest('hex'), file.sm3);
  }
  const shown = await sharp(overview?.file ?? '').metadata();
  t.equal(shown.width, 320);
  t.ok((shown.height ?? 0) > 180, 'the band is below');
  t.ok(((await sharp(closeup?.file ?? '').metadata()).width ?? 0) >= 480);
  t.same(
    readdirSync(path.join(folder, 'made')).filter((name) => !/\.(?:jpg|made\.json)$/.test(name)),
    [],
  );
});

t.test('faces: clear where somebody wrote down why, none where none is, not looked for without anything', async (t) => {
  const folder = t.testdir();
  const maker = makerAt(folder);
  t.match(await maker.pictures(job({ rule: rule({ facesClearBecause: '公安要求' }) })), { faces: 'clear' });
  t.match(await maker.pictures(job({ people: [] })), { faces: 'not_looked_for' });
  const finder = { find: async () => [] };
  t.match(await makerAt(folder, { faces: () => finder }).pictures(job({ people: [] })), { faces: 'none' });
  const found = { find: async () => [{ box: [0.7, 0.7, 0.05, 0.08] as Box, confidence: 0.9 }] };
  t.match(await makerAt(folder, { faces: () => found }).pictures(job({ people: [] })), { faces: 'blurred' });
});

t.test('a blurred region is a few cells, all else stays as it was', async (t) => {
  const picture = noise(200, 100);
  const hidden = blurRegions(picture, [[0.25, 0.25, 0.25, 0.5]]);
  const colours = new Set<string>();
  let changed = 0;
  for (let y = 0; y < 100; y++) {
    for (let x = 0; x < 200; x++) {
      const at = (y * 200 + x) * 3;
      const isInside = x >= 50 && x < 100 && y >= 25 && y < 75;
      const isSame = [0, 1, 2].every((i) => hidden.rgb[at + i] === picture.rgb[at + i]);
      if (isInside) colours.add(hidden.rgb.subarray(at, at + 3).join());
      else if (!isSame) changed += 1;
    }
  }
  t.ok(colours.size <= 36);
  t.equal(changed, 0);
  t.not(hidden.rgb, picture.rgb);
  t.doesNotThrow(() => blurRegions(picture, [[-1, -1, 0.1, 0.1], [0.99, 0.99, 1, 1], headOf([0, 0, 0.1, 0.3], 2)]));
});

t.test('who has a face that was found is not blurred twice; who has none keeps no face', async (t) => {
  const face: Box = [0.48, 0.22, 0.04, 0.06];
  t.equal(regionsToBlur([face], [person], 16 / 9).length, 1);
  t.equal(regionsToBlur([], [person], 16 / 9).length, 1);
  t.equal(regionsToBlur([face], [person, [0.1, 0.2, 0.1, 0.5]], 16 / 9).length, 2);
  const [, y, , height] = headOf(person, 16 / 9);
  t.ok(y <= 0.2 && y + height >= 0.28);
});

t.test('text: wrapped, no higher than a third of the picture, whatever is written', async (t) => {
  const long = '很长的名字'.repeat(30);
  const facts = {
    place: long,
    camera: 'a < b & "c"\n\u0007',
    time: 'x',
    rule: long,
    code: '1',
    number: '2',
    direction: '',
    position: '',
  };
  for (const sizePx of [16, 32, 48, 64, 128] as const) {
    const overlay = overlaySchema.parse({ sizePx, fields: ['place', 'camera', 'time', 'rule', 'code', 'number'] });
    const { heightPx, fontPx } = layOut(facts, overlay, { width: 1_920, height: 1_080 });
    t.ok(heightPx <= 1_080 * 0.34 && fontPx <= sizePx, `${sizePx}`);
    for (const band of ['above', 'on', 'below'] as const) {
      const made = await makerAt(t.testdirName).pictures(
        job({ overlay: { ...overlay, band }, cameraName: facts.camera, placeName: long }),
      );
      const { height } = await sharp(made?.files[0]?.file ?? '').metadata();
      t.ok(band === 'on' ? height === 180 : (height ?? 0) > 180, band);
    }
  }
  t.equal(hallTimeText(startMs, 'Asia/Shanghai'), '2026-06-01 10:00:00 +08:00');
  t.equal(hallTimeText(startMs, 'UTC'), '2026-06-01 02:00:00 +00:00');
  t.type(await hasChineseFont(), 'boolean');
});

t.test('the code is the same for the same, and another with another key', async (t) => {
  const of = { episodeId: id, cameraId: id, startedAt: 5 };
  const code = antiForgeryCode(overlayKeyOf('secret'), of);
  t.match(code, /^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);
  t.equal(antiForgeryCode(overlayKeyOf('secret'), of), code);
  t.not(antiForgeryCode(overlayKeyOf('other'), of), code);
  t.not(antiForgeryCode(overlayKeyOf('secret'), { ...of, startedAt: 6 }), code);
});

const probe = (file: string) => {
  const shown = ['-show_entries', 'stream=codec_name,height,duration', '-of', 'json', file];
  return JSON.parse(spawnSync('ffprobe', ['-v', 'error', ...shown], { encoding: 'utf8' }).stdout).streams[0];
};

t.test(
  'from the recording: full resolution; a clip as it was, or nobody to be told in it',
  { skip: skipWithoutFfmpeg },
  async (t) => {
    const folder = t.testdir();
    const ring = await recorded(folder);
    const picture = lookedAt(folder, 26.6);
    const clear = job({ rule: rule({ facesClearBecause: '公安要求' }), picture });
    const maker = makerAt(folder, { ring: () => ring });
    t.match(await maker.pictures(clear), { source: 'recorded', picture: { width: 640, height: 360 } });
    t.match(
      await maker.pictures({ ...clear, picture: lookedAt(folder, 20) }),
      { source: 'analysed' },
      'another moment is not it',
    );
    const clip = await maker.clip(clear);
    t.match(clip, { faces: 'clear', file: { role: 'clip' }, isShortened: false });
    t.ok((clip?.fromMs ?? startMs) <= clear.atMs - 10_000, 'at least ten seconds before');
    const asItWas = probe(clip?.file.file ?? '');
    t.match(asItWas, { codec_name: 'h264', height: 360 });
    t.ok(Number(asItWas.duration) >= 20);
    t.equal(
      createHash('sm3')
        .update(readFileSync(clip?.file.file ?? ''))
        .digest('hex'),
      clip?.file.sm3,
    );
    const reduced = await maker.clip({ ...clear, rule: rule() });
    t.match(reduced, { faces: 'blurred' });
    t.ok(Number(probe(reduced?.file.file ?? '').duration) >= 20);
    t.equal(await makerAt(folder, { ring: () => ring, clips: 'none' }).clip({ ...clear, rule: rule() }), undefined);
    t.equal(await maker.clip({ ...clear, atMs: startMs + 900_000 }), undefined, 'not recorded');
    const without = makerAt(folder, { ring: () => ring, ffmpeg: '/nowhere/ffmpeg' });
    t.match(
      await without.pictures(clear),
      { source: 'analysed', problem: /nowhere/ },
      'a picture there is all the same',
    );
    await t.rejects(without.clip(clear), { code: 'unavailable' });
    t.equal(readdirSync(path.join(folder, 'made')).filter((name) => /raw|small|group|part/.test(name)).length, 0);
    t.equal(linesFor([]), 84);
    t.equal(linesFor([[0, 0, 0.5, 1]]), 42);
    await ring.stop();
  },
);
