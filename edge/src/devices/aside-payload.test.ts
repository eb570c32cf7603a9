import t from 'tap';
import type { DeviceView } from '../ports/index.js';
import { asidePayload, asideValues } from './aside-payload.js';

const device = (personal: boolean) =>
  ({
    profile: {
      document: {
        thing: {
          properties: [{ id: 'ready' }],
          events: [{ fields: [{ id: 'cardNumber', ...(personal ? { personal } : {}) }] }],
          commands: [],
        },
      },
    },
  }) as unknown as DeviceView;
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

t.test('of a device that tells about people only the head of a message is kept, and no text in it', async (t) => {
  const card = Buffer.from('\x020A1B2C3D4E5F\r\n');
  t.equal(text(asidePayload(device(true), card)), '\x020A*********');
  const frame = Buffer.from([0xaa, 0xaa, 0xaa, 0x96, 0x69, 0x05, 0x08, 0, 0, 0x9f, 1, 2, 3]);
  t.same(
    [...asidePayload(device(true), frame)],
    [...frame.subarray(0, 5), 5, 8, 0, 0, 0x9f, 1, 2].map((byte) => (byte === 0x69 ? 0x2a : byte)),
  );
  t.equal(asidePayload(device(false), card), card);
  t.equal(asidePayload(undefined, card), card);
});

t.test('values and fields: what is personal or unknown is masked', async (t) => {
  const values = { ready: true, cardNumber: '6222020000000000', kartennummer: '6222020000000000' };
  t.same(asideValues(device(true), values), { ready: true, cardNumber: '***', kartennummer: '***' });
  t.equal(asideValues(device(false), values), values);
});
