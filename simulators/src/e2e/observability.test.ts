import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { freePort } from '../free-port.js';
import { NativeDevice } from '../peers/native/native-device.js';
import { QueueMachine } from '../peers/native/queue-machine.js';
import { CountingDevice } from './counting-device.js';
import { TestHall } from './test-hall.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(600_000);

const deploy = fileURLToPath(new URL('../../../deploy', import.meta.url));
const missing = spawnSync('promtool', ['--version']).error ? 'promtool is missing: apt-get install prometheus' : false;

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
  readonly templating: { readonly list: readonly { readonly type: string; readonly query: unknown }[] };
}
interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: { readonly result: readonly unknown[] };
}

/** Figures of things that a quiet hall need not have, or that come in time. */
const mayBeEmpty = new Set([
  ...['Runway', 'Shortest runway', 'Slowest routes, p95', 'Clock: cloud minus unit', 'Adapters'],
  ...['Live bus connected', 'Units turned away'],
]);

t.test('the configuration, rules and their tests are what Prometheus takes', { skip: missing }, async (t) => {
  const promtool = (...args: string[]) =>
    spawnSync('promtool', args, { cwd: join(deploy, 'prometheus'), encoding: 'utf8' });
  for (const args of [
    ['check', 'config', 'prometheus.yml'],
    ['check', 'rules', 'hallhub-alerts.yml'],
    ['test', 'rules', 'hallhub-alerts.test.yml'],
  ]) {
    const { status, stdout, stderr } = promtool(...args);
    t.equal(status, 0, `promtool ${args.join(' ')}: ${stdout}${stderr}`);
  }
});

t.test('a real Prometheus answers every query of every dashboard', { skip: missing }, async (t) => {
  const [metricsPort, prometheusPort] = [await freePort(), await freePort()];
  const hall = await TestHall.open({ edge: { metrics: { port: metricsPort } } });
  t.teardown(() => hall[Symbol.asyncDispose]());
  const machine = new NativeDevice({ url: hall.edgeMqtt, behaviour: new QueueMachine({ serial: 'OBS-1' }) });
  machine.start();
  t.teardown(() => machine[Symbol.asyncDispose]());
  // Something new at each scrape: a rate of nothing proves nothing.
  const counting = new NativeDevice({ url: hall.edgeMqtt, behaviour: new CountingDevice('OBS-2', 200), retryMs: 300 });
  counting.start();
  t.teardown(() => counting[Symbol.asyncDispose]());

  const folder = mkdtempSync(join(tmpdir(), 'hallhub-prometheus-'));
  const config = readFileSync(join(deploy, 'prometheus', 'prometheus.yml'), 'utf8')
    .replaceAll('15s', '1s')
    .replace('hallhub-alerts.yml', join(deploy, 'prometheus', 'hallhub-alerts.yml'))
    .replace('127.0.0.1:8080', `127.0.0.1:${hall.httpPort}`)
    .replace('127.0.0.1:9464', `127.0.0.1:${metricsPort}`);
  writeFileSync(join(folder, 'prometheus.yml'), config);
  const prometheus = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${prometheusPort}`,
    ],
    { stdio: 'ignore' },
  );
  t.teardown(async () => {
    prometheus.kill('SIGKILL');
    await new Promise((resolve) => prometheus.once('close', resolve));
    rmSync(folder, { recursive: true, force: true });
  });
  const ask = async (expr: string): Promise<Answer> => {
    const url = `http://127.0.0.1:${prometheusPort}/api/v1/query?query=${encodeURIComponent(expr)}`;
    return (await fetch(url)).json() as Promise<Answer>;
  };
  // A rate needs two scrapes that both succeeded; on a busy machine that may be some scrapes after the first.
  const answerTo = async (expr: string, filled: boolean): Promise<Answer> => {
    let answer: Answer | undefined;
    const isThere = async () => {
      answer = await ask(expr);
      return answer.status !== 'success' || !filled || answer.data.result.length > 0;
    };
    await waitUntil('an answer', isThere, { everyMs: 500 }).catch((error: unknown) => {
      if (!answer) throw error;
    });
    return answer as Answer;
  };
  await waitUntil('both to be scraped, with something to tell', async () => {
    const answer = await ask('sum(up) == 2 and sum(rate(hallhub_ingest_rows_total[5m])) > 0').catch(() => undefined);
    return answer !== undefined && answer.data.result.length > 0;
  });

  let asked = 0;
  for (const file of readdirSync(join(deploy, 'grafana')).filter((name) => name.endsWith('.json'))) {
    const dashboard = JSON.parse(readFileSync(join(deploy, 'grafana', file), 'utf8')) as Dashboard;
    for (const { title, targets } of dashboard.panels) {
      for (const { expr } of targets) {
        const answer = await answerTo(expr.replaceAll('$instance', '.+'), !mayBeEmpty.has(title));
        asked++;
        t.equal(answer.status, 'success', `${file}: ${title}: ${answer.error ?? 'answered'}`);
        if (!mayBeEmpty.has(title)) t.ok(answer.data.result.length > 0, `${file}: ${title} has something to show`);
      }
    }
  }
  t.ok(asked > 40, `${asked} queries`);
  const alerts = await ask('ALERTS{alertstate="firing"}');
  t.strictSame(alerts.data.result, [], 'a healthy hall raises none');
});

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: string | number };
}
interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly Attribute[];
}
interface Export {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[];
}

/** An OTLP/HTTP receiver that keeps what it is sent. */
const receiveSpans = async (t: Test): Promise<{ readonly url: string; readonly spans: readonly Span[] }> => {
  const spans: Span[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { resourceSpans } = JSON.parse(Buffer.concat(parts).toString()) as Export;
    spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
    response.setHeader('content-type', 'application/json').end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans };
};

const attributeOf = (span: Span, name: string): string => {
  const { stringValue, intValue } = span.attributes.find(({ key }) => key === name)?.value ?? {};
  return String(stringValue ?? intValue ?? '');
};

t.test('a row is one trace from the reading to the commit, named by its chain; a request by its id', async (t) => {
  const receiver = await receiveSpans(t);
  const settings = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_TRACES_SAMPLER_ARG: '1' };
  Object.assign(process.env, settings);
  t.teardown(() => {
    for (const name of Object.keys(settings)) delete process.env[name];
  });
  const hall = await TestHall.open();
  t.teardown(() => hall[Symbol.asyncDispose]());
  const machine = new NativeDevice({ url: hall.edgeMqtt, behaviour: new QueueMachine({ serial: 'TRACE-1' }) });
  machine.start();
  t.teardown(() => machine[Symbol.asyncDispose]());

  const rowSpan = (name: string, lane: string, seq: string) =>
    receiver.spans.find(
      (span) =>
        span.name === name && attributeOf(span, 'hallhub.lane') === lane && attributeOf(span, 'hallhub.seq') === seq,
    );
  /** A row that was sent twice was under way twice: by the one that arrived. */
  const traceOf = (lane: string, seq: string) => {
    const ingest = rowSpan('ingest', lane, seq);
    const uplink = receiver.spans.find(({ name, spanId }) => name === 'uplink' && spanId === ingest?.parentSpanId);
    return [rowSpan('reading', lane, seq), uplink, ingest].filter((span) => span !== undefined);
  };
  interface OwnLane {
    readonly lane: string;
    readonly cursor: number;
    readonly chain: string;
  }
  const patience = { withinMs: 240_000, seen: () => receiver.spans.slice(-3) };
  let seen: OwnLane | undefined;
  await waitUntil(
    'a row whose chain the unit still knows, traced to its end',
    async () => {
      const { own } = JSON.parse((await hall.hub('proof', '--json')).out) as { own: { lanes: readonly OwnLane[] } };
      seen = own.lanes.find(({ lane, cursor }) => cursor > 0 && rowSpan('reading', lane, String(cursor)));
      if (!seen) return false;
      const { lane, cursor } = seen;
      const isWhole = () => traceOf(lane, String(cursor)).length === 3;
      return waitUntil('its three spans', isWhole, { withinMs: 30_000 }).then(() => true);
    },
    patience,
  );
  if (!seen) return;
  const [reading, uplink, ingest] = traceOf(seen.lane, String(seen.cursor));
  const traceId = seen.chain.slice(0, 32);
  t.strictSame([reading?.traceId, uplink?.traceId, ingest?.traceId], [traceId, traceId, traceId]);
  t.strictSame([uplink?.parentSpanId, ingest?.parentSpanId], [reading?.spanId, uplink?.spanId]);
  t.equal(attributeOf(ingest as Span, 'hallhub.unit.id'), hall.unitId);

  const answer = await hall.api.request('GET', '/api/v1/units');
  t.equal(answer.status, 200);
  const requestId = answer.headers.get('x-request-id') ?? '';
  const isTheirs = (span: Span) => span.traceId === requestId.replaceAll('-', '');
  await waitUntil('the span of the request', () => receiver.spans.some(isTheirs), patience);
  t.match(receiver.spans.find(isTheirs), { name: /^GET \/api\/v1\/units/ });
});
