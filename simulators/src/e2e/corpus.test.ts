import { ManualClock, uuidv7 } from '@hallhub/shared';
import { type Profile, profileId } from '@hallhub/shared/profile';
import { checkValue, checkWrite, type Property, type ThingValue } from '@hallhub/shared/thing';
import t from 'tap';
import { type ByteLink, memoryLinkOpener } from '../../../edge/src/adapters/links/index.js';
import { modbusConfigSchema } from '../../../edge/src/adapters/modbus/config.js';
import { ModbusAdapter } from '../../../edge/src/adapters/modbus/modbus-adapter.js';
import { mappedMqttConfigSchema } from '../../../edge/src/adapters/mqtt/config.js';
import { MappedMqttAdapter } from '../../../edge/src/adapters/mqtt/mapped-adapter.js';
import { serialConfigSchema } from '../../../edge/src/adapters/serial/config.js';
import { SerialAdapter } from '../../../edge/src/adapters/serial/serial-adapter.js';
import { loadedProfile, TestHost } from '../../../edge/src/adapters/test-host.js';
import type { Adapter, BrokerMessage, DeviceView } from '../../../edge/src/ports/index.js';
import { openModbusTcpServer } from '../peers/modbus/modbus-tcp-server.js';
import { inventValue } from '../profiled/invent-value.js';
import { loadProfiles } from '../profiled/load-profiles.js';
import { ModbusDevice } from '../profiled/modbus-device.js';
import { MappedMqttDevice } from '../profiled/mqtt-device.js';
import { SerialDevice } from '../profiled/serial-device.js';
import { seededRandom } from '../random.js';

t.setTimeout(600_000);

const profiles = [...loadProfiles().values()];
const withBinding = (one: (bindings: Profile['bindings']) => unknown) =>
  profiles.filter((profile) => one(profile.bindings));

/** Frozen, so that what is read is what is. */
const frozen = () => new ManualClock();
const signal = () => AbortSignal.timeout(120_000);

const isSame = (read: unknown, state: unknown): boolean =>
  typeof read === 'number' && typeof state === 'number'
    ? Math.abs(read - state) <= Math.max(1e-9, Math.abs(state) * 1e-6)
    : read === state;

/** How many were compared. */
const sameValues = (
  t: Tap.Test,
  read: Readonly<Record<string, unknown>>,
  state: Readonly<Record<string, unknown>>,
): number => {
  const wrong = Object.entries(state).flatMap(([id, value]) =>
    isSame(read[id], value) ? [] : [`${id} is ${JSON.stringify(value)} and was read as ${JSON.stringify(read[id])}`],
  );
  const count = Object.keys(state).length;
  t.same(wrong, [], `${count} values are read as they are`);
  return count;
};

/** Another value than the present one, on a step, that can be set. */
const otherValue = (
  property: Property,
  present: ThingValue | undefined,
  sayable: (value: ThingValue) => boolean,
): ThingValue => {
  const random = seededRandom(5);
  for (let tries = 0; tries < 50; tries++) {
    const value = inventValue(property, random);
    if (checkWrite(property, value).ok && !isSame(value, present) && sayable(value)) return value;
  }
  return present ?? inventValue(property, random);
};

const runCommands = async (t: Tap.Test, adapter: Adapter, view: DeviceView, only: readonly string[]) => {
  let count = 0;
  for (const command of view.profile?.document.thing.commands ?? []) {
    if (!only.includes(command.id)) continue;
    count++;
    const random = seededRandom(9);
    const input = Object.fromEntries(command.input.map((field) => [field.id, inventValue(field, random)]));
    try {
      const output = await adapter.execute({
        commandId: uuidv7(),
        deviceId: view.deviceId,
        command: command.id,
        input,
        signal: signal(),
        remainingMs: 120_000,
      });
      for (const field of command.output) {
        if (field.optional && output?.[field.id] === undefined) continue;
        const checked = checkValue({ ...field, access: 'r', role: 'normal' }, output?.[field.id]);
        if (!checked.ok) t.fail(`${command.id}: output ${field.id} is ${JSON.stringify(output?.[field.id])}`);
      }
    } catch (error) {
      t.fail(`${command.id} ${JSON.stringify(input)}: ${(error as Error).message}`);
    }
  }
  return count;
};

namespace Tap {
  export type Test = Pick<typeof t, 'fail' | 'ok' | 'same'>;
}

const checkState = (t: Tap.Test, profile: Profile, values: Readonly<Record<string, ThingValue | undefined>>) => {
  for (const [id, value] of Object.entries(values)) {
    const property = profile.thing.properties.find((one) => one.id === id);
    if (!property || !checkValue(property, value).ok)
      t.fail(`${id} is ${JSON.stringify(value)}, which the model does not allow`);
  }
};

t.test('Modbus: every profile over TCP', { jobs: 8 }, async (t) => {
  for (const profile of withBinding(({ modbus }) => modbus)) {
    t.test(profileId(profile), { buffered: true }, async (t) => {
      const device = new ModbusDevice(profile, { clock: frozen(), random: seededRandom(1), lively: false });
      const server = await openModbusTcpServer(new Map([[5, device]]));
      const loaded = loadedProfile(profile);
      const host = new TestHost([loaded], 'bus');
      const url = `tcp://127.0.0.1:${server.port}`;
      const adapter = new ModbusAdapter(
        modbusConfigSchema.parse({ id: 'bus', url, unitIds: [5], discover: false }),
        host,
      );
      t.teardown(async () => {
        await adapter.stop();
        await server[Symbol.asyncDispose]();
        device[Symbol.dispose]();
      });
      checkState(t, profile, device.values());
      await adapter.start();
      const view = host.device(`${url}#5`, loaded, 'modbus');
      adapter.attach(view);
      await host.until('the bus to be connected', () => adapter.status().state === 'running');
      const points = profile.bindings.modbus?.points ?? {};
      const ids = Object.keys(points);
      const read = async () => (await adapter.read(view.deviceId, ids, signal())).values;
      t.ok(sameValues(t, await read(), device.values()) > 0, 'something was compared');
      for (const [id, point] of Object.entries(points)) {
        const property = profile.thing.properties.find((one) => one.id === id);
        if (!point.write || !property) continue;
        const value = otherValue(property, device.values()[id], () => true);
        try {
          await adapter.write(view.deviceId, { [id]: value }, signal());
        } catch (error) {
          t.fail(`writing ${id} = ${JSON.stringify(value)}: ${(error as Error).message}`);
          continue;
        }
        const now = device.values()[id];
        t.ok(isSame(now, value), `${id} was set to ${JSON.stringify(value)} and is ${JSON.stringify(now)}`);
      }
      await runCommands(t, adapter, view, Object.keys(profile.bindings.modbus?.commands ?? {}));
      sameValues(t, await read(), device.values());
      for (const [event, { property, to }] of Object.entries(profile.bindings.modbus?.events ?? {})) {
        t.ok(device.raise(event), `${event} can be raised`);
        t.ok(
          to.includes((await adapter.read(view.deviceId, [property], signal())).values[property] as ThingValue),
          event,
        );
      }
    });
  }
});

t.test('Serial: every profile on a line in memory', { jobs: 6 }, async (t) => {
  for (const profile of withBinding(({ serial }) => serial)) {
    t.test(profileId(profile), { buffered: true }, async (t) => {
      const binding = profile.bindings.serial;
      if (!binding) return;
      const device = new SerialDevice(profile, { clock: frozen(), random: seededRandom(1), lively: false });
      const path = `/dev/${profile.model}`;
      const loaded = loadedProfile(profile);
      const host = new TestHost([loaded], 'line');
      // On a pty the same devices are met in the full hall, where the unit is a process of its own.
      const transport = {
        open: () => memoryLinkOpener(serve),
        present: async () => undefined,
        exists: async () => true,
      };
      const serve = (peer: ByteLink) =>
        device.serve({
          write: (bytes) => void (peer.isOpen && peer.write(bytes)),
          onData: (listener) => peer.listen({ data: (bytes) => listener(bytes), closed: () => undefined }),
        });
      const adapter = new SerialAdapter(
        serialConfigSchema.parse({ id: 'line', path, discover: false, profile: loaded.id }),
        host,
        transport,
      );
      t.teardown(async () => {
        await adapter.stop();
        device[Symbol.dispose]();
      });
      checkState(t, profile, device.values());
      await adapter.start();
      const view = host.device(path, loaded, 'serial');
      adapter.attach(view);
      await host.until('the device to be present', () => host.evidence.some(({ ok }) => ok));
      const brought = new Set(
        Object.values(binding.polls).flatMap(({ steps }) =>
          steps.flatMap(({ expect }) => expect.flatMap((name) => Object.keys(binding.frames[name]?.properties ?? {}))),
        ),
      );
      const ids = device.state.ids.filter((id) => brought.has(id));
      const read = async () => (ids.length === 0 ? {} : (await adapter.read(view.deviceId, ids, signal())).values);
      const asked = () => Object.fromEntries(Object.entries(device.values()).filter(([id]) => brought.has(id)));
      let compared = sameValues(t, await read(), asked());
      for (const id of Object.keys(binding.writes)) {
        const property = profile.thing.properties.find((one) => one.id === id);
        if (!property) continue;
        const value = otherValue(property, device.values()[id], () => true);
        try {
          await adapter.write(view.deviceId, { [id]: value }, signal());
        } catch (error) {
          t.fail(`writing ${id} = ${JSON.stringify(value)}: ${(error as Error).message}`);
          continue;
        }
        // A frame that nobody answers may still be under way.
        await host.until(id, () => isSame(device.values()[id], value)).catch(() => undefined);
        const now = device.values()[id];
        t.ok(isSame(now, value), `${id} was set to ${JSON.stringify(value)} and is ${JSON.stringify(now)}`);
        compared++;
      }
      compared += await runCommands(t, adapter, view, Object.keys(binding.commands));
      compared += sameValues(t, await read(), asked());
      const told = new Set(device.tell());
      // An empty text is how some say that they know nothing.
      const said = Object.entries(device.values()).filter(([id, value]) => told.has(id) && value !== '');
      await host.until('what it says by itself', () => said.every(([id]) => host.value(id) !== undefined));
      const heard = Object.fromEntries(said.map(([id]) => [id, host.value(id)]));
      compared += sameValues(t, heard, Object.fromEntries(said));
      for (const event of device.events) {
        compared++;
        if (!device.raise(event)) {
          t.fail(`${event} cannot be raised`);
          continue;
        }
        await host
          .until(event, () => host.events.some((one) => one.event === event))
          .catch((error) => t.fail(error.message));
      }
      t.ok(compared > 0, `${compared} things of it were tried`);
      for (const { reason, payload } of host.asides) t.fail(`${reason}: ${Buffer.from(payload).toString('hex')}`);
    });
  }
});

t.test('MQTT: every profile with topics of its own', async (t) => {
  for (const profile of withBinding(({ mqtt }) => mqtt && !mqtt.native)) {
    t.test(profileId(profile), async (t) => {
      const loaded = loadedProfile(profile);
      const host = new TestHost([loaded], 'mqtt-mapped');
      const delivered: Promise<void>[] = [];
      const device = new MappedMqttDevice(profile, {
        name: 'unit-7',
        clock: frozen(),
        random: seededRandom(1),
        send: ({ topic, payload, retain }) =>
          void delivered.push(host.broker.deliver(topic, payload as unknown as string, retain)),
      });
      const publish = host.broker.publish.bind(host.broker);
      host.broker.publish = async (topic, payload, options) => {
        await publish(topic, payload, options);
        if (!device.receive(topic, Buffer.from(payload as Uint8Array)))
          t.fail(`${topic} ${payload} was not understood`);
      };
      const adapter = new MappedMqttAdapter(mappedMqttConfigSchema.parse({ discover: false }), host);
      t.teardown(() => adapter.stop());
      checkState(t, profile, device.values());
      await adapter.start();
      const view = host.device(`${loaded.id}#unit-7`, loaded, 'mqtt');
      adapter.attach(view);
      const read = async () => {
        await Promise.all(delivered.splice(0));
        return Object.assign({}, ...host.readings.map(({ values }) => values)) as Record<string, unknown>;
      };
      const hello = device.presence(true);
      if (hello) await host.broker.deliver(hello.topic, hello.payload.toString(), true);
      device.report(true);
      const first = await read();
      const told = Object.keys(first);
      t.ok(told.length + device.events.length > 0, 'it tells something');
      sameValues(t, first, Object.fromEntries(Object.entries(device.values()).filter(([id]) => told.includes(id))));
      const binding = profile.bindings.mqtt;
      if (!binding || binding.native) return;
      for (const id of Object.keys(binding.writes)) {
        const property = profile.thing.properties.find((one) => one.id === id);
        if (!property) continue;
        const value = otherValue(property, device.values()[id], () => true);
        await adapter
          .write(view.deviceId, { [id]: value }, signal())
          .catch((error) => t.fail(`writing ${id}: ${error.message}`));
        const now = told.includes(id) ? (await read())[id] : device.values()[id];
        if (!isSame(now, value))
          t.fail(`${id} was set to ${JSON.stringify(value)} and was read as ${JSON.stringify(now)}`);
      }
      await runCommands(t, adapter, view, Object.keys(binding.commands));
      for (const event of device.events) {
        t.ok(device.raise(event), `${event} can be raised`);
        await read();
        t.ok(
          host.events.some((one) => one.event === event),
          event,
        );
      }
      const tellable = new Set(binding.messages.flatMap(({ properties }) => Object.keys(properties)));
      const silent = [...tellable].filter((id) => host.value(id) === undefined);
      t.same(silent, [], 'every property was told');
      for (const { source, reason, payload } of host.asides) t.fail(`${source}: ${reason}: ${Buffer.from(payload)}`);
    });
  }
});

export type { BrokerMessage };
