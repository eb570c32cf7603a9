import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { parseProfile } from '@hallhub/shared/profile';
import t from 'tap';
import { openCamera } from './camera.js';
import { featuresOf } from './camera-features.js';
import { openStreamServer, streamPackages } from './rtsp-stream.js';

t.setTimeout(300_000);

const identity = { manufacturer: 'HallHub', model: 'Dome-2', firmware: '3.1.0', serial: 'T1', hardware: 'A' };
const credential = { userName: 'operator', password: 'secret of a test' };

/** WS-UsernameToken made with Python's own library functions: a client that shares no code with the camera. */
const pythonClient = `
import base64, hashlib, os, sys, urllib.request, datetime
url, user, password, body, skew = sys.argv[1:6]
nonce = os.urandom(16)
created = (datetime.datetime.utcnow() + datetime.timedelta(seconds=float(skew))).strftime('%Y-%m-%dT%H:%M:%SZ')
digest = base64.b64encode(hashlib.sha1(nonce + created.encode() + password.encode()).digest()).decode()
envelope = f'''<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Header><w:Security xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd" xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"><w:UsernameToken><w:Username>{user}</w:Username><w:Password Type="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest">{digest}</w:Password><w:Nonce>{base64.b64encode(nonce).decode()}</w:Nonce><u:Created>{created}</u:Created></w:UsernameToken></w:Security></e:Header><e:Body>{body}</e:Body></e:Envelope>'''
request = urllib.request.Request(url, envelope.encode(), {'content-type': 'application/soap+xml'})
try:
    print(urllib.request.urlopen(request, timeout=60).read().decode())
except urllib.error.HTTPError as error:
    print('HTTP', error.code, error.read().decode())
`;

const soap = async (url: string, body: string, options: { password?: string; skewSeconds?: number } = {}) => {
  const args = [
    '-W',
    'ignore',
    '-c',
    pythonClient,
    url,
    credential.userName,
    options.password ?? credential.password,
    body,
  ];
  const child = spawn('python3', [...args, String(options.skewSeconds ?? 0)]);
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    out += chunk;
  });
  await once(child, 'close');
  return out;
};

t.test('answers an independent SOAP client, and only with the right password and time', async (t) => {
  const camera = await openCamera({ identity, credential, stream: false, discovery: false });
  t.teardown(() => camera[Symbol.asyncDispose]());
  const url = camera.server.address;
  const information = '<d:GetDeviceInformation xmlns:d="http://www.onvif.org/ver10/device/wsdl"/>';
  t.match(await soap(url, information), /<tds:Model>Dome-2<\/tds:Model>/);
  t.match(await soap(url, information, { password: 'wrong' }), /HTTP 400[\s\S]*NotAuthorized/);
  t.match(await soap(url, information, { skewSeconds: 600 }), /NotAuthorized/, 'a client with a wrong clock');
  const open = await fetch(url, {
    method: 'POST',
    body: '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><GetSystemDateAndTime/></s:Body></s:Envelope>',
  });
  t.match(await open.text(), /UTCDateTime/, 'the time is told to everybody');
  t.equal((await fetch(new URL('/snapshot.jpg', url))).status, 401, 'pictures are for those who sign in');
  t.equal(camera.server.signIn.refused, 2);
  t.match(await soap(url, '<NoSuchOperation/>'), /ActionNotSupported/);
  t.match(await soap(url, '<GetProfiles/>'), /trt:GetProfilesResponse/, 'one address for all services');
});

t.test('moves, remembers presets, forgets subscriptions at a reboot', async (t) => {
  const camera = await openCamera({ identity, credential, stream: false, discovery: false });
  t.teardown(() => camera[Symbol.asyncDispose]());
  const url = camera.server.address;
  await soap(
    url,
    '<AbsoluteMove><ProfileToken>main</ProfileToken><Position><PanTilt x="0.25" y="-0.5"/></Position></AbsoluteMove>',
  );
  t.match(camera.state.position, { pan: 0.25, tilt: -0.5 });
  await soap(url, '<GotoPreset><ProfileToken>main</ProfileToken><PresetToken>1</PresetToken></GotoPreset>');
  t.match(camera.state.position, { pan: -0.5, tilt: 0.1 });
  t.match(await soap(url, '<GotoPreset><PresetToken>99</PresetToken></GotoPreset>'), /NoToken/);
  const created = await soap(url, '<CreatePullPointSubscription/>');
  const address = /<wsa:Address>([^<]+)</.exec(created)?.[1] ?? '';
  camera.state.emit({ topic: 'tns1:RuleEngine/TamperDetector/Tamper', source: 'vs', name: 'IsTamper', value: 'true' });
  t.equal(camera.state.events.count, 1);
  t.match(
    await soap(address, '<PullMessages><Timeout>PT1S</Timeout><MessageLimit>5</MessageLimit></PullMessages>'),
    /IsTamper/,
  );
  camera.state.reboot();
  t.match(
    await soap(address, '<PullMessages><Timeout>PT1S</Timeout><MessageLimit>5</MessageLimit></PullMessages>'),
    /ResourceUnknown/,
  );
});

t.test('its faults look like those of real cameras', async (t) => {
  const camera = await openCamera({ identity, credential, stream: false, discovery: false });
  t.teardown(() => camera[Symbol.asyncDispose]());
  const get = (withinMs = 60_000) =>
    fetch(camera.server.address, { method: 'POST', body: 'x', signal: AbortSignal.timeout(withinMs) });
  camera.server.fault = 'unauthorized';
  t.equal((await get()).status, 401);
  camera.server.fault = 'unavailable';
  t.equal((await get()).status, 503);
  camera.server.fault = 'garbage';
  t.match(await (await get()).text(), /not-soap/);
  camera.server.fault = 'error';
  t.equal((await get()).status, 500);
  camera.server.fault = 'hang';
  await t.rejects(get(300), { name: 'TimeoutError' });
  camera.server.fault = 'reset';
  await t.rejects(get(), { name: 'TypeError' });
});

const stream = await openStreamServer();
t.teardown(() => ('port' in stream ? stream[Symbol.asyncDispose]() : undefined));
const noStream =
  'missing' in stream
    ? `${stream.why}: ${streamPackages}`
    : spawnSync('ffprobe', ['-version']).error && 'ffprobe is missing: apt-get install ffmpeg';

const probe = async (transport: string, url: string) => {
  const entries = ['-show_entries', 'stream=codec_name,width,height', '-of', 'csv=p=0'];
  const child = spawn('ffprobe', ['-v', 'error', '-rtsp_transport', transport, ...entries, url]);
  let out = '';
  for (const part of [child.stdout, child.stderr]) {
    part.on('data', (chunk) => {
      out += chunk;
    });
  }
  await once(child, 'close');
  return out;
};

t.test(
  'eight cameras share one stream server, over TCP and UDP, and ask for the password',
  { skip: noStream || false },
  async (t) => {
    if ('missing' in stream) throw new Error(stream.why);
    const cameras = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        openCamera({ identity: { ...identity, serial: `T${i}` }, credential, stream, discovery: false }),
      ),
    );
    t.teardown(() => Promise.all(cameras.map((camera) => camera[Symbol.asyncDispose]())));
    const account = `${credential.userName}:${encodeURIComponent(credential.password)}@`;
    const [first = '', second = ''] = cameras.map(({ streamUrl }) => streamUrl?.replace('//', `//${account}`) ?? '');
    t.equal(new Set(cameras.map(({ streamUrl }) => streamUrl)).size, 8);
    for (const [transport, url] of [
      ['tcp', first],
      ['udp', second],
    ] as const) {
      const seen = await probe(transport, url);
      t.match(seen, /h264,640,360/);
      t.match(seen, /pcm_alaw/);
    }
    t.match(await probe('tcp', first.replace(account, '')), /401/);
    await stream.restart();
    t.match(await probe('tcp', first), /h264/, 'with its mounts again');
  },
);

t.test('a client that signs by HTTP digest, not made here: pictures and SOAP', async (t) => {
  const camera = await openCamera({ identity, credential, stream: false, discovery: false, signIn: 'digest' });
  t.teardown(() => camera[Symbol.asyncDispose]());
  const curl = (...args: string[]) =>
    spawnSync('curl', ['-s', '--digest', '-u', `${credential.userName}:${credential.password}`, ...args], {
      encoding: 'latin1',
    });
  const ask = async (...args: string[]) => {
    const child = spawn('curl', ['-s', '--digest', '-u', `${credential.userName}:${credential.password}`, ...args]);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    await once(child, 'close');
    return Buffer.concat(chunks);
  };
  if (curl('--version').error) return t.fail('curl is missing: apt-get install curl');
  const picture = await ask(new URL('/snapshot.jpg', camera.server.address).href);
  t.equal(picture.subarray(0, 2).toString('hex'), 'ffd8');
  const body =
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><GetDeviceInformation/></s:Body></s:Envelope>';
  t.match((await ask('-d', body, camera.server.address)).toString(), /GetDeviceInformationResponse/);
  t.equal(camera.server.signIn.refused, 0);
});

t.test('a token is taken once, and an account can be locked', async (t) => {
  const camera = await openCamera({ identity, credential, stream: false, discovery: false });
  t.teardown(() => camera[Symbol.asyncDispose]());
  const url = camera.server.address;
  const sent: string[] = [];
  camera.server.signIn.lockAfter = 2;
  const nonce = Buffer.from('a nonce of a test').toString('base64');
  const created = new Date().toISOString();
  const digest = createHash('sha1')
    .update('a nonce of a test')
    .update(created)
    .update(credential.password)
    .digest('base64');
  const signed = `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header><Security><UsernameToken><Username>${credential.userName}</Username><Password>${digest}</Password><Nonce>${nonce}</Nonce><Created>${created}</Created></UsernameToken></Security></s:Header><s:Body><GetDeviceInformation/></s:Body></s:Envelope>`;
  for (let i = 0; i < 2; i++) sent.push(await (await fetch(url, { method: 'POST', body: signed })).text());
  t.match(sent[0], /GetDeviceInformationResponse/);
  t.match(sent[1], /NotAuthorized/, 'replayed');
  t.match(await soap(url, '<GetDeviceInformation/>', { password: 'wrong' }), /NotAuthorized/);
  t.ok(camera.server.signIn.isLocked);
  t.match(await soap(url, '<GetDeviceInformation/>'), /NotAuthorized/, 'now the right one does not help any more');
  camera.server.signIn.unlock();
  t.match(await soap(url, '<GetDeviceInformation/>'), /GetDeviceInformationResponse/);
});

const doorCamera = `
schema: 1
vendor: test
vendorLabel: { zh: 测试, en: Test }
model: door
label: { zh: 门口机, en: Door camera }
class: camera
version: 1.0.0
source: { kind: own, document: This test }
thing:
  properties: [{ id: open, label: { zh: 门, en: Door }, type: boolean }]
  events: []
  commands: [{ id: unlock, label: { zh: 开门, en: Unlock } }]
bindings:
  onvif:
    capabilities: [profiles, events, relays]
    properties: { open: { topic: Device/Trigger/DigitalInput, item: LogicalState, where: { InputToken: door } } }
    commands: { unlock: { action: relay.pulse, with: { token: "7" } } }
`;

t.test('a camera of a profile has what the profile speaks of', async (t) => {
  const parsed = parseProfile(doorCamera, 'test/door.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  const features = featuresOf(parsed.profile);
  t.match(features, { ptz: false, imaging: false, events: true, relays: ['7'], inputs: ['door'] });
  const camera = await openCamera({ identity, credential, features, stream: false, discovery: false });
  t.teardown(() => camera[Symbol.asyncDispose]());
  const url = camera.server.address;
  t.match(await soap(url, '<GetServices/>'), /<tds:Namespace>http:\/\/www.onvif.org\/ver20\/media/);
  t.notMatch(await soap(url, '<GetServices/>'), /<tds:Namespace>http:\/\/www.onvif.org\/ver20\/ptz/);
  t.match(await soap(url, '<GetPresets/>'), /ActionNotSupported/);
});

t.test('is found by WS-Discovery on loopback', async (t) => {
  const camera = await openCamera({
    identity,
    credential,
    stream: false,
    endpointReference: 'urn:uuid:11111111-2222-4333-8444-555555555555',
  });
  t.teardown(() => camera[Symbol.asyncDispose]());
  const { createSocket } = await import('node:dgram');
  const socket = createSocket('udp4');
  t.teardown(() => socket.close());
  const ask = () =>
    socket.send(
      '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><e:Header><w:MessageID>uuid:7</w:MessageID></e:Header><e:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>',
      3702,
      '239.255.255.250',
    );
  socket.bind(0, '127.0.0.1', () => {
    socket.setMulticastInterface('127.0.0.1');
    ask();
  });
  // A datagram may be lost: clients ask again.
  const asking = setInterval(ask, 1_000);
  t.teardown(() => clearInterval(asking));
  for (;;) {
    const [message] = await once(socket, 'message');
    if (!String(message).includes('11111111-2222')) continue;
    t.match(String(message), camera.server.address);
    t.match(String(message), /uuid:7/);
    break;
  }
});
