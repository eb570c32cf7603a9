import { isHubError } from '@hallhub/shared';
import fc from 'fast-check';
import t from 'tap';
import type { Fragment, InitSegment } from './fragment.js';
import { FragmentReader } from './fragment-reader.js';
import { MediaClock } from './media-clock.js';
import { fragmentedClip, skipWithoutFfmpeg as skip } from './test-clip.js';

const startMs = Date.UTC(2026, 10, 22, 9);

const read = (bytes: Uint8Array, sizes: readonly number[] = [bytes.length]) => {
  const inits: InitSegment[] = [];
  const fragments: Fragment[] = [];
  const reader = new FragmentReader({
    now: () => startMs + fragments.length * 100,
    onInit: (init) => inits.push(init),
    onFragment: (fragment) => fragments.push(fragment),
  });
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length] as number);
    reader.push(bytes.subarray(at, at + size));
    at += size;
  }
  return { inits, fragments, reader };
};

t.test('H.264: the init segment and one fragment a picture', { skip }, async (t) => {
  const clip = fragmentedClip({ seconds: 2, fps: 10, group: 10 });
  const { inits, fragments } = read(clip);
  t.match(inits, [{ codec: /^avc1\.[0-9a-f]{6}$/, width: 320, height: 180 }]);
  t.equal(fragments.length, 20);
  t.same(
    fragments.map(({ isKeyframe }, i) => (isKeyframe ? i : -1)).filter((i) => i >= 0),
    [0, 10],
  );
  t.equal(Math.round(fragments[5]?.mediaMs ?? 0), 500);
  t.equal(Math.round(fragments[5]?.durationMs ?? 0), 100);
  t.equal(Math.round(fragments[5]?.atMs ?? 0), startMs + 400, 'when it began, not when it came');
  const whole = Buffer.concat([inits[0]?.bytes ?? new Uint8Array(), ...fragments.map(({ bytes }) => bytes)]);
  t.ok(whole.equals(clip), 'nothing of the stream is lost');
});

t.test('cut anywhere it reads the same', { skip }, async () => {
  const clip = fragmentedClip({ seconds: 1, fps: 5, size: '96x64' });
  const { fragments } = read(clip);
  const seen = JSON.stringify(fragments.map(({ isKeyframe, mediaMs, bytes }) => [isKeyframe, mediaMs, bytes.length]));
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9_000 })), { minLength: 1 }),
      (sizes) => {
        const again = read(clip, sizes).fragments;
        return (
          seen === JSON.stringify(again.map(({ isKeyframe, mediaMs, bytes }) => [isKeyframe, mediaMs, bytes.length]))
        );
      },
    ),
    { numRuns: 40 },
  );
});

t.test('H.265, MPEG-4 and pictures in pictures of JPEG are named as players name them', { skip }, async (t) => {
  const codecs: [string, RegExp][] = [
    ['libx265 -preset ultrafast -x265-params log-level=none -tag:v hvc1', /^hvc1\.1\.6\.L\d+\.[0-9A-F.]+$/],
    ['mpeg4', /^mp4v\.20$/],
    ['mjpeg', /^mp4v\.6c$/],
  ];
  for (const [codec, name] of codecs) {
    const clip = fragmentedClip({ seconds: 1, fps: 5, codec: ['-pix_fmt', 'yuvj420p', '-c:v', ...codec.split(' ')] });
    const { inits, fragments } = read(clip);
    t.match(inits[0]?.codec, name);
    t.equal(fragments.length, 5);
    t.ok(fragments[0]?.isKeyframe);
  }
});

t.test('a camera that changes its picture in the middle is seen by its parameter sets', { skip }, async (t) => {
  const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-bsf:v', 'dump_extra'];
  const first = fragmentedClip({ seconds: 1, fps: 5, codec });
  const second = fragmentedClip({ seconds: 1, fps: 5, size: '640x360', codec });
  const { reader, fragments } = read(first);
  t.equal(fragments.length, 5);
  const begin = second.indexOf('moof') - 4;
  try {
    reader.push(second.subarray(begin));
    t.fail('nothing was seen');
  } catch (error) {
    t.ok(isHubError(error, 'gone'));
  }
  t.equal(fragments.length, 5);
});

t.test('what is no such stream ends it, and takes no memory', async (t) => {
  for (const bytes of [
    Buffer.from('HTTP/1.1 404 Not Found\r\n\r\n'),
    Buffer.from([0x7f, 0xff, 0xff, 0xff, ...Buffer.from('mdat')]),
    Buffer.from([0, 0, 0, 4, ...Buffer.from('free')]),
    Buffer.from([0, 0, 0, 9, ...Buffer.from('mdat'), 1]),
    Buffer.from([0, 0, 0, 8, ...Buffer.from('moov')]),
  ]) {
    t.throws(() => read(bytes), { code: 'protocol_violation' });
  }
});

t.test('broken fragments throw what is expected, whatever the break', { skip }, async () => {
  const clip = fragmentedClip({ seconds: 1, fps: 5, size: '96x64' });
  fc.assert(
    fc.property(fc.nat(clip.length - 1), fc.integer({ min: 0, max: 255 }), (at, value) => {
      const broken = Buffer.from(clip);
      broken[at] = value;
      try {
        read(broken);
      } catch (error) {
        if (!isHubError(error, 'protocol_violation') && !isHubError(error, 'gone')) throw error;
      }
    }),
    { numRuns: 300 },
  );
});

t.test('media time becomes wall time: bursts are smoothed, jumps are followed', async (t) => {
  const clock = new MediaClock();
  t.equal(clock.at(0, 1_000_000), 1_000_000);
  t.equal(clock.at(100, 1_000_600), 1_000_110, 'late by half a second: hardly moved');
  t.equal(clock.at(200, 1_000_610), 1_000_218);
  t.equal(clock.at(300, 1_090_000), 1_090_000, 'the unit’s clock jumped');
  t.equal(clock.at(40_000, 1_090_100), 1_090_100, 'the camera’s time jumped');
  t.equal(clock.jumps, 2);
});
