import fc from 'fast-check';
import t from 'tap';
import { PacketGuard } from './packet-guard.js';

const packet = (length: number, i: number): Buffer => {
  const head = [i === 0 ? 0x10 : 0x30];
  let left = length;
  do {
    head.push((left % 128) | (left >= 128 ? 0x80 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return Buffer.concat([Buffer.from(head), Buffer.alloc(length)]);
};

t.test('follows packets however they are cut up, and stops at the first that is too long', async (t) => {
  const limits = { firstPacketBytes: 40, packetBytes: 300, packetsPerSecond: 10 };
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 50 }),
      (lengths, chunkBytes) => {
        const guard = new PacketGuard(limits);
        const stream = Buffer.concat(lengths.map(packet));
        const tooLong = lengths.some((length, i) => length > (i === 0 ? limits.firstPacketBytes : limits.packetBytes));
        try {
          for (let i = 0; i < stream.length; i += chunkBytes) guard.check(stream.subarray(i, i + chunkBytes));
        } catch {
          return tooLong;
        }
        return !tooLong;
      },
    ),
  );
  t.pass();
});
