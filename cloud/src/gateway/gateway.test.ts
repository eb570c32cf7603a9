import { request as httpsRequest } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import { HubError, systemClock, uuidv7 } from '@hallhub/shared';
import { gatewayPaths, maxSnapshotBytes, type UnitSnapshot } from '@hallhub/shared/wire';
import pino from 'pino';
import t from 'tap';
import { parseUnitNetworks, type Refusal, secureAdmission } from '../listeners/index.js';
import { dial, makeTestPki, type UnitIdentity, until, untilClosed } from '../listeners/testing.js';
import { type GatewayHandlers, gatewayError } from '../modules/enrolment/index.js';
import type { GatewayModule, GatewayStreamModule } from './gateway-module.js';
import { type GatewayOptions, openGateway } from './open-gateway.js';

const log = pino({ level: process.env.LOG ?? 'silent' });

const snapshot: UnitSnapshot = { v: 1, madeAt: 1, software: '0.1.0', files: { 'edge.yaml': 'version: 1' }, tables: {} };
const csr = '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n';
const enrolment = { v: 1, code: '0123456789ABCDE', csr, software: '0.1.0', hardware: {}, at: 1 };

const setup = async (t: { teardown(fn: () => unknown): unknown }, options: Partial<GatewayOptions> = {}) => {
  const pki = await makeTestPki();
  const refused: Refusal[] = [];
  const calls: unknown[] = [];
  let kept: UnitSnapshot | null = null;
  const handlers: GatewayHandlers = {
    enrol: async (request, caller) => {
      calls.push(['enrol', request.code, caller]);
      if (request.code.startsWith('Z')) throw gatewayError('code_used', 'This code was used already');
      return { v: 1 } as never;
    },
    renew: async (request, caller) => {
      calls.push(['renew', request.csr, caller]);
      return { v: 1, certificate: 'x', trust: pki.trust(), serverTime: 1 };
    },
    trust: () => pki.trust(),
    putSnapshot: async (given) => {
      kept = given;
    },
    getSnapshot: async () => kept,
  };
  const gateway = await openGateway({
    ...{ host: '127.0.0.1', port: 0, pki, handlers, clock: systemClock, log },
    onRefused: (refusal) => refused.push(refusal),
    ...options,
  });
  t.teardown(() => gateway.close(0));
  const send = (
    path: string,
    given: {
      method?: string;
      body?: unknown;
      raw?: Uint8Array;
      identity?: UnitIdentity;
      headers?: Record<string, string>;
    } = {},
  ) =>
    new Promise<{ status: number; headers: Record<string, unknown>; bytes: Buffer; json: Record<string, unknown> }>(
      (resolve, reject) => {
        const { identity, method = 'GET', headers } = given;
        const body = given.raw ?? (given.body === undefined ? undefined : Buffer.from(JSON.stringify(given.body)));
        const outgoing = httpsRequest(
          `${gateway.url}${path}`,
          { agent: false, method, headers, ca: [...pki.trust().certificates], ...identity },
          (answer) => {
            const chunks: Buffer[] = [];
            answer.on('data', (chunk) => chunks.push(chunk));
            answer.on('error', reject);
            answer.on('end', () => {
              const bytes = Buffer.concat(chunks);
              const isJson = /json/.test(answer.headers['content-type'] ?? '');
              resolve({
                ...{ status: answer.statusCode ?? 0, headers: answer.headers, bytes },
                json: isJson ? JSON.parse(bytes.toString()) : {},
              });
            });
          },
        );
        outgoing.on('error', reject);
        outgoing.end(body);
      },
    );
  return { pki, refused, calls, gateway, send };
};

t.test('what needs no certificate', async (t) => {
  const { pki, calls, send } = await setup(t);
  t.match(await send(gatewayPaths.trust), { status: 200, json: pki.trust(), headers: { 'cache-control': 'no-store' } });
  t.match(await send(gatewayPaths.time), { status: 200, json: { serverTime: Number } });
  t.match(await send(gatewayPaths.enrol, { method: 'POST', body: enrolment }), { status: 200, json: { v: 1 } });
  t.same(calls, [['enrol', '0123456789ABCDE', { ip: '127.0.0.1' }]]);
  const used = await send(gatewayPaths.enrol, { method: 'POST', body: { ...enrolment, code: 'Z23456789ABCDEF' } });
  t.match(used, {
    status: 409,
    headers: { 'content-type': 'application/problem+json' },
    json: { code: 'code_used', status: 409 },
  });
  t.match(await send(gatewayPaths.enrol, { method: 'POST', body: { ...enrolment, code: 'x' } }), {
    ...{ status: 400, json: { code: 'invalid_input', detail: /code/ } },
  });
  t.match(await send(gatewayPaths.enrol, { method: 'POST', raw: Buffer.from('{') }), { status: 400 });
  t.match(await send(gatewayPaths.enrol, { method: 'POST', raw: Buffer.alloc(40_000) }), { status: 413 });
  for (const path of ['/', '/api/v1/units', '/unit/v1/', gatewayPaths.enrol])
    t.match(await send(path), { status: 404, json: { code: 'not_found' } }, path);
});

t.test('what needs one', async (t) => {
  const { pki, calls, refused, send } = await setup(t);
  const unitId = uuidv7();
  const identity = await pki.issue(unitId);
  const renew = (given?: UnitIdentity) =>
    send(gatewayPaths.renew, { method: 'POST', body: { v: 1, csr }, ...(given ? { identity: given } : {}) });
  t.match(await renew(identity), { status: 200, json: { v: 1 } });
  t.match(calls[0], ['renew', csr, { unitId, ip: '127.0.0.1' }]);
  t.match(await renew(), { status: 401, json: { code: 'certificate_required' } });
  const foreign = await makeTestPki();
  t.match(await renew(await foreign.issue(unitId)), {
    status: 403,
    json: { code: 'certificate_unknown', detail: /not issued/ },
  });
  t.match(await renew(await pki.issue(unitId, { bornMs: Date.now() - 1e10 })), {
    status: 403,
    json: { detail: /expired/ },
  });
  t.match(await renew(await pki.issue(unitId, { unbooked: true })), { status: 403, json: { detail: /books/ } });
  pki.away = true;
  t.match(await renew(identity), { status: 503, json: { code: 'unavailable' } }, 'the unit comes back');
  pki.away = false;
  pki.revoke(unitId, 'archived');
  t.match(await renew(identity), { status: 410, json: { code: 'unit_archived' } });
  pki.revoke(unitId);
  t.match(await renew(identity), { status: 403, json: { code: 'certificate_revoked' } });
  t.equal(calls.length, 1);
  t.match(
    refused.map(({ reason, listener }) => `${listener} ${reason}`),
    ['foreign_certificate', 'certificate_expired', 'certificate_unknown', 'unit_archived', 'certificate_revoked'].map(
      (reason) => `gateway ${reason}`,
    ),
  );
});

t.test('snapshots go both ways zipped, and have a bound', async (t) => {
  const { pki, send } = await setup(t);
  const identity = await pki.issue(uuidv7());
  t.match(await send(gatewayPaths.snapshot, { identity }), { status: 204 }, 'none yet');
  const put = (raw: Uint8Array) => send(gatewayPaths.snapshot, { method: 'PUT', raw, identity });
  t.match(await put(gzipSync(JSON.stringify(snapshot))), { status: 204 });
  const got = await send(gatewayPaths.snapshot, { identity });
  t.match(got, { status: 200, headers: { 'content-type': 'application/gzip' } });
  t.same(JSON.parse(gunzipSync(got.bytes).toString()), snapshot);
  const bomb = { ...snapshot, files: { big: ' '.repeat(4 * maxSnapshotBytes) } };
  t.match(await put(gzipSync(JSON.stringify(bomb))), { status: 413 }, 'a bomb');
  t.match(await put(Buffer.from([0x1f, 0x8b, 1, 2, 3])), { status: 400 });
  t.match(await put(gzipSync('{"v":2}')), { status: 400 });
});

t.test('other domains add what they serve to units', async (t) => {
  const seen: unknown[] = [];
  const evidence: GatewayModule = {
    path: gatewayPaths.evidence,
    maxBodyBytes: 100,
    handle: async (request, unit) => {
      seen.push([request.method, new URL(request.url).pathname, unit.unitId]);
      if (request.method === 'DELETE') throw new HubError('conflict', 'not now', { context: { retryAfterMs: 2_500 } });
      return new Response((await request.text()).toUpperCase(), { status: 201, headers: { 'tus-resumable': '1.0.0' } });
    },
  };
  const { pki, send } = await setup(t, { modules: [evidence] });
  const unitId = uuidv7();
  const identity = await pki.issue(unitId);
  const path = `${gatewayPaths.evidence}/abc`;
  const answer = await send(path, { method: 'PATCH', raw: Buffer.from('bytes'), identity });
  t.match(answer, { status: 201, bytes: Buffer.from('BYTES'), headers: { 'tus-resumable': '1.0.0' } });
  t.match(await send(gatewayPaths.evidence, { method: 'HEAD', identity }), { status: 201 });
  t.same(seen, [
    ['PATCH', path, unitId],
    ['HEAD', gatewayPaths.evidence, unitId],
  ]);
  t.match(await send(path, { method: 'PATCH', raw: Buffer.from('bytes') }), { status: 401 });
  t.match(await send(path, { method: 'PATCH', raw: Buffer.alloc(101), identity }), { status: 413 });
  const chunked = { method: 'PATCH', raw: Buffer.alloc(101), identity, headers: { 'transfer-encoding': 'chunked' } };
  t.match(await send(path, chunked), { status: 413 }, 'also without a length');
  t.match(await send(path, { method: 'DELETE', identity }), { status: 409, headers: { 'retry-after': '3' } });
});

t.test('a body read as it comes is bounded, may be left unread, and ends when the unit goes away', async (t) => {
  const seen: string[] = [];
  const stream: GatewayStreamModule = {
    ...{ path: gatewayPaths.live, maxBodyBytes: 100, readsChunks: true },
    handle: async (request, _unit, chunks) => {
      let text = '';
      try {
        for await (const chunk of chunks) {
          text += Buffer.from(chunk).toString();
          seen.push(`${text.length}`);
          if (text.startsWith('enough')) break;
        }
      } catch (error) {
        seen.push((error as { code?: string }).code ?? 'error');
        throw error;
      }
      return new Response(`${request.method} ${text}`);
    },
  };
  const { pki, gateway, send } = await setup(t, { modules: [stream] });
  const identity = await pki.issue(uuidv7());
  const path = `${gatewayPaths.live}/x`;
  const post = (raw: Uint8Array, headers = {}) => send(path, { method: 'POST', raw, identity, headers });
  t.match(await post(Buffer.from('abc')), { status: 200, bytes: Buffer.from('POST abc') });
  t.match(await post(Buffer.alloc(101)), { status: 413 });
  t.match(await post(Buffer.alloc(101), { 'transfer-encoding': 'chunked' }), { status: 413 }, 'also without a length');
  t.match(await post(Buffer.from('enough, and what is left')), { status: 200 });
  t.match(await send(path, { identity }), { status: 200, bytes: Buffer.from('GET ') });
  seen.length = 0;
  const leaving = httpsRequest(`${gateway.url}${path}`, {
    ...{ agent: false, method: 'POST', ca: [...pki.trust().certificates], ...identity },
  });
  leaving.on('error', () => {});
  leaving.write('12345');
  await until(() => seen.length > 0);
  leaving.destroy();
  await until(() => seen.length > 1);
  t.same(seen, ['5', 'ECONNRESET']);
});

t.test('an address that guesses codes is slowed down; others are not', async (t) => {
  const { pki, send } = await setup(t);
  const statuses: number[] = [];
  for (let i = 0; i < 25; i++)
    statuses.push((await send(gatewayPaths.enrol, { method: 'POST', body: enrolment })).status);
  t.equal(statuses.filter((status) => status === 200).length, 20);
  const refused = await send(gatewayPaths.enrol, { method: 'POST', body: enrolment });
  t.match(refused, {
    status: 429,
    json: { code: 'too_many_requests', retryAfterMs: Number },
    headers: { 'retry-after': /\d+/ },
  });
  const identity = await pki.issue(uuidv7());
  t.match(await send(gatewayPaths.snapshot, { identity }), { status: 204 }, 'a unit at the same address goes on');
});

t.test('who may come at all', async (t) => {
  const { refused, send } = await setup(t, { networks: parseUnitNetworks('10.0.0.0/8') });
  await t.rejects(send(gatewayPaths.time), { code: 'ECONNRESET' });
  t.match(refused, [{ reason: 'network', address: '127.0.0.1', listener: 'gateway' }]);
});

t.test('slow, silent and broken requests end; a neighbour is served meanwhile', async (t) => {
  const { pki, gateway, send, refused } = await setup(t, { admission: { ...secureAdmission(), proveWithinMs: 5_000 } });
  const tls = pki.trust();
  const { hostname, port } = new URL(gateway.url);
  const tcp = () => connectTcp(Number(port), hostname);
  const ends: Promise<unknown>[] = [];
  const silentTcp = tcp();
  ends.push(untilClosed(silentTcp));
  const plainHttp = tcp();
  plainHttp.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  ends.push(untilClosed(plainHttp));
  ends.push(untilClosed(await dial(gateway.url, { trust: () => tls })));
  const loris = await dial(gateway.url, { trust: () => tls });
  loris.write('POST /unit/v1/enrol HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{');
  const drip = setInterval(() => loris.writable && loris.write(' '), 50);
  t.teardown(() => clearInterval(drip));
  ends.push(untilClosed(loris));
  const headers = await dial(gateway.url, { trust: () => tls });
  headers.write(`GET /unit/v1/time HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`);
  t.match((await untilClosed(headers)).toString(), /^HTTP\/1\.1 431/);
  const garbage = await dial(gateway.url, { trust: () => tls });
  garbage.write('\0\0\0\0nonsense\r\n\r\n');
  t.match((await untilClosed(garbage)).toString(), /^HTTP\/1\.1 400/);
  const smuggled = await dial(gateway.url, { trust: () => tls });
  smuggled.write(
    'POST /unit/v1/enrol HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  );
  t.match((await untilClosed(smuggled)).toString(), /^HTTP\/1\.1 400/);
  const identity = await pki.issue(uuidv7());
  t.match(await send(gatewayPaths.snapshot, { identity }), { status: 204 });
  await Promise.all(ends);
  t.pass('all of them were ended');
  t.ok(refused.some(({ reason }) => reason === 'not_proved'));
  t.ok(refused.some(({ reason }) => reason === 'tls'));
});

t.test('closing lets what runs come to its end', async (t) => {
  let release = () => {};
  const slow: GatewayModule = {
    ...{ path: '/unit/v1/slow', maxBodyBytes: 0 },
    handle: () => new Promise((resolve) => (release = () => resolve(new Response('done')))),
  };
  const { pki, gateway, send } = await setup(t, { modules: [slow] });
  let isWaiting = true;
  const answer = send('/unit/v1/slow', { identity: await pki.issue(uuidv7()) });
  void answer.finally(() => (isWaiting = false));
  const before = release;
  await until(() => release !== before);
  const closing = gateway.close(5_000);
  t.ok(isWaiting);
  release();
  t.match(await answer, { status: 200, bytes: Buffer.from('done') });
  await closing;
  await t.rejects(send(gatewayPaths.time), { code: 'ECONNREFUSED' });
});
