import path from 'node:path';
import { type Box, overlaySchema, overlaySizesPx, positionText, visionRuleSchema } from '@hallhub/shared/vision';
import sharp from 'sharp';
import t from 'tap';
import { EarlierPictures } from './earlier-pictures.js';
import type { EvidenceJob } from './evidence-job.js';
import { EvidenceMaker } from './evidence-maker.js';
import { fourInOne } from './four-in-one.js';

const id = '01a20262-9489-7000-9064-d6158e8a23a8';
const startMs = Date.UTC(2026, 5, 1, 2);
const rule = visionRuleSchema.parse({
  ...{ id, name: '越线', algorithm: 'line_cross' },
  line: [
    [0.1, 0.5],
    [0.9, 0.5],
  ],
});

type Colour = readonly [number, number, number];
const grey: Colour = [120, 120, 120];

const plain = (width: number, height: number, [r, g, b]: Colour = grey) => {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < rgb.length; i += 3) rgb.set([r, g, b], i);
  return { width, height, rgb };
};

const job = (overlay: object, more: Partial<EvidenceJob> = {}): EvidenceJob => ({
  ...{ episodeId: id, cameraId: id, cameraName: 'C', placeName: 'P', zone: 'Asia/Shanghai', rule, code: '7F3K9-QXD21' },
  ...{ startedAt: startMs, atMs: startMs, seen: [], people: [], picture: plain(1_280, 720) },
  ...{ overlay: overlaySchema.parse(overlay), ...more },
});

const makerAt = (folder: string) =>
  new EvidenceMaker({
    ...{ folder: path.join(folder, 'made'), ffmpeg: 'ffmpeg', clips: 'reduced' as const },
    ...{ faces: () => undefined, ring: () => undefined },
  });

const pixels = async (file: string | undefined) => {
  const { data, info } = await sharp(file ?? '')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number): number[] => [
    ...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3),
  ];
  /** Pixels of a row that are about of that colour. */
  const like = (colour: Colour, y: number) => {
    let count = 0;
    for (let x = 0; x < info.width; x++)
      if (at(x, y).every((value, i) => Math.abs(value - (colour[i] as number)) < 60)) count += 1;
    return count;
  };
  return { ...info, at, like };
};

const near = (a: number[], b: Colour, within = 12) =>
  a.every((value, i) => Math.abs(value - (b[i] as number)) <= within);

t.test('the band stands where it is asked for, and the picture beside it is untouched', async (t) => {
  const maker = makerAt(t.testdir());
  for (const band of ['above', 'on', 'below', 'none'] as const) {
    const made = await maker.pictures(job({ band, sizePx: 32 }));
    const { width, height, at } = await pixels(made?.files[0]?.file);
    t.equal(width, 1_280);
    const extra = height - 720;
    t.ok(band === 'above' || band === 'below' ? extra > 32 && extra < 120 : extra === 0, `${band}: ${extra}`);
    const corner = { above: [1_275, 2], below: [1_275, height - 3], on: [1_275, 717], none: [1_275, 717] }[band] as [
      number,
      number,
    ];
    const dark = at(...corner);
    if (band === 'none') t.ok(near(dark, grey), 'no band');
    else if (band === 'on')
      t.ok((dark[0] as number) < 80 && (dark[0] as number) > 20, 'a veil, through which the picture is seen');
    else t.ok(near(dark, [0, 0, 0]), `${band}: black`);
    t.ok(near(at(640, band === 'above' ? extra + 100 : 100), grey), `${band}: the picture`);
  }
});

t.test('letters are as high and of the colour that was asked for', async (t) => {
  const maker = makerAt(t.testdir());
  const heights: number[] = [];
  for (const sizePx of overlaySizesPx) {
    const made = await maker.pictures(job({ band: 'below', sizePx, colour: '#ff0000', fields: ['code'] }));
    const { width, height, at } = await pixels(made?.files[0]?.file);
    // JPEG halves the resolution of colour: thin letters are a darker red.
    const isInked = (y: number, across: number) =>
      Array.from({ length: across }, (_, x) => at(x, y)).some(([r = 0, g = 0]) => r - g > 50);
    const rows = Array.from({ length: height - 720 }, (_, i) => i + 720).filter((y) => isInked(y, width));
    const letters = (rows.at(-1) ?? 0) - (rows[0] ?? 0) + 1;
    t.ok(letters > sizePx * 0.5 && letters < sizePx * 1.1, `${sizePx}: ${letters} rows`);
    heights.push(letters);
  }
  t.same(
    heights,
    [...heights].sort((a, b) => a - b),
  );
});

t.test('direction and position take room only where there is one', async (t) => {
  const maker = makerAt(t.testdir());
  const inked = async (more: Partial<EvidenceJob>) => {
    const made = await maker.pictures(job({ band: 'below', sizePx: 32, fields: ['direction', 'position'] }, more));
    const { height, like } = await pixels(made?.files[0]?.file);
    let ink = 0;
    for (let y = 720; y < height; y++) ink += like([255, 255, 255], y);
    return { height, ink };
  };
  t.same(await inked({}), { height: 720, ink: 0 }, 'nothing to say: no band');
  const way = await inked({ way: 'in' });
  const both = await inked({ way: 'in', position: { lat: 31.2304, lon: 121.4737 } });
  t.ok(way.ink > 0 && both.ink > way.ink * 1.5, `${way.ink} ${both.ink}`);
  t.equal(positionText({ lat: 31.2304, lon: 121.4737 }), '31.23040°N 121.47370°E');
  t.equal(positionText({ lat: -33.8, lon: -70.123456 }), '33.80000°S 70.12346°W');
});

t.test('four in one: two by two in their order, the close-up lower right', async (t) => {
  const colours: Colour[] = [
    [200, 30, 30],
    [30, 200, 30],
    [30, 30, 200],
  ];
  const [first, second, third] = colours.map((colour) => plain(640, 360, colour));
  if (!first || !second || !third) return;
  const made = await fourInOne({
    ...{ before: [first, second], now: third },
    closeup: { left: 100, top: 100, width: 60, height: 60 },
  });
  t.match(made, { width: 1_280, height: 720 });
  const at = (x: number, y: number) => [...made.rgb.subarray((y * made.width + x) * 3, (y * made.width + x) * 3 + 3)];
  t.ok(near(at(320, 180), [200, 30, 30], 3), 'the oldest, upper left');
  t.ok(near(at(960, 180), [30, 200, 30], 3));
  t.ok(near(at(320, 540), [30, 30, 200], 3));
  t.ok(near(at(960, 540), [30, 30, 200], 3), 'the close-up');
  t.ok(near(at(700, 540), [0, 0, 0], 3), 'is not stretched: black beside it');
  const large = await fourInOne({ before: [plain(320, 180)], now: plain(3_840, 2_160), closeup: undefined });
  t.match(large, { width: 1_920, height: 1_080 });
});

t.test(
  'four in one as evidence: with its text, faces of every moment hidden, only where it is asked for',
  async (t) => {
    const person: Box = [0.4, 0.2, 0.2, 0.6];
    const noisy = plain(640, 360);
    for (let i = 0; i < noisy.rgb.length; i++) noisy.rgb[i] = (i * 2_654_435_761) >>> 24;
    const earlier = [
      { atMs: startMs - 10_000, picture: noisy, people: [person] },
      { atMs: startMs - 5_000, picture: noisy, people: [] },
    ];
    const maker = makerAt(t.testdir());
    const asked = { picture: plain(640, 360), earlier };
    const roles = async (overlay: object, more: Partial<EvidenceJob>) =>
      (await maker.pictures(job(overlay, more)))?.files.map(({ role }) => role);
    t.notOk((await roles({}, asked))?.includes('composite'));
    t.notOk((await roles({ layout: 'four' }, { picture: asked.picture }))?.includes('composite'), 'nothing was before');
    const made = await maker.pictures(job({ layout: 'four', band: 'below', sizePx: 32 }, asked));
    const composite = made?.files.find(({ role }) => role === 'composite');
    const { width, height, at } = await pixels(composite?.file);
    t.equal(width, 1_280);
    t.ok(height > 720, 'with its band');
    const spread = (left: number) => {
      const values = Array.from({ length: 40 }, (_, i) => at(left + i, 95)[0] as number);
      return new Set(values.map((value) => value >> 4)).size;
    };
    t.ok(
      spread(300) < spread(940),
      'the head of the first moment is a few cells, the same place of the second is noise',
    );
  },
);

t.test('of what was before, a picture every five seconds is kept, and not for ever', async (t) => {
  const earlier = new EarlierPictures();
  const one = (atMs: number) => ({ atMs, picture: plain(2, 2), people: [] });
  t.same(earlier.before(0), []);
  for (let ms = 0; ms <= 60_000; ms += 200) earlier.keep(one(ms));
  t.same(
    earlier.before(60_000).map(({ atMs }) => atMs),
    [50_000, 55_000],
  );
  earlier.keep(one(1_000));
  t.same(earlier.before(1_200), [], 'a clock that went back begins anew');
});
