import { systemClock } from '@hallhub/shared';
import t from 'tap';
import { heldBytes } from '../../__fixtures__/held-bytes.js';
import { memoryLinkPair } from '../links/index.js';
import { EventFilter } from './camera/event-filter.js';
import { parseDiscoveryMessage } from './discovery/discovery-message.js';
import { RtspConversation } from './rtsp/rtsp-conversation.js';
import { Camera } from './services/camera.js';
import { parseNotification, pullNotifications } from './services/pull-point.js';
import { SignInGuard } from './sign-in-guard.js';
import { parseXml } from './soap/parse-xml.js';

const envelope = (body: string, attributes = '') =>
  `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" ${attributes}><s:Body>${body}</s:Body></s:Envelope>`;

t.test('a stream server that sends without end is given up', async (t) => {
  const [near, far] = memoryLinkPair('rtsp');
  const talk = new RtspConversation(near, AbortSignal.timeout(60_000));
  const waiting = (async (): Promise<unknown> => {
    for (;;) await talk.moved();
  })().catch((error: unknown) => error);
  for (let i = 0; i < 64 && far.isOpen; i++) {
    far.write(Buffer.alloc(65_536, 0x41));
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.match(await waiting, { code: 'protocol_violation' });
  t.notOk(near.isOpen);
});

t.test('reference parameters are echoed as far as an honest camera needs it', async (t) => {
  const spaces = Array.from({ length: 300 }, (_, at) => `xmlns:n${at}="urn:${at}"`).join(' ');
  const replies: Record<string, string> = {
    GetSystemDateAndTime: '<x><SystemDateAndTime/></x>',
    GetServices:
      '<Service><Namespace>http://www.onvif.org/ver10/events/wsdl</Namespace><XAddr>http://camera/events</XAddr></Service>' +
      '<Service><Namespace>http://www.onvif.org/ver10/media/wsdl</Namespace><XAddr>http://camera/media</XAddr></Service>',
    CreatePullPointSubscription: `<SubscriptionReference><Address>http://camera/1</Address><ReferenceParameters>${'<a/>'.repeat(20_000)}</ReferenceParameters></SubscriptionReference>`,
  };
  let mostBytes = 0;
  const camera = new Camera({
    serviceUrl: 'http://camera/onvif/device_service',
    credentials: undefined,
    allowBasic: false,
    timeoutMs: 1_000,
    clock: systemClock,
    guard: new SignInGuard(systemClock, 10_000),
    exchange: async (_url, { body = '' }) => {
      mostBytes = Math.max(mostBytes, body.length);
      const name = Object.keys(replies).find((one) => body.includes(`<${one} `)) ?? '';
      const reply = envelope(`<${name}Response>${replies[name] ?? ''}</${name}Response>`, spaces);
      return { status: replies[name] === undefined ? 500 : 200, rawHeaders: [], body: Buffer.from(reply) };
    },
  });
  const signal = AbortSignal.timeout(60_000);
  const options = { signal, onSubscribed: () => undefined, onAlive: () => undefined, onNotification: () => undefined };
  await t.rejects(pullNotifications(camera, options), { code: 'too_large' });
  t.ok(mostBytes < 100_000, `${mostBytes} bytes were sent`);
});

t.test('what a notification says is bounded, and so is what is remembered of it', async (t) => {
  const items = Array.from(
    { length: 80 },
    (_, at) => `<SimpleItem Name="${at === 0 ? 'x'.repeat(10_000) : `n${at}`}" Value="${'v'.repeat(5_000)}"/>`,
  ).join('');
  const node = parseXml(
    `<N><Topic>VideoSource/MotionAlarm</Topic><Message><Message><Data>${items}</Data></Message></Message></N>`,
  );
  const notification = parseNotification(node);
  if (!notification) throw new Error('no notification');
  t.ok(JSON.stringify(notification.items).length < 80_000);
  t.notOk('x'.repeat(10_000) in notification.items);
  const filter = new EventFilter({ events: {} } as never);
  const before = await heldBytes('heapUsed');
  for (let at = 0; at < 900; at++) {
    const subject = `${at}`;
    const state = Object.fromEntries(
      Object.entries(notification.items).map(([name, value]) => [name, `${at}${value}`]),
    );
    filter.newEvents({ ...notification, subject, items: state }, { values: {}, events: [], problems: [] });
  }
  const grownMb = ((await heldBytes('heapUsed')) - before) / 1e6;
  t.ok(grownMb < 40, `${Math.round(grownMb)} MB are remembered`);
});

t.test('who answers a probe cannot send the unit to itself, nor bring an account along', async (t) => {
  const matches = (urls: string) =>
    Buffer.from(
      `<s:Envelope xmlns:s="x"><s:Header><RelatesTo>id</RelatesTo></s:Header><s:Body><ProbeMatches><ProbeMatch><EndpointReference><Address>urn:uuid:1</Address></EndpointReference><XAddrs>${urls}</XAddrs></ProbeMatch></ProbeMatches></s:Body></s:Envelope>`,
    );
  const urlsOf = (urls: string, from: string) => {
    const message = parseDiscoveryMessage(matches(urls), from);
    return message?.kind === 'matches' ? message.cameras.flatMap(({ serviceUrls }) => serviceUrls) : undefined;
  };
  const own = [
    '127.0.0.1',
    '127.8.9.1',
    'localhost',
    'a.localhost',
    '0.0.0.0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '2130706433',
  ];
  for (const host of [...own, '169.254.169.254']) t.same(urlsOf(`http://${host}:8080/x`, '192.0.2.9'), [], host);
  t.same(urlsOf('http://127.0.0.1:8080/x', '127.0.0.1'), ['http://127.0.0.1:8080/x'], 'one of this very machine');
  t.same(urlsOf('http://127.0.0.9/x', '127.0.0.1'), ['http://127.0.0.9/x'], 'at another of its addresses');
  t.same(urlsOf('http://169.254.3.4/x', '169.254.3.4'), ['http://169.254.3.4/x'], 'a camera without DHCP');
  t.same(urlsOf('http://a:b@192.0.2.9/x', '192.0.2.9'), ['http://192.0.2.9/x']);
});
