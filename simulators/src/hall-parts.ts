import { join } from 'node:path';
import { filming } from './hall/filming-camera.js';
import type { Plug } from './hall/plug.js';
import { openPtyLink } from './links/pty-link.js';
import type { ClipName } from './peers/camera/footage/clip-store.js';
import { hallSize } from './peers/camera/footage/hall-backdrop.js';
import { streetPictures } from './peers/camera/footage/street-footage.js';
import type { MissingProgram } from './peers/camera/rtsp-stream.js';
import { createEnergyMeter } from './peers/modbus/energy-meter.js';
import { openModbusTcpServer } from './peers/modbus/modbus-tcp-server.js';
import { Evaluator } from './peers/native/evaluator.js';
import { type Behaviour, NativeDevice } from './peers/native/native-device.js';
import { QueueMachine } from './peers/native/queue-machine.js';
import { sampleCard, serveIdCardReader } from './peers/serial/id-card-reader.js';
import { serveLedDisplay } from './peers/serial/led-display.js';
import { rememberedPort } from './remembered-port.js';

export interface HallOptions {
  readonly dataDir: string;
  /** The unit's broker. */
  readonly edgeMqtt: string;
  readonly random: () => number;
  /** What somebody who watches has to know of a device. */
  readonly note?: ((name: string, text: string) => void) | undefined;
  /** A camera shows its scene from now on. */
  readonly onFilming?: ((camera: FilmedScene) => void) | undefined;
}

export interface FilmedScene {
  readonly name: string;
  readonly serial: string;
  readonly scene: ClipName;
}

/** What the launcher needs to tell the unit where the device is. */
export interface SimulatedDevice {
  readonly name: string;
  readonly kind: 'mqtt' | 'modbus' | 'serial' | 'onvif';
  readonly endpoint: string;
  readonly [more: string]: unknown;
}

export interface RunningPart extends AsyncDisposable {
  readonly device: SimulatedDevice;
  readonly missing?: readonly MissingProgram[];
  /** What can be unplugged, or made to fail. */
  readonly plugs?: readonly Plug[];
}

export type Part = (options: HallOptions) => Promise<RunningPart>;

const native =
  (name: string, behaviour: (options: HallOptions) => Behaviour): Part =>
  async (options) => {
    const device = new NativeDevice({
      url: options.edgeMqtt,
      memoryFile: join(options.dataDir, `${name}.json`),
      behaviour: behaviour(options),
    });
    device.start();
    return {
      device: { name, kind: 'mqtt', endpoint: options.edgeMqtt },
      [Symbol.asyncDispose]: () => device[Symbol.asyncDispose](),
    };
  };

const energyMeter: Part = async ({ dataDir, random }) => {
  const meter = createEnergyMeter({ random });
  const server = await rememberedPort(join(dataDir, 'energy-meter.port'), (port) =>
    openModbusTcpServer(new Map([[1, meter]]), { port }),
  );
  return {
    device: { name: 'energy-meter', kind: 'modbus', endpoint: `tcp://127.0.0.1:${server.port}`, unitIds: [1] },
    async [Symbol.asyncDispose]() {
      meter[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
};

const ledDisplay: Part = async ({ dataDir }) => {
  const line = openPtyLink(join(dataDir, 'tty', 'led-display'));
  serveLedDisplay(line, { bytesPerSecond: 960 });
  return {
    device: { name: 'led-display', kind: 'serial', endpoint: line.path },
    [Symbol.asyncDispose]: async () => line[Symbol.dispose](),
  };
};

/** Somebody lays a card on the reader now and then and takes it away after a few seconds. */
const idCardReader: Part = async ({ dataDir }) => {
  const line = openPtyLink(join(dataDir, 'tty', 'id-card-reader'));
  const reader = serveIdCardReader(line, { bytesPerSecond: 11_520 });
  let away: NodeJS.Timeout | undefined;
  const visit = () => {
    reader.lay(sampleCard);
    away = setTimeout(() => reader.takeAway(), 4000);
  };
  const first = setTimeout(visit, 8000);
  const later = setInterval(visit, 45_000);
  return {
    device: { name: 'id-card-reader', kind: 'serial', endpoint: line.path },
    async [Symbol.asyncDispose]() {
      clearTimeout(first);
      clearInterval(later);
      clearTimeout(away);
      line[Symbol.dispose]();
    },
  };
};

const identity = { manufacturer: 'HallHub', model: 'Dome-2', firmware: '3.1.0', hardware: 'A' };

/** Every simulated device of the demonstration hall, by name. */
export const hallParts = {
  'queue-machine': native(
    'queue-machine',
    ({ random }) => new QueueMachine({ random, visitorEveryMs: 9000, serviceMs: 30_000 }),
  ),
  evaluator: native('evaluator', ({ random }) => new Evaluator({ random, ratingEveryMs: 25_000 })),
  'energy-meter': energyMeter,
  'led-display': ledDisplay,
  'id-card-reader': idCardReader,
  camera: filming({
    name: 'camera',
    clip: 'counter',
    identity: { ...identity, serial: 'DM2000008' },
    endpointReference: 'urn:uuid:3f1c8f9e-6a51-4a0e-9d4b-2f5d3c7b9a10',
    size: hallSize,
    // The first counter is left ten seconds later: who has just started the hall sees it found.
    startsAtS: 36,
  }),
  'street-camera': filming({
    name: 'street-camera',
    clip: 'street',
    identity: { ...identity, serial: 'DM2000009' },
    endpointReference: 'urn:uuid:5b0e4c1d-84c6-4f0b-9c55-7d1f2a6e3b11',
    size: streetPictures,
    startsAtS: 0,
  }),
} as const satisfies Record<string, Part>;

export type PartName = keyof typeof hallParts;
export const partNames = Object.keys(hallParts) as PartName[];
