import fc from 'fast-check';
import t from 'tap';
import {
  type Checksum,
  checksumSchema,
  type FrameField,
  type Framing,
  framePartSchema,
  framingSchema,
} from '../serial-schema.js';
import { bytesToHex, concatBytes, hexToBytes } from './bytes.js';
import { readField } from './frame-decode.js';
import { buildFrame } from './frame-encode.js';
import { FrameSplitter, type SplitResult } from './frame-splitter.js';

const length: Framing = framingSchema.parse({
  type: 'length',
  start: 'AA 55',
  length: { at: 4, add: 6 },
  maxBytes: 64,
});
const sum: Checksum = checksumSchema.parse({ kind: 'sum8', from: 2 });
const lines: Framing = framingSchema.parse({ type: 'delimiter', end: '0D 0A', maxBytes: 16 });
const stx: Framing = framingSchema.parse({ type: 'delimiter', start: '02', end: '03', maxBytes: 16 });
const fixed: Framing = framingSchema.parse({ type: 'fixed', start: 'A5', bytes: 4 });
const idle: Framing = framingSchema.parse({ type: 'idle', idleMs: 20, maxBytes: 8 });

const show = (result: SplitResult) => ({
  frames: result.frames.map((frame) => bytesToHex(frame)),
  faults: result.faults.map((fault) => `${fault.kind}:${fault.bytes.length}`),
});
const push = (splitter: FrameSplitter, hex: string) => show(splitter.push(hexToBytes(hex)));

t.test('frames with a length field', async (t) => {
  const good = 'AA 55 01 81 01 00 83';
  const splitter = new FrameSplitter(length, sum);
  t.same(push(splitter, `${good} ${good}`), { frames: [good, good], faults: [] }, 'two at once');
  t.same(push(splitter, 'AA 55 01 81'), { frames: [], faults: [] }, 'a part waits');
  t.equal(splitter.pending, 4);
  t.same(push(splitter, '01 00 83 AA'), { frames: [good], faults: [] }, 'the rest comes, and a start begins');
  t.same(push(splitter, '55 01 81 01 00 83'), { frames: [good], faults: [] });
  t.same(push(splitter, `00 11 ${good}`), { frames: [good], faults: ['noise:2'] });
  t.same(push(splitter, `AA 55 01 81 01 00 84 ${good}`), { frames: [good], faults: ['checksum:7'] }, 'a wrong sum');
  t.same(
    push(splitter, `AA 55 01 81 7F 00 00 ${good}`),
    { frames: [good], faults: ['length:7'] },
    'longer than allowed',
  );
  // The frame cut short swallows the start of the next one until its sum is found wrong.
  t.same(push(splitter, `AA 55 01 81 01 ${good}`), { frames: [good], faults: ['checksum:5'] }, 'cut short');
  push(splitter, 'AA 55 01');
  t.same(show(splitter.idle()), { frames: [], faults: ['incomplete:3'] });
  t.equal(splitter.pending, 0);
});

t.test('lines, and frames between start and end', async (t) => {
  const splitter = new FrameSplitter(lines);
  t.same(push(splitter, '41 42 0D'), { frames: [], faults: [] });
  t.same(push(splitter, '0A 0D 0A'), { frames: ['41 42 0D 0A', '0D 0A'], faults: [] });
  t.same(push(splitter, '41'.repeat(17)), { frames: [], faults: ['overflow:17'] }, 'no end in sight');
  const between = new FrameSplitter(stx);
  t.same(push(between, '31 02 41 03 32 02 42 03'), {
    frames: ['02 41 03', '02 42 03'],
    faults: ['noise:1', 'noise:1'],
  });
  t.same(push(between, '02 41 42 02 43 03'), { frames: ['02 43 03'], faults: ['end:3'] }, 'a frame cut short');
});

t.test('fixed size, and frames ended by silence', async (t) => {
  const splitter = new FrameSplitter(fixed);
  t.same(push(splitter, '00 A5 01 02 03 A5 04'), { frames: ['A5 01 02 03'], faults: ['noise:1'] });
  t.same(push(splitter, '05 06'), { frames: ['A5 04 05 06'], faults: [] });
  const quiet = new FrameSplitter(idle);
  t.same(push(quiet, '01 02'), { frames: [], faults: [] });
  t.same(show(quiet.idle()), { frames: ['01 02'], faults: [] });
  t.same(show(quiet.idle()), { frames: [], faults: [] });
  t.same(push(quiet, '00'.repeat(9)), { frames: [], faults: ['overflow:9'] });
});

const rules = { framing: length, checksum: sum, params: {} };
const framed = (body: Uint8Array) =>
  buildFrame(rules, [framePartSchema.parse({ hex: '01 02' }), framePartSchema.parse({ input: 'body', type: 'hex' })], {
    body: bytesToHex(body, ''),
  });

t.test('frames come out whole however the stream is cut', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 30 }),
      (bodies, cuts) => {
        const frames = bodies.map(framed);
        const stream = concatBytes(...frames);
        const splitter = new FrameSplitter(length, sum);
        const out: Uint8Array[] = [];
        let at = 0;
        for (let turn = 0; at < stream.length; turn++) {
          const size = cuts[turn % cuts.length] ?? 1;
          const result = splitter.push(stream.slice(at, at + size));
          if (result.faults.length > 0) return false;
          out.push(...result.frames);
          at += size;
        }
        return out.map((one) => bytesToHex(one)).join() === frames.map((one) => bytesToHex(one)).join();
      },
    ),
  );
  t.pass();
});

t.test('rubbish never throws, never piles up, and every byte is accounted for', async (t) => {
  const kinds: [Framing, Checksum | undefined, number][] = [
    [length, sum, 64],
    [lines, undefined, 16],
    [stx, undefined, 16],
    [fixed, undefined, 4],
    [idle, undefined, 8],
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...kinds),
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 }),
      ([framing, checksum, most], pieces) => {
        const splitter = new FrameSplitter(framing, checksum);
        let seen = 0;
        for (const piece of pieces) {
          const { frames, faults } = splitter.push(piece);
          seen += frames.reduce((total, frame) => total + frame.length, 0);
          seen += faults.reduce((total, fault) => total + fault.bytes.length, 0);
          if (splitter.pending > most) return false;
        }
        return seen + splitter.pending === pieces.reduce((total, piece) => total + piece.length, 0);
      },
    ),
  );
  t.pass();
});

t.test('what a reader hands over may be its own memory, used again at once', async (t) => {
  const pool = Buffer.from('99 AA 55 01 81 01 00 83'.replaceAll(' ', ''), 'hex');
  const splitter = new FrameSplitter(length, sum);
  t.same(show(splitter.push(pool.subarray(1, 5))), { frames: [], faults: [] });
  const rest = Buffer.from(pool.subarray(5));
  pool.fill(0);
  const { frames } = splitter.push(rest);
  rest.fill(0);
  t.same(
    frames.map((frame) => bytesToHex(frame)),
    ['AA 55 01 81 01 00 83'],
  );
  t.equal(readField({ type: 'u8', at: 1 } as FrameField, Buffer.from('0102').subarray(1, 3), {}), 0x30);
});
