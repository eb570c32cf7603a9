import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import t from 'tap';
import { decodePicture, maxPictureBytes, readPictureFile } from './read-picture.js';

/** Red to the left, blue to the right. */
const halves = (width = 40, height = 20) =>
  sharp(
    Buffer.from(
      Array.from({ length: width * height }, (_, i) => (i % width < width / 2 ? [250, 0, 0] : [0, 0, 250])).flat(),
    ),
    { raw: { width, height, channels: 3 } },
  );
const pixel = ({ width, rgb }: { width: number; rgb: Uint8Array }, x: number, y: number) => [
  ...rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];
const bitmap = (fromBelow: boolean, bits = 24, compression = 0): Buffer => {
  const [width, height] = [3, 2];
  const rowBytes = Math.ceil((width * bits) / 32) * 4;
  const bytes = Buffer.alloc(54 + rowBytes * height);
  bytes.write('BM');
  bytes.writeUInt32LE(54, 10);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(fromBelow ? height : -height, 22);
  bytes.writeUInt16LE(bits, 28);
  bytes.writeUInt32LE(compression, 30);
  // Blue, green, red of the first pixel that is stored.
  bytes.set([1, 2, 3], 54);
  return bytes;
};
/** A PNG whose header promises more than there is. */
const bomb = (side: number): Buffer => {
  const chunk = (name: string, body: Buffer) => {
    const named = Buffer.concat([Buffer.from(name), body]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(body.length);
    check.writeUInt32BE(crcOf(named));
    return Buffer.concat([length, named, check]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.alloc(1_000_000))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};
const crcOf = (bytes: Buffer): number => {
  if (typeof crc32 === 'function') return crc32(bytes);
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  }
  return (crc ^ 0xffff_ffff) >>> 0;
};

t.test('pictures of cameras, scanners and card readers become upright pixels', async (t) => {
  for (const packed of [
    await halves().png().toBuffer(),
    await halves().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer(),
    await halves().webp({ lossless: true }).toBuffer(),
  ]) {
    const picture = await decodePicture(packed);
    t.match(picture, { width: 40, height: 20 });
    t.ok(pixel(picture, 5, 10)[0]! > 230 && pixel(picture, 35, 10)[2]! > 230);
  }
  const turned = await halves().withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer();
  const upright = await decodePicture(turned);
  t.match(upright, { width: 20, height: 40 }, 'as its EXIF says');
  t.ok(pixel(upright, 10, 5)[0]! > 230 && pixel(upright, 10, 35)[2]! > 230);
  const clear = await sharp({ create: { width: 8, height: 8, channels: 4, background: '#00000000' } })
    .png()
    .toBuffer();
  t.same(pixel(await decodePicture(clear), 4, 4), [255, 255, 255], 'transparent is white');
  const grey = await halves().greyscale().png().toBuffer();
  t.equal((await decodePicture(grey)).rgb.length, 40 * 20 * 3);
  const large = await sharp({ create: { width: 4_000, height: 2_000, channels: 3, background: '#345' } })
    .jpeg()
    .toBuffer();
  t.match(await decodePicture(large), { width: 1_600, height: 800 });
  t.same(pixel(await decodePicture(bitmap(true)), 0, 1), [3, 2, 1], 'a bitmap from below');
  t.same(pixel(await decodePicture(bitmap(false, 32)), 0, 0), [3, 2, 1], 'a bitmap from above');
});

t.test('what is no picture, breaks off or is a bomb is refused in words', async (t) => {
  const jpeg = await sharp({ create: { width: 300, height: 300, channels: 3, background: '#147' } })
    .jpeg()
    .toBuffer();
  const refused = async (bytes: Uint8Array, code: string) => t.rejects(decodePicture(bytes), { code });
  await refused(Buffer.from('hello'), 'invalid_input');
  await refused(Buffer.alloc(0), 'invalid_input');
  await refused(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), 'invalid_input');
  await refused(jpeg.subarray(0, Math.floor(jpeg.length * 0.7)), 'invalid_input');
  await refused(Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(400, 7)]), 'invalid_input');
  await refused(bomb(30_000), 'too_large');
  await refused(bomb(600), 'invalid_input');
  await refused(bitmap(true, 8), 'invalid_input');
  await refused(bitmap(true, 24, 1), 'invalid_input');
  await refused(bitmap(true).subarray(0, 60), 'invalid_input');
  await refused(new Uint8Array(maxPictureBytes + 1), 'too_large');
});

t.test('a file is read whole, or it is said why not', async (t) => {
  const folder = t.testdir({ 'one.jpg': 'abc' });
  t.equal(Buffer.from(await readPictureFile(path.join(folder, 'one.jpg'))).toString(), 'abc');
  await t.rejects(readPictureFile(path.join(folder, 'none.jpg')), { code: 'not_found' });
  mkdirSync(path.join(folder, 'folder'));
  await t.rejects(readPictureFile(path.join(folder, 'folder')), { code: 'invalid_input' });
  writeFileSync(path.join(folder, 'huge.jpg'), new Uint8Array(maxPictureBytes + 1));
  await t.rejects(readPictureFile(path.join(folder, 'huge.jpg')), { code: 'too_large' });
});

t.test('what only looks like a file is not opened or not read to its end', async (t) => {
  const folder = t.testdir({});
  const pipe = path.join(folder, 'pipe.jpg');
  execFileSync('mkfifo', [pipe]);
  // Opened for reading, it would wait for somebody who writes.
  await t.rejects(readPictureFile(pipe), { code: 'invalid_input', message: /is no file/ });
  symlinkSync('/dev/zero', path.join(folder, 'zero.jpg'));
  await t.rejects(readPictureFile(path.join(folder, 'zero.jpg')), { code: 'invalid_input', message: /is no file/ });
  const endless = '/proc/self/maps';
  if (existsSync(endless)) await t.rejects(readPictureFile(endless), { code: 'invalid_input', message: /more than/ });
});

t.test('a file that is not to be read says who would have to be able to', async (t) => {
  await t.rejects(readPictureFile(path.join(t.testdir({}), 'none.jpg')), { code: 'not_found', hint: /agent/ });
});
