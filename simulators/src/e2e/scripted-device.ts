import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { type Behaviour, type CommandResult, type DeviceLine, NativeDevice } from '../peers/native/native-device.js';
import { waitUntil } from './wait-until.js';

/** A device whose every word the test chooses, and that counts what it was told to do. */
export class ScriptedDevice implements Behaviour {
  readonly identity;
  readonly executed: { command: string; input: Record<string, unknown> }[] = [];
  /** Set while it is connected. */
  line: DeviceLine | undefined;
  answer: (command: string) => CommandResult | Promise<CommandResult> = () => ({ ok: true, output: {} });

  constructor(serial: string, model = 'qm-200', vendor = 'hallhub') {
    this.identity = { vendor, model, serial, firmware: '1.0.0' };
  }

  start(line: DeviceLine): Disposable {
    this.line = line;
    return {
      [Symbol.dispose]: () => {
        this.line = undefined;
      },
    };
  }

  execute(command: string, input: Record<string, unknown>): CommandResult | Promise<CommandResult> {
    this.executed.push({ command, input });
    return this.answer(command);
  }

  get talking(): DeviceLine {
    if (!this.line) throw new Error(`${this.identity.serial} is not connected`);
    return this.line;
  }
}

export interface DeviceCredential {
  readonly deviceId: string;
  readonly userName: string;
  readonly password: string;
}

/** Joins as a device does and hands out its credential, for clients that then misuse it. */
export const joinForCredential = async (url: string, serial: string): Promise<DeviceCredential> => {
  const folder = mkdtempSync(join(tmpdir(), 'hallhub-device-'));
  const memoryFile = join(folder, 'memory.json');
  const device = new NativeDevice({ url, memoryFile, behaviour: new ScriptedDevice(serial) });
  device.start();
  await waitUntil(`${serial} to be let in`, () => device.state === 'online');
  await device[Symbol.asyncDispose]();
  const { credential } = JSON.parse(readFileSync(memoryFile, 'utf8')) as { credential: DeviceCredential };
  rmSync(folder, { recursive: true });
  return credential;
};

/** A bare connection with that credential, as a device of careless make would use it. */
export const connectBare = async (
  url: string,
  login: { clientId: string; userName: string; password?: string },
): Promise<MqttClient> => {
  const client = await mqtt.connectAsync(url, {
    clientId: login.clientId,
    username: login.userName,
    ...(login.password === undefined ? {} : { password: login.password }),
    protocolVersion: 4,
    clean: true,
    reconnectPeriod: 0,
  });
  client.on('error', () => undefined);
  return client;
};
