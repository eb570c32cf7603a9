import fc from 'fast-check';
import t from 'tap';
import { heldBytes } from '../../__fixtures__/held-bytes.js';
import { loadedProfile, TestHost } from '../test-host.js';
import { serialConfigSchema } from './config.js';
import { SerialAdapter } from './serial-adapter.js';
import { busFrame, busProfile, TestLine } from './test-line.js';

const path = '/dev/ttyTEST';
const meter = busProfile('meter', '05');

t.test(
  'whatever comes over the line: nothing escapes, nothing is invented, the next good frame is heard',
  async (t) => {
    const host = new TestHost([meter], 'bus');
    const line = new TestLine();
    const device = line.add(1);
    const adapter = new SerialAdapter(serialConfigSchema.parse({ id: 'bus', path, profile: 'test/meter' }), host, line);
    host.onFound = (view) => adapter.attach(view);
    t.teardown(() => adapter.stop());
    await adapter.start();
    await host.until('polled', () => host.value('level') === 10);
    const pieces = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(
          Uint8Array.of(0xaa, 0x55),
          Uint8Array.of(0xaa, 0x55, 1, 0x85, 40),
          Uint8Array.of(0xaa, 0x55, 1, 0x90, 1),
          busFrame(2, 0x90, [9]),
          busFrame(1, 0x77, [1, 2, 3]),
        ),
      ),
      { maxLength: 8 },
    );
    let pressed = 0;
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 0, max: 250 }), async (all, key) => {
        for (const piece of all) line.say(Buffer.from(piece));
        const before = host.events.length;
        line.say(busFrame(1, 0x90, [key]));
        pressed++;
        await host.until('the key', () => host.events.length > before);
        return host.events.at(-1)?.data.key === key;
      }),
      { numRuns: 60 },
    );
    // Eight bits of checksum: of so much rubbish a frame or two may be one by chance.
    const more = host.events.length - pressed;
    t.ok(more >= 0 && more <= 2, `no key was invented: ${more} by chance`);
    device.level = 77;
    await host.until('it is polled as ever', () => host.value('level') === 77);
    t.equal(adapter.status().state, 'running');
  },
);

t.test('a megabyte without a frame: memory stays flat', async (t) => {
  const host = new TestHost([meter], 'bus');
  const line = new TestLine();
  const device = line.add(1);
  const adapter = new SerialAdapter(serialConfigSchema.parse({ id: 'bus', path, profile: 'test/meter' }), host, line);
  host.onFound = (view) => adapter.attach(view);
  t.teardown(() => adapter.stop());
  await adapter.start();
  await host.until('polled', () => host.value('level') === 10);
  const rubbish = Buffer.alloc(65_536, Buffer.from('aa55ff0140', 'hex'));
  const before = await heldBytes('arrayBuffers');
  for (let turn = 0; turn < 16; turn++) {
    line.say(rubbish);
    await new Promise((resolve) => setImmediate(resolve));
    host.asides.length = 0;
  }
  const grownBytes = (await heldBytes('arrayBuffers')) - before;
  t.ok(grownBytes < 16 * 1_048_576, `${grownBytes} bytes`);
  device.level = 78;
  await host.until('it is polled as ever', () => host.value('level') === 78);
});

t.test(
  'a profile that is loaded anew is taken up on the open line, and with other settings the line is opened anew',
  async (t) => {
    const host = new TestHost([meter], 'bus');
    const line = new TestLine();
    line.add(1);
    const adapter = new SerialAdapter(serialConfigSchema.parse({ id: 'bus', path, profile: 'test/meter' }), host, line);
    host.onFound = (view) => adapter.attach(view);
    t.teardown(() => adapter.stop());
    await adapter.start();
    await host.until('polled', () => host.value('level') === 10);
    const [view] = host.devices.list();
    if (!view) throw new Error('no device');
    const changed = structuredClone(meter.document);
    const level = changed.bindings.serial?.frames.status?.properties.level;
    if (level) level.offset = 100;
    adapter.attach({ ...view, profile: loadedProfile(changed) });
    await host.until('the new profile is used', () => host.value('level') === 110);
    t.equal(line.openings.length, 1);
    const faster = structuredClone(changed);
    if (faster.bindings.serial) faster.bindings.serial.line.baudRate = 19_200;
    adapter.attach({ ...view, profile: loadedProfile(faster) });
    await host.until('opened anew', () => line.openings.at(-1)?.baudRate === 19_200);
    await host.until('polled again', () => host.readings.length > 5);
    t.equal(adapter.status().state, 'running');
  },
);
