import { lineSchema } from '@hallhub/shared/profile';
import t from 'tap';
import { type ByteLink, serialLinkOpener } from '../links/index.js';
import { noPtys, openPtyPair } from '../links/test-pty-pair.js';
import { corpus, TestHost } from '../test-host.js';
import { serialConfigSchema } from './config.js';
import { SerialAdapter } from './serial-adapter.js';
import { newCardReader, newLedDisplay } from './test-peers.js';

const skip = noPtys() ?? false;
// A few models: asking for all of the corpus takes as long as their time-outs.
const models = ['hallhub/led-w4', 'hallhub/ev-60', 'generic/sdt-id-reader', 'epson/esc-pos'];
const profiles = corpus().filter(({ id }) => models.includes(id));
const line = lineSchema.parse({ baudRate: 9600 });

const serve = async (path: string, peer: { answer(request: Buffer): Buffer }): Promise<ByteLink> => {
  const link = await serialLinkOpener(path, line).open(new AbortController().signal);
  link.listen({
    data: (request) => {
      // A pty hands on what was written at once in one piece.
      if (link.isOpen) link.write(peer.answer(request));
    },
    closed: () => undefined,
  });
  return link;
};

t.test('on a real tty: found by its probe, polled, commanded, pulled out and plugged in again', { skip }, async (t) => {
  const pair = await openPtyPair();
  const display = newLedDisplay();
  let peer = await serve(pair.far, display);
  const host = new TestHost(profiles, 'led');
  const adapter = new SerialAdapter(serialConfigSchema.parse({ id: 'led', path: pair.near }), host);
  t.teardown(async () => {
    await adapter.stop();
    await peer.close();
    await pair.remove();
  });
  host.onFound = (view) => adapter.attach(view);
  await adapter.start();
  await host.until('the display is found and polled', () => host.value('temperature') === -10, 20_000);
  t.match(host.foundDevices[0], { profileId: 'hallhub/led-w4', certainty: 'certain' });
  const { deviceId } = host.devices.list()[0] as { deviceId: string };
  const request = {
    commandId: 'c',
    deviceId,
    command: 'showCall',
    input: { ticket: 'B7', counter: 2, blink: 0 },
    remainingMs: 3_000,
  };
  await adapter.execute({ ...request, signal: AbortSignal.timeout(60_000) });
  t.equal(new TextDecoder('gb18030').decode(display.text), '请B7号到2号窗口');

  await pair.unplug();
  await host.until('the loss is seen', () => host.lastEvidence('poll')?.decisive === true);
  t.match(host.lastEvidence('poll'), { decisive: true, reason: 'link_down' });
  await peer.close();
  await pair.plug();
  display.brightness = 6;
  peer = await serve(pair.far, display);
  await host.until('it is polled again', () => host.value('brightness') === 6, 20_000);
  t.equal(adapter.status().state, 'running');
});

t.test('on a real tty: an ID card is read', { skip }, async (t) => {
  const pair = await openPtyPair();
  const reader = newCardReader();
  const peer = await serve(pair.far, reader);
  const host = new TestHost(profiles, 'card');
  const adapter = new SerialAdapter(serialConfigSchema.parse({ id: 'card', path: pair.near }), host);
  t.teardown(async () => {
    await adapter.stop();
    await peer.close();
    await pair.remove();
  });
  host.onFound = (view) => adapter.attach(view);
  await adapter.start();
  await host.until('the reader is found', () => host.value('module') === 'ready', 20_000);
  reader.card = true;
  await host.until('the card is read', () => host.events.length === 1, 20_000);
  t.match(host.events[0], { event: 'cardRead', data: { name: '张三丰', number: '330106199003071234' } });
});
