import fc from 'fast-check';
import t from 'tap';
import { PpmReader } from './ppm-reader.js';

const picture = (width: number, height: number, value: number): Buffer =>
  Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), Buffer.alloc(width * height * 3, value)]);

t.test('pictures of any sizes, cut anywhere', async () => {
  const shape = fc.record({
    width: fc.integer({ min: 1, max: 40 }),
    height: fc.integer({ min: 1, max: 30 }),
    value: fc.nat(255),
  });
  fc.assert(
    fc.property(
      fc.array(shape, { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }),
      (shapes, sizes) => {
        const stream = Buffer.concat(shapes.map(({ width, height, value }) => picture(width, height, value)));
        const reader = new PpmReader();
        const seen = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = sizes[i % sizes.length] as number;
          seen.push(...reader.push(stream.subarray(at, at + size)));
          at += size;
        }
        const told = seen.map(({ width, height, rgb }) => ({ width, height, value: rgb[0], bytes: rgb.length }));
        const wanted = shapes.map(({ width, height, value }) => ({ width, height, value, bytes: width * height * 3 }));
        return JSON.stringify(told) === JSON.stringify(wanted);
      },
    ),
  );
});

t.test('what is no picture, or too large a one, ends it', async (t) => {
  for (const text of [
    'P5\n4 4\n255\n',
    'GIF89a',
    'P6\n0 4\n255\n',
    'P6\n4 4\n65535\n',
    'P6\n99999 99999\n255\n',
    '\0',
  ]) {
    t.throws(() => new PpmReader().push(Buffer.from(text)), { code: 'protocol_violation' }, JSON.stringify(text));
  }
  t.throws(() => new PpmReader({ maxPictureBytes: 47 }).push(picture(4, 4, 0)), { code: 'protocol_violation' });
});
