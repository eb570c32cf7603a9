import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { openSpanSink } from './open-span-sink.js';
import { isRowSampled, spanOf, traceOfId, traceOfRow } from './trace-ids.js';

t.test('ids follow from what is traced', async (t) => {
  const chain = Buffer.from('00112233445566778899aabbccddeeff'.repeat(2), 'hex');
  t.equal(traceOfRow(chain), '00112233445566778899aabbccddeeff');
  t.equal(traceOfId('0190a0b0-0000-7000-8000-000000000001'), '0190a0b0000070008000000000000001');
  t.match(spanOf(traceOfRow(chain), 'uplink'), /^[0-9a-f]{16}$/);
  t.not(spanOf(traceOfRow(chain), 'uplink'), spanOf(traceOfRow(chain), 'reading'));
});

t.test('the ratio holds, and 0 and 1 mean what they say', async (t) => {
  const chains = Array.from({ length: 20_000 }, () => randomBytes(32));
  t.equal(chains.filter((chain) => isRowSampled(chain, 0)).length, 0);
  t.equal(chains.filter((chain) => isRowSampled(chain, 1)).length, chains.length);
  const share = chains.filter((chain) => isRowSampled(chain, 0.05)).length / chains.length;
  t.ok(share > 0.04 && share < 0.06, `${share}`);
});

interface OtlpSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}
interface OtlpRequest {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[] }[];
}

t.test('spans arrive by OTLP with the ids they were given', async (t) => {
  const bodies: OtlpRequest[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      bodies.push(JSON.parse(Buffer.concat(parts).toString()));
      response.setHeader('content-type', 'application/json').end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const sink = await openSpanSink({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    service: 'hallhub-test',
    version: '0',
    rowRatio: 1,
  });
  const traceId = 'ab'.repeat(16);
  const [root, child] = [spanOf(traceId, 'reading'), spanOf(traceId, 'uplink')];
  sink.add({ name: 'reading', traceId, spanId: root, startMs: 1_000, endMs: 1_010, attributes: { lane: 'live' } });
  sink.add({ name: 'uplink', traceId, spanId: child, parentSpanId: root, startMs: 1_010, endMs: 1_000, error: 'lost' });
  const arrived = () =>
    bodies.flatMap((body) => body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)));
  await sink.close();
  // Closing waits two seconds at the most; what a busy machine has not sent by then is still on its way.
  for (const endMs = performance.now() + 60_000; arrived().length < 2 && performance.now() < endMs; ) await pause(20);
  const spans = arrived();
  t.match(
    spans.map((span) => [span.name, span.traceId, span.spanId, span.parentSpanId ?? '']),
    [
      ['reading', traceId, root, ''],
      ['uplink', traceId, child, root],
    ],
  );
});

t.test('a receiver that is not there harms nobody', async (t) => {
  const sink = await openSpanSink({ endpoint: 'http://127.0.0.1:9', service: 'x', version: '0', rowRatio: 1 });
  for (let i = 0; i < 10_000; i++) {
    sink.add({ name: 'x', traceId: 'cd'.repeat(16), spanId: 'ef'.repeat(8), startMs: 1, endMs: 2 });
  }
  const startMs = performance.now();
  await sink.close();
  t.ok(performance.now() - startMs < 30_000);
});
