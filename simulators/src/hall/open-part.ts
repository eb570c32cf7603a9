import { join } from 'node:path';
import type { Profile } from '@hallhub/shared/profile';
import { Faults } from '../faults/faults.js';
import type { HallOptions, RunningPart } from '../hall-parts.js';
import type { MissingProgram, StreamServer } from '../peers/camera/rtsp-stream.js';
import { serveModbusRtu } from '../peers/modbus/modbus-rtu-server.js';
import type { ModbusSlave } from '../peers/modbus/modbus-slave.js';
import { openModbusTcpServer } from '../peers/modbus/modbus-tcp-server.js';
import { NativeDevice } from '../peers/native/native-device.js';
import { openPluggableLine } from '../peers/serial/pluggable-line.js';
import { ModbusDevice } from '../profiled/modbus-device.js';
import { MqttLink } from '../profiled/mqtt-link.js';
import { NativeBehaviour } from '../profiled/native-behaviour.js';
import { SerialDevice } from '../profiled/serial-device.js';
import { rememberedPort } from '../remembered-port.js';
import { openCameraPart } from './camera-part.js';
import { handMade } from './hand-made.js';
import type { PlannedPart, PlannedSlave } from './plan-hall.js';
import { createPlug, type Plug } from './plug.js';

/** The one server of all the hall's pictures, or why there is none. */
export type SharedStream = StreamServer | MissingProgram;

export interface PartContext extends HallOptions {
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly stream?: (() => Promise<SharedStream>) | undefined;
}

/** The only way in for mapped devices of the simulated hall, which listens on loopback. */
const accountPassword = 'simulated-device';
const turnaroundMs = 3;

export const openPart = async (part: PlannedPart, context: PartContext): Promise<RunningPart> => {
  switch (part.kind) {
    case 'gateway':
      return openGateway(part, context);
    case 'rtu':
      return openRtuLine(part, context);
    case 'serial':
      return openSerialLine(part, context);
    case 'mapped':
      return openMapped(part, context);
    case 'native':
      return openNative(part, context);
    case 'camera':
      return openCameraPart(part, { context, profile: profileOf(part.profile, context) });
  }
};

const profileOf = (id: string, { profiles }: PartContext): Profile => {
  const profile = profiles.get(id);
  if (!profile) throw new RangeError(`there is no profile ${id}`);
  return profile;
};

interface OpenedSlaves extends Disposable {
  readonly slaves: ReadonlyMap<number, ModbusSlave>;
  readonly plugs: readonly Plug[];
}

const openSlaves = (planned: readonly PlannedSlave[], context: PartContext): OpenedSlaves => {
  const slaves = new Map<number, ModbusSlave & Disposable>();
  const plugs: Plug[] = [];
  for (const { name, profile, unitId } of planned) {
    const faults = new Faults(context.random);
    const made = handMade.modbus[profile]?.({ random: context.random });
    const slave = made ?? new ModbusDevice(profileOf(profile, context), { random: context.random });
    slaves.set(unitId, slave);
    plugs.push(createPlug({ name, profile, kind: 'modbus', faults: slave.faults ?? faults }));
  }
  return {
    slaves,
    plugs,
    [Symbol.dispose]() {
      for (const one of [...plugs, ...slaves.values()]) one[Symbol.dispose]();
    },
  };
};

/** How the unit is told of the slaves of a bus. */
const busEntry = (slaves: readonly PlannedSlave[]) => ({
  unitIds: slaves.filter(({ pinned }) => !pinned).map(({ unitId }) => unitId),
  devices: slaves.map(({ name, profile, unitId, pinned }) => ({
    name,
    unitId,
    profile,
    ...(pinned ? { pinned } : {}),
  })),
});

const openGateway = async (
  part: Extract<PlannedPart, { kind: 'gateway' }>,
  context: PartContext,
): Promise<RunningPart> => {
  const opened = openSlaves(part.slaves, context);
  const server = await rememberedPort(join(context.dataDir, `${part.name}.port`), (port) =>
    openModbusTcpServer(opened.slaves, { port }),
  );
  return {
    device: { name: part.name, kind: 'modbus', endpoint: `tcp://127.0.0.1:${server.port}`, ...busEntry(part.slaves) },
    plugs: opened.plugs,
    async [Symbol.asyncDispose]() {
      opened[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
};

const openRtuLine = async (part: Extract<PlannedPart, { kind: 'rtu' }>, context: PartContext): Promise<RunningPart> => {
  const opened = openSlaves(part.slaves, context);
  const line = openPluggableLine(join(context.dataDir, 'tty', part.name));
  serveModbusRtu(line, opened.slaves, { turnaroundMs });
  return {
    device: { name: part.name, kind: 'modbus', endpoint: line.path, line: part.line, ...busEntry(part.slaves) },
    plugs: opened.plugs,
    async [Symbol.asyncDispose]() {
      opened[Symbol.dispose]();
      line[Symbol.dispose]();
    },
  };
};

/** A device alone on its line is unplugged with its port; one among others falls silent. */
const openSerialLine = async (
  part: Extract<PlannedPart, { kind: 'serial' }>,
  context: PartContext,
): Promise<RunningPart> => {
  const line = openPluggableLine(join(context.dataDir, 'tty', part.name));
  const profile = profileOf(part.profile, context);
  const alone = part.devices.length === 1;
  const opened = part.devices.map(({ name, params }) => {
    const faults = new Faults(context.random);
    const made = handMade.serial[part.profile];
    const device = made
      ? made(line, { faults, params, random: context.random })
      : new SerialDevice(profile, {
          params,
          random: context.random,
          paced: true,
          speechless: (request) =>
            context.note?.(
              name,
              `${name} has no answer to ${request}: its value or its frame’s pattern is beyond the simulator`,
            ),
        });
    if (device instanceof SerialDevice) device.serve(line);
    const plug = createPlug({
      name,
      profile: part.profile,
      kind: 'serial',
      faults: device instanceof SerialDevice ? device.faults : faults,
      ...(alone ? { unplug: () => line.unplug(), plugIn: () => line.plug() } : {}),
    });
    return { device, plug };
  });
  return {
    device: {
      name: part.name,
      kind: 'serial',
      endpoint: line.path,
      profile: part.profile,
      devices: part.devices.map(({ name, params }) => ({ name, profile: part.profile, params })),
    },
    plugs: opened.map(({ plug }) => plug),
    async [Symbol.asyncDispose]() {
      for (const { device, plug } of opened) {
        plug[Symbol.dispose]();
        device[Symbol.dispose]();
      }
      line[Symbol.dispose]();
    },
  };
};

const openMapped = async (
  part: Extract<PlannedPart, { kind: 'mapped' }>,
  context: PartContext,
): Promise<RunningPart> => {
  const { name, profile, topicName } = part;
  const link = new MqttLink(profileOf(profile, context), {
    url: context.edgeMqtt,
    name: topicName,
    userName: name,
    password: accountPassword,
    random: context.random,
  });
  link.plug();
  const plug = createPlug({
    name,
    profile,
    kind: 'mqtt',
    faults: link.faults,
    unplug: () => link.unplug(),
    plugIn: () => link.plug(),
  });
  const account = {
    userName: name,
    password: accountPassword,
    publish: link.device.publications,
    subscribe: link.device.subscriptions,
  };
  return {
    device: { name, kind: 'mqtt', endpoint: context.edgeMqtt, profile, topicName, account },
    plugs: [plug],
    async [Symbol.asyncDispose]() {
      plug[Symbol.dispose]();
      await link[Symbol.asyncDispose]();
    },
  };
};

const openNative = async (
  part: Extract<PlannedPart, { kind: 'native' }>,
  context: PartContext,
): Promise<RunningPart> => {
  const { name, profile, serial } = part;
  const { random } = context;
  const made = handMade.native[profile]?.({ serial, random });
  const behaviour = made ?? new NativeBehaviour(profileOf(profile, context), { serial, random });
  const device = new NativeDevice({
    url: context.edgeMqtt,
    memoryFile: join(context.dataDir, `${name}.json`),
    behaviour,
  });
  device.start();
  const plug = createPlug({
    name,
    profile,
    kind: 'mqtt',
    faults: behaviour instanceof NativeBehaviour ? behaviour.faults : new Faults(random),
    unplug: () => device.kill(),
    plugIn: () => device.start(),
  });
  return {
    device: { name, kind: 'mqtt', endpoint: context.edgeMqtt, profile, serial },
    plugs: [plug],
    async [Symbol.asyncDispose]() {
      plug[Symbol.dispose]();
      await device[Symbol.asyncDispose]();
    },
  };
};
