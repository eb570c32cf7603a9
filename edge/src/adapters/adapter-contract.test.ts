import t, { type Test } from 'tap';
import type { Adapter, DeviceView, LoadedProfile } from '../ports/index.js';
import { memoryLinkPair } from './links/index.js';
import { modbusConfigSchema } from './modbus/config.js';
import { ModbusAdapter } from './modbus/modbus-adapter.js';
import { testProfile } from './modbus/test-profile.js';
import { ModbusSlaves } from './modbus/test-slaves.js';
import { mappedMqttConfigSchema } from './mqtt/config.js';
import { MappedMqttAdapter } from './mqtt/mapped-adapter.js';
import { onvifConfigSchema } from './onvif/config.js';
import { OnvifAdapter } from './onvif/onvif-adapter.js';
import { startTestCamera } from './onvif/test-camera.js';
import { serialConfigSchema } from './serial/config.js';
import { SerialAdapter } from './serial/serial-adapter.js';
import { newLedDisplay } from './serial/test-peers.js';
import { corpus, TestHost } from './test-host.js';

/** One implementation with a device behind it. */
interface Subject {
  readonly adapter: Adapter;
  readonly host: TestHost;
  readonly view: DeviceView;
  /** A command that the device carries out, and one that has to wait for it. */
  readonly command: { name: string; input: Record<string, unknown> };
  /** Makes the device say something, where it does not by itself. */
  speak?(): Promise<void>;
  /** From now on the device does not answer. */
  hang(): void;
}

const profiles = corpus();
const profileNamed = (id: string): LoadedProfile => {
  const profile = profiles.find((one) => one.id === id);
  if (!profile) throw new Error(`no profile ${id}`);
  return profile;
};

const modbus = async (): Promise<Subject> => {
  const slaves = new ModbusSlaves(1);
  const host = new TestHost([testProfile], 'bus');
  const url = 'tcp://127.0.0.1:502';
  const opener = {
    name: url,
    open: async () => {
      const [near, far] = memoryLinkPair(url);
      far.listen({
        data: (bytes) => slaves.serveMbap(bytes, (reply) => far.isOpen && far.write(reply)),
        closed: () => undefined,
      });
      return near;
    },
  };
  const config = modbusConfigSchema.parse({ id: 'bus', url, discover: false });
  const adapter = new ModbusAdapter(config, host, { opener, framing: 'mbap', gapMs: 0 });
  return {
    adapter,
    host,
    view: host.device(`${url}#1`, testProfile, 'modbus'),
    command: { name: 'pulse', input: { value: 3 } },
    hang: () => void slaves.silent.add(1),
  };
};

const serial = async (): Promise<Subject> => {
  const display = newLedDisplay();
  const host = new TestHost(profiles, 'port');
  let hangs = false;
  const adapter = new SerialAdapter(
    serialConfigSchema.parse({ id: 'port', path: '/dev/ttyTEST', discover: false }),
    host,
    {
      open: (name) => ({
        name,
        open: async () => {
          const [near, far] = memoryLinkPair(name);
          far.listen({
            data: (bytes) => !hangs && far.isOpen && far.write(display.answer(bytes)),
            closed: () => undefined,
          });
          return near;
        },
      }),
      present: async () => undefined,
      exists: async () => true,
    },
  );
  return {
    adapter,
    host,
    view: host.device('/dev/ttyTEST', profileNamed('hallhub/led-w4'), 'serial'),
    command: { name: 'clear', input: {} },
    hang: () => {
      hangs = true;
    },
  };
};

const onvif = async (t: Test): Promise<Subject> => {
  const camera = await startTestCamera();
  t.teardown(() => camera.close());
  const host = new TestHost(profiles, 'onvif');
  const config = onvifConfigSchema.parse({
    discover: false,
    hosts: [camera.host],
    username: 'admin',
    password: camera.password,
  });
  const adapter = new OnvifAdapter(config, host);
  return {
    adapter,
    host,
    view: {
      ...host.device(`http://${camera.host}/onvif/device_service`, profileNamed('generic/onvif-camera'), 'onvif'),
      identity: { vendor: 'Acme', model: 'C-1', serial: '12345678901234567890' },
    },
    command: { name: 'gotoPreset', input: { preset: 'door' } },
    hang: () => {
      camera.hangs = true;
    },
  };
};

const mqtt = async (): Promise<Subject> => {
  const host = new TestHost(profiles, 'mqtt-mapped');
  const adapter = new MappedMqttAdapter(mappedMqttConfigSchema.parse({ discover: false }), host);
  host.broker.onPublish = (topic) => {
    if (topic === 'cmnd/plug_7/POWER') void host.broker.deliver('stat/plug_7/RESULT', '{"POWER":"ON"}');
  };
  return {
    adapter,
    host,
    view: host.device('tasmota/plug-am2301#plug_7', profileNamed('tasmota/plug-am2301'), 'mqtt'),
    command: { name: 'toggle', input: {} },
    speak: () => host.broker.deliver('stat/plug_7/POWER', 'ON'),
    hang: () => {
      host.broker.onPublish = undefined;
    },
  };
};

/** Keeps the process alive, as `AbortSignal.timeout` would not. */
const within = (timeoutMs: number): AbortSignal => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(new Error('the time is over')), timeoutMs);
  return abort.signal;
};

for (const [name, make] of [
  ['modbus', modbus],
  ['serial', serial],
  ['onvif', onvif],
  ['mqtt', mqtt],
] as const) {
  const request = ({ view, command }: Subject, changes: object = {}, timeoutMs = 3_000) => ({
    commandId: 'c',
    deviceId: view.deviceId,
    command: command.name,
    input: command.input,
    remainingMs: timeoutMs,
    signal: within(timeoutMs),
    ...changes,
  });

  const started = async (t: Test): Promise<Subject> => {
    const subject = await make(t);
    t.teardown(() => subject.adapter.stop());
    subject.adapter.attach(subject.view);
    await subject.adapter.start();
    await subject.host.until('it runs', () => subject.adapter.status().state === 'running');
    await subject.speak?.();
    await subject.host.until('a reading', () => subject.host.readings.length > 0);
    return subject;
  };

  t.test(`${name}: reports readings and evidence of an attached device, and carries out a command`, async (t) => {
    const subject = await started(t);
    const { host, adapter, view } = subject;
    t.ok(host.readings.every((reading) => reading.deviceId === view.deviceId));
    await host.until('evidence', () => host.evidence.some((one) => one.ok && one.deviceId === view.deviceId));
    await adapter.execute(request(subject));
    t.match(adapter.status(), { state: 'running', since: Number });
  });

  t.test(`${name}: knows what it does not know`, async (t) => {
    const subject = await started(t);
    const { adapter, view } = subject;
    const stranger = '00000000-0000-7000-8000-000000000000';
    await t.rejects(async () => adapter.execute(request(subject, { deviceId: stranger })), { code: 'not_found' });
    await t.rejects(async () => adapter.read(stranger, ['x'], within(1_000)), { code: 'not_found' });
    await t.rejects(async () => adapter.execute(request(subject, { command: 'noSuchCommand' })), {
      code: 'unsupported',
    });
    await t.rejects(async () => adapter.read(view.deviceId, ['noSuchProperty'], within(3_000)), {
      code: 'unsupported',
    });
    await t.rejects(async () => adapter.write(view.deviceId, { noSuchProperty: 1 }, within(1_000)), {
      code: 'unsupported',
    });
  });

  t.test(`${name}: a hanging device is given up when the command's signal says so`, async (t) => {
    const subject = await started(t);
    subject.hang();
    const startedMs = performance.now();
    await t.rejects(subject.adapter.execute(request(subject, {}, 80)), { message: /the time is over|did not answer/ });
    t.ok(performance.now() - startedMs < 20_000, 'soon');
  });

  t.test(`${name}: an aborted scan ends`, async (t) => {
    const { adapter } = await started(t);
    const abort = new AbortController();
    abort.abort(new Error('enough'));
    const found = [];
    try {
      for await (const one of adapter.discover({ signal: abort.signal })) found.push(one);
    } catch (error) {
      t.equal((error as Error).message, 'enough');
    }
    t.same(found, []);
  });

  t.test(`${name}: a detached device is left alone`, async (t) => {
    const subject = await started(t);
    const { adapter, host, view } = subject;
    adapter.detach(view.deviceId);
    adapter.detach(view.deviceId);
    await t.rejects(async () => adapter.execute(request(subject)), { code: 'not_found' });
    // What was already under way may still come in; then there is silence.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const before = host.readings.length;
    await subject.speak?.();
    await new Promise((resolve) => setTimeout(resolve, 200));
    t.equal(host.readings.length, before);
  });

  t.test(`${name}: a device without a fitting binding is a fault, not an exception`, async (t) => {
    const { adapter, host, view } = await make(t);
    t.teardown(() => adapter.stop());
    await adapter.start();
    t.doesNotThrow(() => adapter.attach({ ...view, profile: undefined }));
    t.match(host.faults, [{ code: 'device_not_bound' }]);
  });

  t.test(`${name}: stops with a command under way, and twice`, async (t) => {
    const subject = await started(t);
    const { adapter, host } = subject;
    subject.hang();
    const waiting = adapter.execute(request(subject, {}, 1_500)).then(
      () => 'done',
      () => 'rejected',
    );
    const startedMs = performance.now();
    await adapter.stop();
    t.comment(`stopped in ${Math.round(performance.now() - startedMs)} ms`);
    await adapter.stop();
    t.equal(adapter.status().state, 'stopped');
    t.equal(await waiting, 'rejected');
    const before = host.readings.length;
    await new Promise((resolve) => setTimeout(resolve, 150));
    t.equal(host.readings.length, before);
  });
}
