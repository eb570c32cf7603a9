import { HubError } from '@hallhub/shared';
import t, { type Test } from 'tap';
import type { DeviceView } from '../../ports/index.js';
import { type ByteLink, memoryLinkPair } from '../links/index.js';
import { corpus, TestHost } from '../test-host.js';
import { serialConfigSchema } from './config.js';
import { SerialAdapter, type SerialTransport } from './serial-adapter.js';
import { cardFrame, cardText, newCardReader, newLedDisplay } from './test-peers.js';

// A few models: asking for all of the corpus takes as long as their time-outs.
const models = ['hallhub/led-w4', 'hallhub/ev-60', 'generic/sdt-id-reader', 'epson/esc-pos'];
const profiles = corpus().filter(({ id }) => models.includes(id));
const path = '/dev/ttyTEST';

interface Peer {
  answer(request: Buffer): Buffer;
}

/** A port in memory: what is plugged in there answers whole requests. */
class TestPort implements SerialTransport {
  peer: Peer | undefined;
  readonly ends: ByteLink[] = [];
  openings: unknown[] = [];
  /** Changes what the device sends. */
  spoil: (bytes: Buffer) => Buffer[] = (bytes) => [bytes];
  #plugged: (() => void)[] = [];

  constructor(peer?: Peer) {
    this.peer = peer;
  }

  plug(peer: Peer): void {
    this.peer = peer;
    for (const tell of this.#plugged.splice(0)) tell();
  }

  async unplug(): Promise<void> {
    this.peer = undefined;
    for (const end of this.ends.splice(0)) await end.close();
  }

  open(name: string, line: unknown) {
    return {
      name,
      open: async (signal: AbortSignal): Promise<ByteLink> => {
        signal.throwIfAborted();
        if (!this.peer)
          throw new HubError('link_refused', `cannot open ${name}: ENOENT`, { context: { errno: 'ENOENT' } });
        this.openings.push(line);
        const [near, far] = memoryLinkPair(name);
        this.ends.push(far);
        far.listen({
          data: (request) => {
            for (const bytes of this.spoil(this.peer?.answer(request) ?? Buffer.alloc(0)))
              if (far.isOpen) far.write(bytes);
          },
          closed: () => undefined,
        });
        return near;
      },
    };
  }

  present(_path: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#plugged.push(resolve);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }

  async exists(): Promise<boolean> {
    return this.peer !== undefined;
  }

  say(bytes: Buffer): void {
    this.ends.at(-1)?.write(bytes);
  }
}

const bench = (t: Test, peer: Peer | undefined, profileId: string, config: object = {}) => {
  const host = new TestHost(profiles, 'port');
  const port = new TestPort(peer);
  const adapter = new SerialAdapter(
    serialConfigSchema.parse({ id: 'port', path, discover: false, ...config }),
    host,
    port,
  );
  t.teardown(() => adapter.stop());
  const profile = profiles.find((one) => one.id === profileId);
  const device = (): DeviceView => {
    if (!profile) throw new Error(`no profile ${profileId}`);
    return host.device(path, profile, 'serial');
  };
  return { host, port, adapter, device };
};

const command = (deviceId: string, name: string, input: object = {}) => ({
  commandId: 'c',
  deviceId,
  command: name,
  input: input as Record<string, unknown>,
  remainingMs: 2_000,
  signal: AbortSignal.timeout(60_000),
});

t.test('LED display: status is polled, commands and writes arrive, a refusal is told', async (t) => {
  const display = newLedDisplay();
  const { host, port, adapter, device } = bench(t, display, 'hallhub/led-w4');
  const view = device();
  adapter.attach(view);
  await adapter.start();
  await host.until('status', () => host.value('temperature') === -10);
  t.equal(host.value('fanFault'), true);
  t.equal(host.value('moduleFault'), false);
  t.equal(host.value('firmware'), 1.2);
  t.match(port.openings, [{ baudRate: 9600, parity: 'none' }]);
  t.equal(
    await adapter.execute(command(view.deviceId, 'showCall', { ticket: 'A023', counter: 5, blink: 3 })),
    undefined,
  );
  t.equal(new TextDecoder('gb18030').decode(display.text), '请A023号到5号窗口');
  await adapter.write(view.deviceId, { brightness: 7 }, AbortSignal.timeout(60_000));
  t.equal(display.brightness, 7);
  t.same((await adapter.read(view.deviceId, ['brightness', 'text'], AbortSignal.timeout(60_000))).values, {
    brightness: 7,
    text: '请A023号到5号窗口',
  });
  await t.rejects(adapter.execute(command(view.deviceId, 'showText', { text: '你好', mode: 'still' })), {
    code: 'device_refused',
  });
  await t.rejects(adapter.write(view.deviceId, { text: 'x' }, AbortSignal.timeout(60_000)), { code: 'unsupported' });
  t.match(host.lastEvidence('poll'), { ok: true });
});

t.test('ID-card reader: a card is read once, an empty reader is present', async (t) => {
  const reader = newCardReader();
  const { host, adapter, device } = bench(t, reader, 'generic/sdt-id-reader');
  adapter.attach(device());
  await adapter.start();
  await host.until('module', () => host.value('module') === 'ready' && host.value('moduleId') !== undefined);
  await host.until('present without a card', () => host.lastEvidence('poll')?.ok === true);
  t.same(host.events, []);
  reader.card = true;
  await host.until('the card', () => host.events.length > 0);
  t.match(host.events, [{ event: 'cardRead', data: { ...cardText, sex: 'male', nation: '汉' } }]);
  const asked = reader.requests.length;
  await host.until('two more rounds', () => reader.requests.length > asked + 2);
  t.equal(host.events.length, 1);
});

t.test('frames that come in pieces, with noise, or corrupt are told apart', async (t) => {
  const reader = newCardReader();
  const { host, port, adapter, device } = bench(t, reader, 'generic/sdt-id-reader');
  port.spoil = (bytes) => [Buffer.from('00ff', 'hex'), ...Array.from(bytes, (byte) => Buffer.from([byte]))];
  adapter.attach(device());
  await adapter.start();
  await host.until('module', () => host.value('module') === 'ready');
  t.ok((adapter.counters().noiseBytes ?? 0) > 0);
  let spoilt = false;
  port.spoil = (bytes) => {
    if (bytes.length < 1_000) return [bytes];
    spoilt = true;
    const broken = Buffer.from(bytes);
    broken[100] = (broken[100] as number) ^ 1;
    return [broken];
  };
  reader.card = true;
  await host.until('the corrupt card is put aside', () => spoilt && host.asides.length > 0);
  t.same(host.events, []);
  t.match(host.asides[0], { reason: 'broken frame: checksum' });
  const kept = Buffer.concat(host.asides.map((aside) => Buffer.from(aside.payload)));
  t.notOk(kept.includes(Buffer.from(cardText.number, 'utf16le')), 'nobody’s number lies in a log');
  t.ok((adapter.counters().corruptFrames ?? 0) > 0);
  t.equal(cardFrame().length, 1_295);
});

t.test('unplugged and plugged in again: decisive at once, and back by itself', async (t) => {
  const display = newLedDisplay();
  const { host, port, adapter, device } = bench(t, display, 'hallhub/led-w4');
  const view = device();
  adapter.attach(view);
  await adapter.start();
  await host.until('running', () => host.value('brightness') === 4);
  await port.unplug();
  await host.until('gone', () => host.lastEvidence('poll')?.decisive === true);
  t.match(host.lastEvidence('poll'), { reason: 'link_down', decisive: true });
  await host.until(
    'waiting',
    () => adapter.status().state === 'waiting' && /nothing is plugged in/.test(adapter.status().reason ?? ''),
  );
  await t.rejects(adapter.execute(command(view.deviceId, 'clear')), { code: /link_lost|unavailable/ });
  display.brightness = 2;
  port.plug(display);
  await host.until('back', () => host.value('brightness') === 2);
  t.equal(adapter.status().state, 'running');
});

t.test('a device that falls silent fails its polls; the port stays open', async (t) => {
  const display = newLedDisplay();
  const { host, port, adapter, device } = bench(t, display, 'hallhub/led-w4');
  const view = device();
  adapter.attach(view);
  await adapter.start();
  await host.until('running', () => host.value('brightness') === 4);
  port.spoil = () => [];
  await t.rejects(adapter.execute(command(view.deviceId, 'clear')), { code: 'timeout' });
  await host.until('a failed poll', () => host.lastEvidence('poll')?.ok === false);
  t.match(host.lastEvidence('poll'), { reason: 'poll_failed', detail: /did not answer/ });
  t.equal(port.openings.length, 1);
});

t.test('what answers a probe is registered; its line settings are the profile’s', async (t) => {
  for (const [peer, id] of [
    [newLedDisplay(), 'hallhub/led-w4'],
    [newCardReader(), 'generic/sdt-id-reader'],
  ] as const) {
    const { host, port, adapter } = bench(t, peer, id, { discover: true });
    host.onFound = (view) => adapter.attach(view);
    await adapter.start();
    await host.until(`${id} is found and polled`, () => host.readings.length > 0, 20_000);
    t.match(host.foundDevices[0], { address: path, profileId: id, certainty: 'certain', identity: { serial: 'port' } });
    const line = profiles.find((one) => one.id === id)?.document.bindings.serial?.line;
    t.match(port.openings.at(-1), line);
    const again = [];
    for await (const found of adapter.discover({ signal: AbortSignal.timeout(60_000) })) again.push(found);
    t.match(again, [{ profileId: id }], 'it is recognised on its own line');
    await adapter.stop();
  }
});

t.test('a pinned port is not probed', async (t) => {
  const display = newLedDisplay();
  const { host, port, adapter } = bench(t, display, 'hallhub/led-w4', { profile: 'hallhub/led-w4' });
  host.onFound = (view) => adapter.attach(view);
  await adapter.start();
  await host.until('status', () => host.value('brightness') === 4);
  t.equal(port.openings.length, 1);
  t.match(host.foundDevices, [{ certainty: 'certain' }]);
});

t.test('stop ends a waiting exchange and rejects who waits', async (t) => {
  const { host, port, adapter, device } = bench(t, newLedDisplay(), 'hallhub/led-w4');
  const view = device();
  adapter.attach(view);
  await adapter.start();
  await host.until('running', () => host.value('brightness') === 4);
  port.spoil = () => [];
  const waiting = adapter.execute(command(view.deviceId, 'clear')).then(
    () => 'ok',
    () => 'rejected',
  );
  await adapter.stop();
  t.equal(await waiting, 'rejected');
  t.equal(adapter.status().state, 'stopped');
});
