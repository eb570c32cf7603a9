import t from 'tap';
import { formatAddress, parseAddress } from './camera-address.js';

const endpoint = 'urn:uuid:3f1c8f9e-6a51-4a0e-9d4b-2f5d3c7b9a10';

t.test('an address keeps what a camera is known by', async (t) => {
  const plain = 'http://192.0.2.20/onvif/device_service';
  const pinned = 'ab'.repeat(32);
  t.equal(formatAddress({ serviceUrl: plain }), plain);
  for (const address of [
    { serviceUrl: plain, endpoint },
    { serviceUrl: 'https://[2001:db8::1]:8443/onvif?x=1', endpoint, pinned, named: '192.0.2.7:80' },
    { serviceUrl: plain, pinned },
    { serviceUrl: plain, endpoint: 'http://odd/%23name' },
  ])
    t.match(parseAddress(formatAddress(address)), address);
  t.equal(formatAddress({ serviceUrl: plain, named: '192.0.2.20' }), plain, 'it stands where it is named');
  t.ok(formatAddress({ serviceUrl: plain, endpoint, pinned, named: '192.0.2.7:80' }).length <= 300);
});

t.test('an endpoint reference that a stranger chose is neither a fingerprint nor an entry of edge.yaml', async (t) => {
  const serviceUrl = 'http://192.0.2.66/onvif/device_service';
  for (const endpoint of [`sha256:${'00'.repeat(32)}`, 'named:192.0.2.7:80', 'a;named:192.0.2.7', '%6eamed:192.0.2.7'])
    t.same(parseAddress(formatAddress({ serviceUrl, endpoint })), {
      serviceUrl,
      endpoint,
      pinned: undefined,
      named: undefined,
    });
});

t.test('any text is read as some address', async (t) => {
  for (const text of ['', '#', 'x#%', `${'a'.repeat(999)}#;;;sha256:`])
    t.equal(parseAddress(text).serviceUrl, text.split('#')[0]);
});
