import fc from 'fast-check';
import t from 'tap';
import { type Checksum, checksumSchema, type Framing, framePartSchema, framingSchema } from '../serial-schema.js';
import { bytesToHex, concatBytes, hexToBytes } from './bytes.js';
import { buildFrame } from './frame-encode.js';
import { FrameSplitter, type SplitResult } from './frame-splitter.js';

const slip = framingSchema.parse({
  type: 'delimiter',
  start: 'C0',
  end: 'C0',
  stuffing: { kind: 'map', escape: 'DB', map: { DC: 'C0', DD: 'DB' } },
  maxBytes: 300,
});
const hdlc = framingSchema.parse({
  type: 'delimiter',
  start: '7E',
  end: '7E',
  stuffing: { kind: 'xor', escape: '7D', bytes: '7E 7D' },
  maxBytes: 300,
});
const dle = framingSchema.parse({
  type: 'delimiter',
  start: '10 02',
  end: '10 03',
  stuffing: { kind: 'double', byte: '10' },
  maxBytes: 300,
});
const dlt645 = framingSchema.parse({
  type: 'length',
  start: '68',
  length: { at: 9, add: 12 },
  end: '16',
  scramble: { from: 10, until: -2, add: 51 },
  preamble: { hex: 'FE', max: 4, send: 4 },
  maxBytes: 270,
});
const stuffedLength = framingSchema.parse({
  type: 'length',
  start: 'A5',
  length: { at: 1, bytes: 2, scale: 2, add: 7 },
  stuffing: { kind: 'xor', escape: 'AA', xor: '55', bytes: 'A5 AA' },
  maxBytes: 300,
});
const asciiLength = framingSchema.parse({
  type: 'length',
  start: '02',
  length: { at: 1, digits: 3, encoding: 'decimal', add: 5 },
  end: '03',
  maxBytes: 300,
});
const bccBehindEnd = framingSchema.parse({ type: 'delimiter', start: '02', end: '03', tail: 1, maxBytes: 300 });
const sum = checksumSchema.parse({ kind: 'sum8', after: 1 });

const part = framePartSchema.parse({ input: 'body', type: 'hex' });
const build = (framing: Framing, checksum: Checksum | undefined, body: Uint8Array) =>
  buildFrame({ framing, params: {}, ...(checksum ? { checksum } : {}) }, [part], { body: bytesToHex(body, '') });
const show = ({ frames, faults }: SplitResult) => ({
  frames: frames.map((frame) => bytesToHex(frame)),
  faults: faults.map((fault) => `${fault.kind}:${fault.bytes.length}`),
});
const push = (splitter: FrameSplitter, hex: string) => show(splitter.push(hexToBytes(hex)));

t.test('stuffing as RFC 1055, RFC 1662 and DLE protocols have it', async (t) => {
  for (const [framing, body, wire] of [
    [slip, '01 C0 DB 02', 'C0 01 DB DC DB DD 02 C0'],
    [hdlc, '7E 31 7D', '7E 7D 5E 31 7D 5D 7E'],
    [dle, '10 41 02', '10 02 10 10 41 02 10 03'],
  ] as const) {
    const built = build(framing, undefined, hexToBytes(body));
    t.equal(bytesToHex(built), wire);
    const { frames, faults } = new FrameSplitter(framing).push(built);
    const { start = '', end } = framing as { start?: string; end: string };
    t.same([frames.map((one) => bytesToHex(one)), faults], [[`${start} ${body} ${end}`], []]);
  }
});

t.test('stuffing that cannot work is refused', async (t) => {
  const xor = { kind: 'xor', escape: '7D', bytes: '7E 7D' };
  for (const framing of [
    { type: 'delimiter', start: '7E', end: '7E', stuffing: { ...xor, bytes: '7E' } },
    { type: 'delimiter', start: '7E', end: '0D', stuffing: xor },
    { type: 'delimiter', start: '7E', end: '7E', stuffing: { kind: 'map', escape: '7D', map: { '02': '7E' } } },
    { type: 'delimiter', start: '10 02', end: '03', stuffing: { kind: 'double', byte: '10' } },
  ]) {
    t.notOk(framingSchema.safeParse(framing).success, JSON.stringify(framing));
  }
});

t.test('flags may be shared, repeated or lost', async (t) => {
  const splitter = new FrameSplitter(hdlc);
  t.same(push(splitter, '7E 41 7E 42 7E'), { frames: ['7E 41 7E', '7E 42 7E'], faults: [] }, 'one flag between two');
  t.same(push(splitter, '7E 7E 7E 43 7E'), { frames: ['7E 43 7E'], faults: [] }, 'flags fill the line');
  t.same(show(splitter.idle()), { frames: [], faults: [] }, 'the last flag is no broken frame');
  t.same(push(splitter, '41 7E 7E 44 7E'), { frames: ['7E 44 7E'], faults: ['noise:1'] }, 'its first flag is lost');
  t.same(
    push(splitter, '7E 45 7D 7E 46 7E'),
    { frames: ['7E 46 7E'], faults: ['stuffing:3'] },
    'given up by its sender',
  );
  const doubled = new FrameSplitter(dle);
  t.same(push(doubled, '10 02 41 10 02 42 10 03'), { frames: ['10 02 42 10 03'], faults: ['end:3'] }, 'cut short');
  t.same(push(doubled, '10 02 41 10 55 10 02 43 10 03'), {
    frames: ['10 02 43 10 03'],
    faults: ['stuffing:5'],
  });
});

t.test('DL/T 645: preamble, scrambled data, a sum over what is on the wire', async (t) => {
  // "Read the total energy", to any meter: 68 + 6*AA + 68 + 11 + 04 + 33 + 33 + 34 + 33 = 5AE hex.
  const [address, control, data] = ['AA AA AA AA AA AA', '68 11', '00 00 01 00'];
  const built = build(dlt645, sum, hexToBytes(`${address} ${control} ${data}`));
  t.equal(bytesToHex(built), 'FE FE FE FE 68 AA AA AA AA AA AA 68 11 04 33 33 34 33 AE 16');
  // 220.5 V of phase A: 68+01+68+91+06+33+34+34+35+38+55 = 2C5 hex.
  const answer = '68 01 00 00 00 00 00 68 91 06 33 34 34 35 38 55 C5 16';
  const plain = '68 01 00 00 00 00 00 68 91 06 00 01 01 02 05 22 C5 16';
  const splitter = new FrameSplitter(dlt645, sum);
  t.same(push(splitter, `FE FE ${answer}`), { frames: [plain], faults: [] });
  t.same(push(splitter, 'FE FE'), { frames: [], faults: [] }, 'a preamble waits');
  t.same(push(splitter, `FE FE ${answer} FE FE FE FE FE FE ${answer}`), {
    frames: [plain, plain],
    faults: ['noise:2'],
  });
  t.same(push(splitter, `FE ${answer.replace('C5', 'C6')} ${answer}`).frames, [plain], 'a wrong sum');
});

t.test('lengths in digits and words, a checksum behind the end', async (t) => {
  t.equal(bytesToHex(build(asciiLength, undefined, hexToBytes('41 42'))), '02 30 30 32 41 42 03');
  t.equal(
    bytesToHex(build(bccBehindEnd, checksumSchema.parse({ kind: 'xor8', from: 1 }), hexToBytes('41 42'))),
    '02 41 42 03 00',
  );
  const splitter = new FrameSplitter(bccBehindEnd, checksumSchema.parse({ kind: 'xor8', from: 1 }));
  t.same(push(splitter, '02 41 42 03'), { frames: [], faults: [] }, 'its checksum is awaited');
  t.same(push(splitter, '00'), { frames: ['02 41 42 03 00'], faults: [] });
  t.same(push(new FrameSplitter(asciiLength), '02 30 3A 32 02 30 30 31 41 03'), {
    frames: ['02 30 30 31 41 03'],
    faults: ['length:4'],
  });
  t.throws(() => build(stuffedLength, undefined, hexToBytes('41 42 43 44 45')), /multiple of 2/);
  t.throws(() => build(asciiLength, undefined, new Uint8Array(1_000)), { code: 'invalid_input' });
  t.throws(() => build(bccBehindEnd, undefined, hexToBytes('41')), { code: 'invalid_input' });
  const lines = framingSchema.parse({ type: 'delimiter', end: '0D 0A' });
  t.throws(() => build(lines, undefined, hexToBytes('41 0D 0A 42')), /end a frame/, 'a value cannot end its frame');
});

t.test('a false start that claims much gives the good frame back when the line falls silent', async (t) => {
  const framing = framingSchema.parse({ type: 'length', start: 'AA', length: { at: 1, add: 3 }, maxBytes: 300 });
  const splitter = new FrameSplitter(framing, checksumSchema.parse({ kind: 'sum8' }));
  t.same(push(splitter, 'AA 50 AA 01 41 EC'), { frames: [], faults: [] });
  t.same(show(splitter.idle()), { frames: ['AA 01 41 EC'], faults: ['incomplete:2'] });
  t.equal(splitter.pending, 0);
});

const crc = (after: number) => checksumSchema.parse({ kind: 'crc32', after });
const rules: { framing: Framing; checksum: Checksum; at: number; behind: number; even?: boolean }[] = [
  { framing: slip, checksum: crc(1), at: 1, behind: 5 },
  { framing: hdlc, checksum: crc(1), at: 1, behind: 5 },
  { framing: dle, checksum: crc(2), at: 2, behind: 6 },
  { framing: asciiLength, checksum: crc(1), at: 4, behind: 5 },
  { framing: stuffedLength, checksum: crc(0), at: 3, behind: 4, even: true },
];
const rule = fc.constantFrom(...rules);
const bodies = fc.array(fc.uint8Array({ minLength: 2, maxLength: 40 }), { minLength: 1, maxLength: 5 });
const cuts = fc.array(fc.integer({ min: 1, max: 17 }), { minLength: 1, maxLength: 20 });
// Bytes that look like starts, ends and escapes come more often than others.
const noise = fc
  .array(
    fc.oneof(
      fc.constantFrom(0xc0, 0xdb, 0xdc, 0x7e, 0x7d, 0x10, 0x02, 0x03, 0x30, 0xa5, 0xaa, 0x16, 0x68),
      fc.integer({ max: 255, min: 0 }),
    ),
    { maxLength: 30 },
  )
  .map((bytes) => Uint8Array.from(bytes));

const evenly = (body: Uint8Array, even?: boolean) => (even ? body.subarray(0, body.length & ~1) : body);
const pieces = (stream: Uint8Array, sizes: number[]): Uint8Array[] => {
  const out: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < stream.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    out.push(stream.slice(at, at + size));
    at += size;
  }
  return out;
};

t.test('what is built comes back byte for byte, however the stream is cut', async (t) => {
  fc.assert(
    fc.property(rule, bodies, cuts, ({ framing, checksum, at, behind, even }, all, sizes) => {
      const sent = all.map((body) => evenly(body, even));
      const splitter = new FrameSplitter(framing, checksum);
      const results = pieces(concatBytes(...sent.map((body) => build(framing, checksum, body))), sizes).map((one) =>
        splitter.push(one),
      );
      const got = results
        .flatMap((one) => one.frames)
        .map((frame) => bytesToHex(frame.slice(at, frame.length - behind)));
      return (
        results.every((one) => one.faults.length === 0) && got.join() === sent.map((body) => bytesToHex(body)).join()
      );
    }),
    { numRuns: 300 },
  );
  t.pass();
});

t.test('with noise between, truncated and corrupted: every whole frame is found, and nothing else', async (t) => {
  fc.assert(
    fc.property(
      rule,
      bodies,
      cuts,
      fc.array(noise, { minLength: 6, maxLength: 6 }),
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 5, maxLength: 5 }),
      ({ framing, checksum, at, behind, even }, all, sizes, between, fates) => {
        const wanted: string[] = [];
        const stream = all.flatMap((body, index) => {
          const wire = build(framing, checksum, evenly(body, even));
          if (fates[index] === 1) return [wire.slice(0, wire.length >> 1), between[index] ?? wire];
          if (fates[index] === 2) return [wire.map((byte, where) => (where === wire.length >> 1 ? byte ^ 1 : byte))];
          wanted.push(bytesToHex(evenly(body, even)));
          return [between[index] ?? wire, wire];
        });
        const splitter = new FrameSplitter(framing, checksum);
        const results = pieces(concatBytes(...stream), sizes).map((one) => splitter.push(one));
        results.push(splitter.idle());
        const got = results
          .flatMap((one) => one.frames)
          .map((frame) => bytesToHex(frame.slice(at, frame.length - behind)));
        return splitter.pending === 0 && wanted.every((one) => got.includes(one)) && got.length <= all.length;
      },
    ),
    { numRuns: 500 },
  );
  t.pass();
});

t.test('a quarter of a megabyte of anything: bounded memory, and no time that grows with its square', async (t) => {
  const everything: [Framing, Checksum | undefined][] = [
    ...rules.map(({ framing, checksum }): [Framing, Checksum] => [framing, checksum]),
    [dlt645, sum],
    [bccBehindEnd, checksumSchema.parse({ kind: 'xor8', from: 1 })],
    [framingSchema.parse({ type: 'delimiter', start: '02', end: '03', maxBytes: 4_096 }), undefined],
    [framingSchema.parse({ type: 'delimiter', end: '0A', maxBytes: 4_096 }), undefined],
  ];
  const before = process.cpuUsage();
  for (const [framing, checksum] of everything) {
    const start = 'start' in framing && framing.start ? hexToBytes(framing.start) : Uint8Array.of(0x41);
    for (const unit of [start, Uint8Array.of(0xfe), Uint8Array.of(0x10), concatBytes(start, Uint8Array.of(0, 0x41))]) {
      const splitter = new FrameSplitter(framing, checksum);
      const huge = new Uint8Array(1 << 16);
      for (let at = 0; at < huge.length; at++) huge[at] = unit[at % unit.length] ?? 0;
      for (let turn = 0; turn < 4; turn++) {
        splitter.push(huge);
        if (splitter.pending > 10_000) t.fail(`${splitter.pending} bytes are kept by ${framing.type}`);
      }
      splitter.idle();
      t.equal(splitter.pending, 0);
    }
  }
  const tookMs = process.cpuUsage(before).user / 1_000;
  // Linear work takes some 2 s here; quadratic work would take minutes.
  t.ok(tookMs < 40_000, `${Math.round(tookMs)} ms of the processor`);
});
