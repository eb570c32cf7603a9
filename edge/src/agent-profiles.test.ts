import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { systemClock } from '@hallhub/shared';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { until } from './__fixtures__/until.js';
import { Agent } from './agent.js';
import { LocalClient } from './cli/local-client.js';
import { runCli } from './cli/program.js';
import { findSocketPath } from './local-api/index.js';
import { type AdapterFactory, type AdapterHost, type DeviceView, defineAdapter, type Reading } from './ports/index.js';

const head = (model: string) => `schema: 1
vendor: acme
vendorLabel: { zh: 甲, en: A }
model: ${model}
label: { zh: ${model} 表, en: ${model} }
class: meter
version: 1.0.0
source: { kind: own, document: x }
`;
const template = `schema: 1
template: power
label: { zh: 电力, en: Power }
thing:
  properties:
    - { id: powerL1, label: { zh: 甲相, en: L1 }, type: number, unit: W }
    - { id: powerL2, label: { zh: 乙相, en: L2 }, type: number, unit: W }
`;
const meter = `${head('m-1')}uses: [power]
thing:
  properties:
    - { id: power, label: { zh: 功率, en: Power }, type: number, unit: W, range: [0, 1000], deadBand: 5 }
    - { id: factor, label: { zh: 倍率, en: Factor }, type: number, unit: '1', role: internal }
    - { id: version, label: { zh: 版本, en: Version }, type: number, unit: '1', role: diagnostic }
bindings:
  modbus:
    points:
      powerL1: { table: input, address: 0, type: f32 }
      powerL2: { table: input, address: 2, type: f32 }
      factor: { table: input, address: 4, type: f32 }
      version: { table: input, address: 6, type: u16, scale: 0.1 }
derived:
  power: { feel: (powerL1 + powerL2) * factor }
firmware: { method: none, versionProperty: version }
variants:
  - { firmware: '>=2', bindings: { modbus: { points: { powerL1: { address: 100 } } } } }
`;
const other = `${head('o-1')}thing: { properties: [{ id: level, label: { zh: 液位, en: Level }, type: number, unit: m }] }
bindings: { modbus: { points: { level: { table: input, address: 0, type: f32 } } } }
`;

interface Bus {
  readonly attached: DeviceView[];
  readonly asked: (readonly string[])[];
  reading: (properties: readonly string[]) => Reading['values'];
}

/** An adapter that remembers whom it was given, with a device of each model. */
const busFactory = (bus: Bus, hosts: AdapterHost[]): AdapterFactory =>
  defineAdapter({
    protocol: 'modbus',
    section: 'modbus',
    configSchema: z.strictObject({ id: z.string() }),
    idOf: ({ id }) => id,
    create: ({ id }, host) => {
      hosts.push(host);
      return {
        id,
        protocol: 'modbus',
        start: () => Promise.resolve(),
        stop: () => Promise.resolve(),
        status: () => ({ state: 'running', since: 0 }),
        attach: (device) => void bus.attached.push(device),
        detach: () => {},
        async *discover() {},
        execute: () => Promise.resolve(undefined),
        read: async (deviceId, properties) => {
          bus.asked.push(properties);
          return { deviceId, values: bus.reading(properties) };
        },
        write: () => Promise.resolve(),
      };
    },
  });

const start = async (test: Test) => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'hub-profiles-'));
  const profiles = path.join(dir, 'profiles');
  for (const name of ['acme', 'templates']) mkdirSync(path.join(profiles, name), { recursive: true });
  const put = (file: string, text: string) => {
    // As an editor does: the file is never half there.
    writeFileSync(path.join(dir, 'new'), text);
    renameSync(path.join(dir, 'new'), path.join(profiles, file));
  };
  put('templates/power.yaml', template);
  put('acme/m-1.yaml', meter);
  put('acme/o-1.yaml', other);
  const until1h = new Date(Date.now() + 3_600_000).toISOString();
  writeFileSync(
    path.join(dir, 'edge.yaml'),
    `version: 1\nprofiles: ./profiles\nbroker: { host: 127.0.0.1, port: 0 }\njoin: { policy: window, until: ${until1h} }\nreport: { minIntervalMs: 0 }\nmodbus: [{ id: bus }]\n`,
  );
  const bus: Bus = { attached: [], asked: [], reading: () => ({}) };
  const hosts: AdapterHost[] = [];
  const agent = new Agent({
    dataDir: dir,
    clock: systemClock,
    software: '0.1.0',
    adapterFactories: [busFactory(bus, hosts)],
    logSink: () => {},
  });
  test.teardown(async () => {
    await agent.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  await agent.start();
  const [host] = hosts;
  if (!host) throw new RangeError('no host');
  const found = async (model: string) => {
    const identity = { vendor: 'acme', model, serial: `${model}-1` };
    const device = await host.found({ address: model, identity, profileId: `acme/${model}`, certainty: 'certain' });
    if (!device) throw new RangeError(model);
    return device;
  };
  const rows = (): Record<string, unknown>[] =>
    (['events', 'live', 'backlog'] as const)
      .flatMap((lane) => [...agent.outbox.lane(lane).read(1, 1_000)])
      .map((row) => JSON.parse(row.body.toString()));
  const local = await LocalClient.open(findSocketPath(dir), dir);
  test.teardown(() => local[Symbol.dispose]());
  const hub = async (...argv: string[]) => {
    const out: string[] = [];
    const plain = (text: string) => text;
    const code = await runCli([...argv, '--data', dir], {
      signal: new AbortController().signal,
      env: {},
      terminal: {
        out: (text) => void out.push(text),
        err: (text) => void out.push(text),
        width: undefined,
        style: { good: plain, warn: plain, bad: plain, dim: plain },
        now: Date.now,
      },
    });
    return { code, out: out.join('\n') };
  };
  return { agent, bus, host, put, found, rows, local, hub, profiles };
};

t.test('derived values are computed on the unit; what is internal stays there', async (t) => {
  const { agent, bus, host, found, rows, local, hub } = await start(t);
  const { deviceId } = await found('m-1');
  const told = () => rows().flatMap((row) => (row.kind === 'sample' ? [row.values] : []));
  await host.reading({ deviceId, values: { powerL1: 30, factor: 2 } });
  t.same(told(), [{ powerL1: 30 }], 'an input is missing: nothing is derived, and the internal one is not told');
  await host.reading({ deviceId, values: { powerL2: 20 } });
  t.same(told().at(-1), { powerL2: 20, power: 100 });
  await host.reading({ deviceId, values: { powerL2: 21 } });
  t.same(told().at(-1), { powerL2: 21 }, 'the dead band holds for what is derived');
  await host.reading({ deviceId, values: { factor: 1.5 } });
  t.same(told().at(-1), { power: 76.5 }, 'an internal value alone');
  t.equal(agent.values.of(deviceId).get('power')?.value, 76.5);
  await host.reading({ deviceId, values: { powerL1: 5_000 } });
  t.same(told().at(-1), { powerL1: 5_000 });
  await until(() => agent.aside.latest(5, deviceId).find(({ source }) => source === 'derived'), 'the misfit aside');
  await host.reading({ deviceId, values: { powerL1: 5_001 } });
  t.equal(agent.aside.latest(5, deviceId).filter(({ source }) => source === 'derived').length, 1, 'told once');
  await host.reading({ deviceId, values: { powerL1: 1 }, quality: { powerL1: 'uncertain' } });
  t.equal(agent.values.of(deviceId).get('power')?.quality, 'uncertain', 'as good as the worst of its inputs');
  t.notMatch(JSON.stringify(rows().filter(({ kind }) => kind === 'sample')), /factor/);

  const shown = await local.call('devices.show', { device: deviceId });
  t.same(Object.keys(shown.values).sort(), ['power', 'powerL1', 'powerL2']);
  t.notMatch(JSON.stringify(shown.thing), /factor/);
  const all = await local.call('devices.show', { device: deviceId, all: true });
  t.match(all.values, { factor: { value: 1.5 } });
  t.match((await hub('devices', 'show', deviceId, '--all')).out, /factor/);
  t.notMatch((await hub('devices', 'show', deviceId)).out, /factor/);

  bus.reading = () => ({ powerL1: 10, powerL2: 10, factor: 3 });
  const read = await local.call('devices.read', { device: deviceId, properties: ['power'] });
  t.same(read.values, { power: 60 }, 'a derived value is read by way of its inputs');
  t.same([...(bus.asked.at(-1) ?? [])].sort(), ['factor', 'powerL1', 'powerL2']);
  await t.rejects(local.call('devices.read', { device: deviceId, properties: ['factor'] }), { code: 'invalid_input' });
});

t.test('a changed file touches its own devices only', async (t) => {
  const { agent, bus, put, found, local, hub } = await start(t);
  const one = await found('m-1');
  const two = await found('o-1');
  await until(() => bus.attached.length === 2, 'both are attached');
  const twoBefore = agent.registry.get(two.deviceId);

  put('acme/m-1.yaml', meter.replace('deadBand: 5', 'deadBand: 1'));
  const seen = await until(() => bus.attached[2], 'the folder is watched');
  t.equal(seen.deviceId, one.deviceId);
  t.equal(seen.profile?.document.thing.properties.find(({ id }) => id === 'power')?.deadBand, 1);
  t.same(agent.registry.get(two.deviceId), twoBefore, 'no revision, no new profile');

  put('templates/power.yaml', template.replace('乙相', '二相'));
  const byTemplate = await local.call('profiles.reload', {});
  t.match(byTemplate, { changed: ['acme/m-1'], kept: [], devices: [one.deviceId], issues: [] });
  t.equal(bus.attached.at(-1)?.deviceId, one.deviceId);

  put('acme/o-1.yaml', `# only a remark\n${other}`);
  t.match(await local.call('profiles.reload', {}), { changed: [], devices: [] }, 'a remark is no change');

  const attached = bus.attached.length;
  put('templates/power.yaml', template.replace('unit: W', 'unit: °W'));
  const broken = await hub('profile', 'reload');
  t.equal(broken.code, 1);
  t.match(broken.out, /templates\/power\.yaml:6:\d+: error: .*UCUM/);
  t.match(broken.out, /stays in use: acme\/m-1/);
  t.equal(bus.attached.length, attached);
  t.ok(agent.registry.get(one.deviceId)?.profile, 'the old one stays in use');
  t.match((await hub('profile', 'list')).out, /acme\/m-1 [\s\S]*templates\/power\.yaml:6/);
  const faults = agent.store.hub.commit.db.prepare("SELECT message FROM fault WHERE code = 'profile_broken'");
  await until(() => faults.all().length > 0, 'the fault is told');

  put('templates/power.yaml', template);
  put('acme/n-1.yaml', other.replaceAll('o-1', 'n-1'));
  t.match(await local.call('profiles.reload', {}), { added: ['acme/n-1'], issues: [], kept: [] });
  t.match((await hub('profile', 'reload')).out, /Nothing has changed/);
  t.match((await hub('profile', 'show', 'acme/n-1')).out, /level +液位/);
  t.equal((await hub('profile', 'show', 'acme/none')).code, 4);
});

t.test('a file that is gone leaves its devices as they are', async (t) => {
  const { agent, bus, found, local, profiles, rows } = await start(t);
  const { deviceId } = await found('o-1');
  rmSync(path.join(profiles, 'acme', 'o-1.yaml'));
  t.match(await local.call('profiles.reload', {}), { removed: ['acme/o-1'], devices: [] });
  t.equal(agent.profiles.list().length, 1);
  t.equal(agent.registry.get(deviceId)?.profile?.id, 'acme/o-1');
  const told = await until(() => rows().find(({ code }) => code === 'profile_gone'), 'the fault');
  t.match(told, { message: /acme\/o-1 is gone; 1 of its devices use it until/, context: { devices: [deviceId] } });
  rmSync(profiles, { recursive: true });
  t.match(await local.call('profiles.reload', {}), { removed: [], kept: ['acme/m-1'] }, 'a folder that is away');
  t.equal(bus.attached.length, 1);
});

t.test('the firmware that a device is found to have decides on its variant', async (t) => {
  const { agent, bus, host, found, rows, hub } = await start(t);
  const { deviceId, profile } = await found('m-1');
  await until(() => bus.attached.length === 1, 'attached');
  t.equal(profile?.document.bindings.modbus?.points.powerL1?.address, 0);
  t.notOk('variants' in (profile?.document ?? {}), 'adapters and cloud see a plain profile');
  await host.reading({ deviceId, values: { version: 2.1 } });
  const again = await until(() => bus.attached[1], 'it is attached anew');
  t.equal(again.identity.firmware, '2.1');
  t.equal(again.profile?.document.bindings.modbus?.points.powerL1?.address, 100);
  t.not(again.profile?.hash, profile?.hash);
  const told = rows().filter(({ kind }) => kind === 'profile');
  t.same(
    told.map(({ hash }) => hash),
    [profile?.hash, again.profile?.hash],
    'the cloud gets both documents',
  );
  await host.reading({ deviceId, values: { version: 2.1 } });
  t.equal(bus.attached.length, 2);
  const identity = { vendor: 'acme', model: 'm-1', serial: 'm-1-1', firmware: 'V2.1-build7' };
  await host.found({ address: 'm-1', identity, profileId: 'acme/m-1', certainty: 'certain' });
  t.equal(
    agent.registry.get(deviceId)?.identity.firmware,
    '2.1',
    'what is read counts for more than what a probe says',
  );
  t.equal(bus.attached.length, 2);
  t.equal(agent.registry.record(deviceId)?.profileHash, again.profile?.hash);
  t.match((await hub('profile', 'show', 'acme/m-1', '--firmware', '2')).out, /variants for firmware >=2[\s\S]*2\.1/);
});
