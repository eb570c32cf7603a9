import 'reflect-metadata';
import { sign, webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ManualClock, uuidv7 } from '@hallhub/shared';
import type { DownCommand, Receipt, Trust } from '@hallhub/shared/wire';
import * as x509 from '@peculiar/x509';
import t, { type Test } from 'tap';
import { EvidenceStore } from '../evidence/index.js';
import { ClockSegments, Outbox } from '../outbox/index.js';
import { silentLogger } from '../ports/index.js';
import { Store } from '../store/index.js';
import { BundleDesk } from './bundle-desk.js';
import { compareTrust } from './newer-trust.js';
import { receiptText } from './read-receipt.js';

x509.cryptoProvider.set(webcrypto as never);
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 86_400_000;
const startMs = Date.UTC(2026, 5, 1);
const unitId = '01900000-0000-7000-8000-00000000000a';
const deviceId = '01900000-0000-7000-8000-00000000000d';
const documentUse = '1.3.6.1.5.5.7.3.36';
const pemOf = (one: x509.X509Certificate) => `${one.toString('pem').replaceAll('\r', '').trim()}\n`;
const makeKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

/** An authority of the cloud with its key for documents. */
const makeAuthority = async (name: string, bornMs: number) => {
  const [keys, documentKeys] = [await makeKeys(), await makeKeys()];
  const dates = { notBefore: new Date(bornMs), notAfter: new Date(bornMs + 3_650 * dayMs) };
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ name: `CN=${name}`, keys: keys as never, signingAlgorithm: algorithm, ...dates },
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  });
  const issue = async (use: string) =>
    x509.X509CertificateGenerator.create({
      ...{ subject: 'CN=documents', issuer: ca.subject, signingAlgorithm: algorithm, ...dates },
      publicKey: documentKeys.publicKey as never,
      signingKey: keys.privateKey as never,
      extensions: [new x509.BasicConstraintsExtension(false), new x509.ExtendedKeyUsageExtension([use])],
    });
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', documentKeys.privateKey));
  return {
    pem: pemOf(ca),
    signed: async (receipt: object, use = documentUse): Promise<string> => {
      const line = JSON.stringify(receipt);
      const signature = sign('sha256', Buffer.from(line), { key, format: 'der', type: 'pkcs8' }).toString('base64');
      const certificates = [pemOf(await issue(use)), pemOf(ca)];
      return `${line}\n${JSON.stringify({ algorithm: 'ecdsa-p256-sha256', signature, certificates })}\n`;
    },
  };
};
const authorities = await Promise.all(
  ['first', 'second', 'third'].map((name, i) => makeAuthority(name, startMs - (300 - i * 100) * dayMs)),
);
const [first, second, third] = authorities as [
  (typeof authorities)[0],
  (typeof authorities)[0],
  (typeof authorities)[0],
];
const trustOf = (...list: (typeof authorities)[0][]): Trust => ({
  version: list.map(({ pem }) => authorities.findIndex((one) => one.pem === pem)).join('-'),
  certificates: list.map(({ pem }) => pem),
});

/** Nobody looks at what this unit signs here. */
const signing = { sign: () => Buffer.from('x'), certificates: ['x'] };

const setup = async (test: Test, given: { trust: Trust; online?: boolean }) => {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'hub-bundle-'));
  const clock = new ManualClock(startMs);
  const store = new Store({ dataDir, clock, logger: silentLogger });
  const segments = new ClockSegments({ hub: store.hub, clock, bootId: uuidv7(), logger: silentLogger });
  const outbox = new Outbox({ store, unitId, clock, segments, logger: silentLogger });
  const limits = { maxBytes: 1_000_000, maxFileBytes: 1_000_000 };
  const evidence = new EvidenceStore({ store, outbox, clock, limits, logger: silentLogger, onFault: () => {} });
  test.teardown(() => {
    store.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  await evidence.start();
  const keeper = {
    identity: { unitId, trust: given.trust, ...signing },
    files: { saveTrust: () => {} },
    reload: () => {},
  };
  keeper.files.saveTrust = ((trust: Trust) => {
    keeper.identity = { unitId, trust, ...signing };
  }) as never;
  const commands: DownCommand[] = [];
  const make = () =>
    new BundleDesk({
      ...{ store, outbox, evidence, segments, clock, logger: silentLogger, bootId: uuidv7(), software: 'test' },
      identity: () => keeper as never,
      credential: () => ({ unitId, secret: 'x' }) as never,
      online: () => given.online ?? false,
      onCommand: async (command) => void commands.push(command),
    });
  const desk = make();
  const again = () => {
    const other = make();
    return { import: (text: string) => settle(other.import(text)) };
  };
  const exported = async () => {
    const to = { folder: path.join(dataDir, 'stick'), maxBytes: 1_000_000, withFiles: false };
    return (await settle(desk.export(to))).id;
  };
  /** Groups of writes close by the manual clock. */
  const settle = async <T>(work: Promise<T>): Promise<T> => {
    let done = false;
    const end = work.finally(() => {
      done = true;
    });
    end.catch(() => undefined);
    while (!done) {
      for (const lane of ['events', 'live'] as const) outbox.commitOf(lane).flush();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return end;
  };
  const take = async (text: string) => settle(desk.import(text));
  return { clock, segments, outbox, commands, keeper, take, settle, again, exported };
};

const receiptOf = (change: Partial<Receipt> = {}): Receipt => ({
  ...{ v: 1, kind: 'down', id: uuidv7(), bundleId: uuidv7(), unitId, madeAt: startMs },
  ...{ streams: [], evidence: [], commands: [], trust: trustOf(first), ...change },
});

t.test('which list of authorities is newer', async (t) => {
  const cases = [
    [[first], [first], 'same'],
    [[second, first], [first, second], 'same'],
    [[first, second], [first], 'newer'],
    [[second], [first, second], 'newer'],
    [[first, second], [second], 'older'],
    [[first], [first, second], 'older'],
    [[first], [second], 'older'],
    [[second, third], [first, second], 'newer'],
    [[first, second], [second, third], 'older'],
  ] as const;
  for (const [carried, present, expected] of cases)
    t.equal(compareTrust(trustOf(...carried), trustOf(...present)), expected);
  const broken = { version: 'x', certificates: ['-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n'] };
  t.throws(() => compareTrust(broken, trustOf(first)), { code: 'configuration' });
});

t.test('an old genuine receipt brings no retired authority back', async (t) => {
  const { take, keeper } = await setup(t, { trust: trustOf(first, second) });
  const old = await first.signed(receiptOf({ trust: trustOf(first) }));
  t.match(await take(old), { trust: 'kept' });
  const mixed = await first.signed(receiptOf({ trust: trustOf(first, second), madeAt: startMs + 1 }));
  t.match(await take(mixed), { trust: 'same' });
  t.match(await take(await second.signed(receiptOf({ trust: trustOf(second) }))), { trust: 'renewed' });
  t.same(keeper.identity.trust, trustOf(second));
  // By an authority that is trusted here no more.
  await t.rejects(take(mixed), { code: 'forbidden' });
  const late = await second.signed(receiptOf({ trust: trustOf(second, first), madeAt: startMs + dayMs }));
  t.match(await take(late), { trust: 'kept' }, 'nor by a receipt that is later than all before it');
  const without = await second.signed(receiptOf({ trust: trustOf(third) }));
  t.match(await take(without), { trust: 'kept' }, 'with that list its own signer would not be trusted');
  t.match(await take(await second.signed(receiptOf({ trust: trustOf(second, third) }))), { trust: 'renewed' });
  const line = await setup(t, { trust: trustOf(first), online: true });
  const told = await first.signed(receiptOf({ trust: trustOf(first, second) }));
  t.match(await line.take(told), { trust: 'kept' }, 'where there is a line, the line says it');
});

t.test('what is no receipt of this unit’s cloud', async (t) => {
  const { take } = await setup(t, { trust: trustOf(first) });
  const good = await first.signed(receiptOf());
  await t.rejects(take(await first.signed(receiptOf({ unitId: uuidv7() }))), { message: /another unit/ });
  await t.rejects(take(await second.signed(receiptOf())), { code: 'forbidden' });
  await t.rejects(take(await first.signed(receiptOf(), '1.3.6.1.5.5.7.3.2')), { code: 'forbidden' });
  await t.rejects(take(good.replace(`"madeAt":${startMs}`, `"madeAt":${startMs + 1}`)), { code: 'forbidden' });
  for (const text of ['', '{}', good.split('\n')[0] ?? '', `${good}more`, 'HHR1.AAAA', receiptText(good).slice(0, -20)])
    await t.rejects(take(text), { code: 'invalid_input' }, text.slice(0, 20));
  const [signed = '', signature] = good.split('\n');
  await t.rejects(take(`${signed}\n${signature}\n{}`), { code: 'invalid_input' });
  t.match(await take(receiptText(good)), { trust: 'same' }, 'as a text, too');
});

t.test('commands that were on the way too long are written down as expired', async (t) => {
  const { take, clock, segments, commands } = await setup(t, { trust: trustOf(first) });
  const command = (remainingMs: number): DownCommand => ({
    ...{ v: 1, type: 'command', id: uuidv7(), target: { unit: true }, name: 'restart', input: {} },
    ...{ remainingMs, issuedAt: startMs },
  });
  const two = { commands: [command(60_000), command(3_600_000), { v: 1, type: 'cancel', id: uuidv7() } as const] };
  const unsure = await first.signed(receiptOf(two));
  t.match(await take(unsure), { commands: { taken: 0, expired: 2 } }, 'nobody knows how long it lay in a drawer');
  t.same(
    commands.map((one) => ('remainingMs' in one ? one.remainingMs : one.type)),
    [0, 0, 'cancel'],
  );
  commands.length = 0;
  segments.learn(clock.now(), 0);
  await clock.advance(600_000);
  t.match(await take(unsure), { commands: { taken: 1, expired: 1 } });
  t.same(
    commands.map((one) => ('remainingMs' in one ? one.remainingMs : one.type)),
    [0, 3_000_000, 'cancel'],
  );
});

t.test('with a clock that may be wrong, time since the export is what counts, and of this run alone', async (t) => {
  const { take, clock, again, exported } = await setup(t, { trust: trustOf(first) });
  const bundleId = await exported();
  const command: DownCommand = {
    ...{ v: 1, type: 'command', id: uuidv7(), target: { unit: true }, name: 'restart', input: {} },
    ...{ remainingMs: 3_600_000, issuedAt: startMs },
  };
  const receipt = await first.signed(receiptOf({ bundleId, commands: [command] }));
  await clock.advance(600_000);
  clock.jump(-400 * dayMs);
  t.match(await take(receipt), { commands: { taken: 1, expired: 0 } }, 'a jump of the wall clock is no time');
  await clock.advance(3_600_000);
  t.match(await take(receipt), { commands: { taken: 0, expired: 1 } });
  // Started anew a year later, with a dead battery: the wall clock says minutes after the export.
  clock.jump(startMs + 600_000 - clock.now());
  t.match(await again().import(receipt), { commands: { taken: 0, expired: 1 } });
});

t.test('receipts in any order let go what the cloud has, and nothing else', async (t) => {
  const { take, outbox, settle } = await setup(t, { trust: trustOf(first) });
  const lane = outbox.lane('live');
  for (let n = 0; n < 30; n++)
    await settle(outbox.write('live', { kind: 'sample', at: startMs, deviceId, values: { n } }));
  const at = (cursor: number, chain = lane.chainAt(cursor)?.toString('hex') ?? '') =>
    first.signed(receiptOf({ streams: [{ lane: 'live', epoch: lane.epoch, cursor, chain }] }));
  const [ten, twenty] = [await at(10), await at(20)];
  t.match(await take(twenty), { streams: [{ result: 'acknowledged', acknowledged: 20, waiting: 10 }] });
  for (const old of [ten, twenty, ten]) t.match(await take(old), { streams: [{ result: 'nothing_new', waiting: 10 }] });
  const { epoch } = lane;
  const other = { lane: 'live', epoch: '00000000000000ff', cursor: 25, chain: 'a'.repeat(64) } as const;
  t.match(await take(await first.signed(receiptOf({ streams: [other] }))), { streams: [{ result: 'other_epoch' }] });
  t.equal(lane.epoch, epoch);
  t.match(await take(await at(25, 'a'.repeat(64))), { streams: [{ result: 'new_epoch' }] });
  t.not(lane.epoch, epoch, 'the cloud has other rows under these numbers: this disk is an older one');
});
