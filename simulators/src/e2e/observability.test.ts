import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { freePort } from '../free-port.js';
import { NativeDevice } from '../peers/native/native-device.js';
import { QueueMachine } from '../peers/native/queue-machine.js';
import { TestHall } from './test-hall.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(180_000);

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
const mayBeEmpty = new Set(['Runway', 'Shortest runway', 'Slowest routes, p95', 'Clock: cloud minus unit', 'Adapters']);

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
  await waitUntil('both to be scraped, with something to tell', async () => {
    const answer = await ask('sum(up) == 2 and sum(rate(hallhub_ingest_rows_total[5m])) > 0').catch(() => undefined);
    return answer !== undefined && answer.data.result.length > 0;
  });

  let asked = 0;
  for (const file of readdirSync(join(deploy, 'grafana')).filter((name) => name.endsWith('.json'))) {
    const dashboard = JSON.parse(readFileSync(join(deploy, 'grafana', file), 'utf8')) as Dashboard;
    for (const { title, targets } of dashboard.panels) {
      for (const { expr } of targets) {
        const answer = await ask(expr.replaceAll('$instance', '.+'));
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
