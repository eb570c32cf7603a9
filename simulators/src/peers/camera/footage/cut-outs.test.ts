import t from 'tap';
import { readCast } from './cut-outs.js';
import { connectedParts, personMask } from './foreground.js';
import { medianPicture } from './median-picture.js';
import { findStreetFootage, streetPictures } from './street-footage.js';
import { readStreetLabels } from './street-labels.js';

const size = { width: 40, height: 60 };
const grey = 120;
const blank = () => new Uint8Array(size.width * size.height * 3).fill(grey);
const paint = (rgb: Uint8Array, [left, top, width, height]: readonly number[], value: number) => {
  for (let y = top!; y < top! + height!; y++)
    for (let x = left!; x < left! + width!; x++)
      rgb.fill(value, (y * size.width + x) * 3, (y * size.width + x) * 3 + 3);
  return rgb;
};

t.test('the ground is what is there most of the time', async (t) => {
  const pictures = [0, 1, 2, 3, 4].map((i) => paint(blank(), [i * 8, 10, 8, 30], 10));
  t.same([...new Set(medianPicture(pictures))], [grey]);
  t.throws(() => medianPicture([]), RangeError);
});

t.test('a person is the largest part that differs, without holes and specks', async (t) => {
  const rgb = paint(blank(), [12, 10, 14, 40], 20);
  paint(rgb, [18, 20, 2, 2], grey);
  paint(rgb, [35, 50, 1, 1], 255);
  const mask = personMask(rgb, { ground: blank(), size, box: { x: 2, y: 2, width: 36, height: 56 } });
  const parts = connectedParts(mask, 36);
  t.equal(parts.length, 1);
  t.match(parts[0], { x: 10, y: 8, width: 14, height: 40, area: 14 * 40 });
  const nobody = personMask(blank(), { ground: blank(), size, box: { x: 0, y: 0, ...size } });
  t.notOk(nobody.some(Boolean));
});

t.test('the cast lies in the footage', async (t) => {
  const cast = readCast();
  t.ok(cast.length >= 10);
  t.equal(new Set(cast.map(({ name }) => name)).size, cast.length);
  for (const { name, boxes } of cast) {
    t.ok(
      boxes.every(([at], i) => at < streetPictures.frames && (i === 0 || at > boxes[i - 1]![0])),
      name,
    );
    t.ok(
      boxes.every(
        ([, x, y, w, h]) => x >= 0 && y >= 0 && x + w <= streetPictures.width && y + h <= streetPictures.height,
      ),
      name,
    );
  }
});

t.test('the labels lie in the footage, each picture once', async (t) => {
  const { pictures } = readStreetLabels();
  t.ok(pictures.length >= 30);
  t.same(
    [...new Set(pictures.map(({ picture }) => picture))],
    pictures.map(({ picture }) => picture),
  );
  for (const { picture, clear, partly, far } of pictures) {
    t.ok(picture < streetPictures.frames);
    const places = [...clear, ...partly, ...far];
    t.ok(places.every(([x, y]) => x < streetPictures.width && y < streetPictures.height));
    t.equal(new Set(places.map(String)).size, places.length);
  }
});

t.test('missing footage is told with the command that brings it', async (t) => {
  const folder = t.testdir({ 'walk.avi': '' });
  t.same(findStreetFootage({ HALLHUB_FOOTAGE: `${folder}/walk.avi` }), { file: `${folder}/walk.avi` });
  t.match(findStreetFootage({ HALLHUB_FOOTAGE: `${folder}/none.avi` }), {
    install: /apt-get install .*opencv-doc$/,
    why: /none\.avi/,
  });
});
