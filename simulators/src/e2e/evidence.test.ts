import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openTcpProxy } from '../faults/tcp-proxy.js';
import { NativeDevice } from '../peers/native/native-device.js';
import { compareBooks } from './compare-books.js';
import { CountingDevice } from './counting-device.js';
import { TestHall } from './test-hall.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(600_000);

interface Evidence {
  readonly id: string;
  readonly state: string;
  readonly sha256: string;
  readonly bytes: number;
}

const hall = await TestHall.open();
t.teardown(() => hall[Symbol.asyncDispose]());
const { api } = hall;
const gatewayLine = await openTcpProxy({ port: Number(new URL(hall.gateway).port) });
t.teardown(() => gatewayLine[Symbol.asyncDispose]());
/** The way to the gateway leads over the line that is cut. */
await hall.edge.stop();
const credentialFile = join(hall.dir, 'edge', 'unit.json');
const credential = JSON.parse(readFileSync(credentialFile, 'utf8'));
credential.cloud.gateway = `https://127.0.0.1:${gatewayLine.port}`;
writeFileSync(credentialFile, JSON.stringify(credential), { mode: 0o600 });
await hall.startEdge();

const counting = new CountingDevice('EVID-1', 100);
const device = new NativeDevice({ url: hall.edgeMqtt, behaviour: counting, retryMs: 300 });
device.start();
t.teardown(() => device[Symbol.asyncDispose]());
const deviceId = await waitUntil('the device in the cloud', async () => {
  const devices = await api.all<{ id: string; serial: string; state: string }>('/devices');
  return devices.find((d) => d.serial === 'EVID-1' && d.state === 'active')?.id;
});
const listed = () => api.all<Evidence>(`/evidence?deviceId=${deviceId}`);
const content = async (id: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${api.origin}/api/v1/evidence/${id}/content`, {
    headers: { cookie: api.cookie, ...headers },
  });
  return { response, bytes: Buffer.from(await response.arrayBuffer()) };
};
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const jpeg = (bytes: number) => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(bytes)]);
const add = async (name: string, bytes: Buffer): Promise<string> => {
  const file = join(hall.dir, name);
  writeFileSync(file, bytes);
  const added = await hall.hub('evidence', 'add', file, '--device', deviceId, '--json');
  t.equal(added.code, 0, added.err);
  return JSON.parse(added.out).evidenceId;
};

t.test('a cut line, and a power cut at either end: whole, by its hash', async (t) => {
  const bytes = jpeg(24 * 1_048_576);
  const id = await add('clip.jpg', bytes);
  const sent = async () => JSON.parse((await hall.hub('evidence', 'list', '--json')).out).sending?.sentBytes ?? 0;
  await waitUntil(
    'the upload to begin',
    async () => (await sent()) > 0 || (await listed()).some((e) => e.state !== 'pending'),
  );
  gatewayLine.set('cut');
  gatewayLine.set('pass');
  await hall.edge.kill();
  await hall.startEdge();
  await hall.cloud.kill();
  await hall.startCloud();
  const whole = await waitUntil('the file', async () =>
    (await listed()).find((e) => e.id === id && e.state === 'complete'),
  );
  t.equal(whole.sha256, sha256(bytes));
  const got = await content(id);
  t.equal(got.response.status, 200);
  t.equal(sha256(got.bytes), sha256(bytes));
  t.match(got.response.headers.get('content-disposition'), /^attachment/);
  const part = await content(id, { range: 'bytes=0-3' });
  t.equal(part.response.status, 206);
  t.same([...part.bytes], [0xff, 0xd8, 0xff, 0xe0]);
  await waitUntil('it to go from the unit', () => !readdirSync(join(hall.dir, 'edge', 'evidence')).includes(id));
});

t.test('what is none is not taken', async (t) => {
  const file = join(hall.dir, 'page.jpg');
  writeFileSync(file, '<script>alert(1)</script>');
  const refused = await hall.hub('evidence', 'add', file, '--device', deviceId);
  t.equal(refused.code, 1);
  t.match(refused.err, /JPEG, PNG/);
});

t.test('a hall without a line: by bundle and receipt all of it, and the proof says so', async (t) => {
  hall.uplink.set('cut');
  gatewayLine.set('cut');
  const told = counting.acknowledgedValues.length;
  await waitUntil('more values', () => counting.acknowledgedValues.length > told + 50);
  const picture = jpeg(100_000);
  const id = await add('alone.jpg', picture);
  await device[Symbol.asyncDispose]();
  const carry = async () => {
    const made = await hall.hub('bundle', 'export', '--to', join(hall.dir, 'stick'), '--json');
    t.equal(made.code, 0, made.err);
    const { file } = JSON.parse(made.out) as { file: string };
    const verified = await hall.hub('bundle', 'verify', file);
    t.equal(verified.code, 0, verified.out);
    const post = async (body: Buffer) => {
      const response = await fetch(`${api.origin}/api/v1/bundles`, {
        method: 'POST',
        headers: { cookie: api.cookie, origin: api.origin, 'content-type': 'application/octet-stream' },
        body: new Uint8Array(body),
      });
      return {
        status: response.status,
        body: (await response.json()) as { id: string; complete: boolean; detail?: string },
      };
    };
    const bundle = readFileSync(file);
    const changed = Buffer.from(bundle);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    t.match(await post(changed), { status: 400, body: { detail: /damaged/ } });
    t.match(await post(bundle.subarray(0, -10)), { status: 400, body: { detail: /not whole/ } });
    t.match(await post(bundle), { status: 201, body: { complete: true } });
    // A second time, as people do.
    const imported = await post(bundle);
    t.match(imported, { status: 201, body: { complete: true } });
    const receipt = await fetch(`${api.origin}/api/v1/bundles/${imported.body.id}/receipt`, {
      headers: { cookie: api.cookie },
    });
    const receiptFile = join(hall.dir, 'stick', 'receipt.hhr');
    writeFileSync(receiptFile, await receipt.text());
    const taken = await hall.hub('bundle', 'import', receiptFile, '--json');
    t.equal(taken.code, 0, taken.err);
    return JSON.parse(taken.out) as { streams: { acknowledged: number; result: string }[]; files: number };
  };
  const first = await carry();
  t.equal(first.files, 1);
  // What was written while it was on its way goes with the next stick.
  await waitUntil('nothing to be left for another stick', async () => {
    const { lanes } = JSON.parse((await hall.hub('outbox', '--json')).out) as { lanes: { pending: number }[] };
    if (lanes.every(({ pending }) => pending === 0)) return true;
    await carry();
    return false;
  });
  t.ok(first.streams.some(({ result, acknowledged }) => result === 'acknowledged' && acknowledged > 0));
  t.match(
    (await listed()).find((e) => e.id === id),
    { state: 'complete', sha256: sha256(picture) },
  );
  t.match(await compareBooks(hall, deviceId, counting), {
    ...{ missingValues: [], doubleValues: [], missingEvents: [], doubleEvents: [] },
  });
  const proof = await api.get<{ totals?: { lost?: number } }>(`/units/${hall.unitId}/proof`);
  t.match(JSON.stringify(proof), /"lost":0/);
});
