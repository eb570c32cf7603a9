import dgram from 'node:dgram';
import { systemClock } from '@hallhub/shared';
import t from 'tap';
import { parseDiscoveryMessage } from './discovery-message.js';
import { discoverCameras } from './ws-discovery.js';

const group = '239.255.255.250';

const matches = (relatesTo: string, urls: string, endpoint = 'urn:uuid:1'): string =>
  '<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery">' +
  `<s:Header><a:RelatesTo>${relatesTo}</a:RelatesTo></s:Header><s:Body><d:ProbeMatches><d:ProbeMatch>` +
  `<a:EndpointReference><a:Address>${endpoint}</a:Address></a:EndpointReference>` +
  '<d:Scopes>onvif://www.onvif.org/name/Acme%20C1 onvif://www.onvif.org/hardware/C-1 onvif://www.onvif.org/location/%E5%A4%A7</d:Scopes>' +
  `<d:XAddrs>${urls}</d:XAddrs></d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>`;

const responder = (answer: (probe: string) => string[]): Promise<dgram.Socket> =>
  new Promise((resolve, reject) => {
    const socket = dgram.createSocket({ type: 'udp4', reuseAddr: true });
    socket.on('error', reject);
    socket.on('message', (message, from) => {
      for (const reply of answer(message.toString())) socket.send(reply, from.port, from.address);
    });
    socket.bind(3702, group, () => {
      socket.addMembership(group, '127.0.0.1');
      resolve(socket);
    });
  });

t.test('every camera that answers is given once, whatever else arrives', async (t) => {
  const probes: string[] = [];
  const socket = await responder((probe) => {
    probes.push(probe);
    const id = /MessageID>([^<]+)</.exec(probe)?.[1] ?? '';
    return [
      'garbage',
      '<a',
      matches('urn:uuid:somebody-else', 'http://10.0.0.9/onvif/device_service', 'urn:uuid:9'),
      matches(
        id,
        'http://10.9.9.9/onvif/device_service http://127.0.0.1:8081/onvif/device_service',
        'urn:uuid:two-addresses',
      ),
      matches(id, 'not-an-address', 'urn:uuid:none'),
    ];
  });
  t.teardown(() => socket.close());
  const found = await discoverCameras({
    clock: systemClock,
    signal: AbortSignal.timeout(60_000),
    interfaces: ['lo'],
    listenMs: 5_000,
  });
  const ours = found.filter((camera) => camera.endpoint === 'urn:uuid:two-addresses');
  t.match(ours, [
    {
      serviceUrls: ['http://127.0.0.1:8081/onvif/device_service', 'http://10.9.9.9/onvif/device_service'],
      scopes: { name: 'Acme C1', hardware: 'C-1', location: '大' },
    },
  ]);
  t.notOk(found.some((camera) => camera.endpoint === 'urn:uuid:9' || camera.endpoint === 'urn:uuid:none'));
  t.ok(
    probes.some((probe) => /NetworkVideoTransmitter/.test(probe)) && probes.some((probe) => /tds:Device/.test(probe)),
  );
});

t.test('an abort ends the search at once; an interface that is not there is left out', async (t) => {
  const abort = new AbortController();
  const search = discoverCameras({ clock: systemClock, signal: abort.signal, interfaces: ['lo'], listenMs: 60_000 });
  abort.abort(new Error('enough'));
  await t.rejects(search, { message: 'enough' });
  t.same(await discoverCameras({ clock: systemClock, signal: AbortSignal.timeout(1_000), interfaces: ['nope0'] }), []);
});

t.test('answers that are cut short give nothing', (t) => {
  const whole = matches('id', 'http://127.0.0.1/onvif/device_service');
  for (let length = 0; length < whole.length; length += 7) {
    t.equal(parseDiscoveryMessage(Buffer.from(whole.slice(0, length)), '127.0.0.1'), undefined);
  }
  t.match(parseDiscoveryMessage(Buffer.from(whole), '127.0.0.1'), { kind: 'matches', cameras: { length: 1 } });
  t.end();
});
