import fc from 'fast-check';
import t from 'tap';
import { planFfmpeg } from './ffmpeg-plan.js';
import { FfmpegTalk, withoutAddresses } from './ffmpeg-talk.js';
import { stateOf } from './source-state.js';
import { streamAddressSchema } from './stream-address.js';

/** As ffmpeg 5.1 says it. */
const sayings: readonly (readonly [string, string, string])[] = [
  [
    "[rtsp @ 0x5642ed3945c0] [error] method DESCRIBE failed: 401 Unauthorized\n[concat @ 0x1] [error] Impossible to open 'rtsp://hub:secret@10.0.0.9/x'\n[error] pipe:0: Server returned 401 Unauthorized (authorization failed)\n",
    'wrong_credentials',
    'refused',
  ],
  ['[rtsp @ 0x1] [error] method DESCRIBE failed: 404 Not Found\n', 'not_found', 'gone'],
  ['[error] pipe:0: Server returned 5XX Server Error reply\n', 'busy', 'gone'],
  [
    '[tcp @ 0x1] [error] Connection to tcp://10.0.0.9:554?timeout=5 failed: Connection refused\n',
    'connection_refused',
    'gone',
  ],
  ['[tcp @ 0x1] [error] Failed to resolve hostname camera.hall: Name or service not known\n', 'not_resolved', 'gone'],
  ['[error] pipe:0: Connection timed out\n', 'no_answer', 'silent'],
  [
    '[mp4 @ 0x1] [error] Could not find tag for codec vp8 in stream #0, codec not currently supported in container\n',
    'not_recordable',
    'connecting',
  ],
  ['[error] Device creation failed: -22.\n', 'hardware_failed', 'connecting'],
  ['[error] /dev/video0: Device or resource busy\n', 'busy', 'gone'],
  ['[mov @ 0x1] [error] moov atom not found\n', 'bad_data', 'corrupt'],
];

t.test('what ffmpeg says becomes a reason, and a state', async (t) => {
  for (const [text, reason, state] of sayings) {
    const talk = new FfmpegTalk(() => 0);
    for (const letter of text) talk.push(letter);
    t.equal(talk.reason, reason, text);
    t.equal(talk.reason && stateOf[talk.reason], state);
    t.notMatch(talk.lines.join('\n'), /secret|10\.0\.0\.9[:/]/, 'addresses are not passed on');
  }
});

t.test('errors of decoding are counted, and forgotten after ten seconds', async (t) => {
  let nowMs = 0;
  const talk = new FfmpegTalk(() => nowMs);
  talk.push('[h264 @ 0x1] [error] error while decoding MB 5 7, bytestream -5\n'.repeat(30));
  t.equal(talk.recentDecodeErrors, 30);
  t.equal(talk.lastLine, undefined, 'and are no reason');
  nowMs = 10_001;
  t.equal(talk.recentDecodeErrors, 0);
  t.equal(talk.decodeErrors, 30);
});

t.test('whatever it says, however much: bounds hold', async () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3_000 }), { maxLength: 60 }), (texts) => {
      const talk = new FfmpegTalk(() => 0);
      for (const text of texts) talk.push(text);
      return talk.lines.length <= 12 && talk.lines.every((line) => line.length <= 600);
    }),
  );
});

t.test('addresses are taken out of what is told', async (t) => {
  t.equal(withoutAddresses("[concat @ 0x55e] 'rtsp://a:b@c/d' and http://x/y?z"), "[concat] '<address>' and <address>");
});

t.test('no argument holds address, user name or password; the script holds every letter of them', async () => {
  const text = fc.string({ minLength: 4, maxLength: 30, unit: 'grapheme' });
  fc.assert(
    fc.property(text, text, fc.constantFrom('tcp', 'udp'), (userName, password, transport) => {
      const address = streamAddressSchema.parse({
        kind: 'rtsp',
        url: 'rtsp://10.1.2.3:554/a/b?c=d',
        userName,
        password,
        transport,
      });
      const { args, script = '' } = planFfmpeg({
        address,
        fps: 5,
        sidePx: 640,
        copy: true,
        hardware: [],
        networkTimeoutMs: 10_000,
      });
      const line = /^file '(.*)'$/m.exec(script)?.[1] ?? '';
      const [, user, pass] = /^rtsp:\/\/([^:@/]*):([^@/]*)@10\.1\.2\.3:554\/a\/b\?c=d$/.exec(line) ?? [];
      return (
        !args.join(' ').includes('10.1.2.3') &&
        decodeURIComponent(user ?? '') === userName &&
        decodeURIComponent(pass ?? '') === password &&
        script.split('\n').length === 6
      );
    }),
  );
});

t.test('an address with a password in it, or of another kind, is none', async (t) => {
  for (const url of ['rtsp://a:b@10.0.0.1/x', 'http://10.0.0.1/x', 'file:///etc/passwd', 'concat:a|b'])
    t.notOk(streamAddressSchema.safeParse({ kind: 'rtsp', url }).success, url);
  t.notOk(streamAddressSchema.safeParse({ kind: 'usb', device: '/etc/passwd; rm' }).success);
  t.match(streamAddressSchema.parse({ kind: 'rtsp', url: 'rtsp://10.0.0.1/x' }), { transport: 'tcp' });
});
