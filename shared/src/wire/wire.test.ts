import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import {
  exchangeBookSchema,
  exchangeBoundariesSchema,
  exchangeMessageSchema,
  exchangeReceiptsSchema,
  exchangeTicketsSchema,
  exchangeUploadSchema,
} from '../exchange/index.js';
import { downSteerSchema, findingSchema, visionReportSchema } from '../vision/index.js';
import { type BatchHeader, batchHeaderSchema, encodeBatch, splitBatch } from './batch.js';
import { commandStates, downCommandSchema, isFinalCommandState, mayFollow } from './commands.js';
import { deviceEventSchema, joinReplySchema, joinRequestSchema } from './device.js';
import { jsonObjectSchema } from './primitives.js';
import { rowSchema } from './rows.js';
import { helloAnswerSchema, helloSchema } from './session.js';
import { deviceTopics, joinTopics, parseDeviceTopic, parseUnitTopic, unitTopics } from './topics.js';

const id = '0190a0b0-0000-7000-8000-000000000001';
const chain = 'ab'.repeat(32);
const header: BatchHeader = {
  v: 1,
  lane: 'live',
  epoch: '0123456789abcdef',
  firstSeq: 1,
  count: 2,
  prevChain: chain,
  chain,
  bootId: id,
  monoMs: 5,
  sentAt: 1_767_225_600_000,
  clock: { state: 'trusted', segment: 1, offsetMs: null },
  encoding: 'identity',
  bytes: 4,
};

t.test('JSON nested too deep is refused, and not by running out of stack', async (t) => {
  const nested = (depth: number) => JSON.parse(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`);
  t.equal(jsonObjectSchema.safeParse(nested(30)).success, true);
  const refused = deviceEventSchema.safeParse({ event: 'x', data: nested(100_000) });
  t.match(refused.error?.issues[0], { path: ['data'], message: 'nested deeper than 32' });
  t.same(deviceEventSchema.parse({ event: 'x' }).data, {});
  t.equal(jsonObjectSchema.safeParse([]).success, false);
});

t.test('a batch comes apart as it was put together, whatever its body', async () => {
  fc.assert(
    fc.property(fc.uint8Array(), (body) => {
      const parts = splitBatch(encodeBatch(header, body));
      return (
        parts !== undefined &&
        Buffer.from(parts.body).equals(Buffer.from(body)) &&
        batchHeaderSchema.safeParse(JSON.parse(Buffer.from(parts.head).toString())).success
      );
    }),
  );
});

t.test('a payload without a header line in its bound is none', async (t) => {
  t.equal(splitBatch(new Uint8Array(5000).fill(0x20)), undefined);
  t.equal(splitBatch(new Uint8Array()), undefined);
});

t.test('a header has rows or a gap, never both, and the gap adds up', async (t) => {
  const gap = { toSeq: 10, count: 10, reason: 'thinned', signature: chain };
  t.ok(batchHeaderSchema.safeParse({ ...header, count: 0, gap }).success);
  t.notOk(batchHeaderSchema.safeParse({ ...header, gap }).success);
  t.notOk(batchHeaderSchema.safeParse({ ...header, count: 0 }).success);
  t.notOk(batchHeaderSchema.safeParse({ ...header, count: 0, gap: { ...gap, toSeq: 12 } }).success);
});

t.test('command states only go forward, but for a provisional unknown', async (t) => {
  for (const from of commandStates) {
    for (const to of commandStates) {
      if (isFinalCommandState(from)) {
        t.equal(mayFollow({ state: from }, to), false, `${from} -> ${to}`);
        t.equal(mayFollow({ state: from, provisional: true }, to), from === 'unknown' && isFinalCommandState(to));
      } else t.notOk(mayFollow({ state: from }, to) && mayFollow({ state: to }, from), `${from} <-> ${to}`);
    }
  }
});

t.test('topics carry ids both ways and nothing else', async (t) => {
  t.same(parseUnitTopic(unitTopics.up(id, 'live')), { unitId: id, rest: 'up/live' });
  t.same(parseDeviceTopic(deviceTopics.event(id)), { deviceId: id, channel: 'event' });
  for (const wrong of ['hh/1/u//hello', `hh/2/u/${id}/hello`, `x/hh/1/u/${id}/hello`, joinTopics.join('a')]) {
    t.equal(parseUnitTopic(wrong), undefined);
    t.equal(parseDeviceTopic(wrong), undefined);
  }
});

t.test('every example of docs/protocol.md is valid', async (t) => {
  const page = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8');
  const blocks = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map((match) =>
    JSON.parse(
      (match[1] ?? '')
        .replaceAll('9f3c…', header.epoch)
        .replaceAll('…64 hex…', chain)
        .replaceAll(/"(prevChain|chain)":"…"/g, `"$1":"${chain}"`)
        .replaceAll('…', id)
        .replace('base64url of 16 random bytes or more', 'A'.repeat(22)),
    ),
  );
  const ofVision = [findingSchema, visionReportSchema, downSteerSchema];
  const ofExchange = [
    ...[exchangeMessageSchema, exchangeBookSchema, exchangeUploadSchema],
    ...[exchangeTicketsSchema, exchangeBoundariesSchema, exchangeReceiptsSchema],
  ];
  const schemas = [helloSchema, helloAnswerSchema, batchHeaderSchema, joinRequestSchema, ...ofVision, ...ofExchange];
  for (const block of blocks) {
    const fits = schemas.some((schema) => schema.safeParse(block).success) || block.result !== undefined;
    t.ok(fits, JSON.stringify(block).slice(0, 80));
  }
  t.ok(blocks.length >= 5);
});

t.test('unknown fields are ignored, wrong types and unknown kinds are not', async (t) => {
  const row = { kind: 'event', at: 1, id, deviceId: id, event: 'x', severity: 'info', data: {}, laterField: 1 };
  t.ok(rowSchema.safeParse(row).success);
  t.notOk(rowSchema.safeParse({ ...row, at: '1' }).success);
  t.notOk(rowSchema.safeParse({ ...row, kind: 'later' }).success);
  t.ok(downCommandSchema.safeParse({ v: 1, type: 'cancel', id }).success);
  t.notOk(joinReplySchema.safeParse({ v: 1, status: 'accepted', deviceId: id }).success, 'accepted means a credential');
});
