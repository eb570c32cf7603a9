import { HubError } from '@hallhub/shared';
import type { LineSettings } from '@hallhub/shared/profile';
import { type ByteLink, memoryLinkPair } from '../links/index.js';
import { profileOf } from '../test-host.js';
import type { SerialTransport } from './serial-adapter.js';

/** `AA 55 | address | command | count | data | sum`: 05 asks for a status, 90 comes by itself. */
export const busProfile = (model: string, status: string, extra = '') =>
  profileOf(`
schema: 1
vendor: test
vendorLabel: { zh: 测试, en: Test }
model: ${model}
label: { zh: ${model}, en: ${model} }
class: other
version: 1.0.0
source: { kind: own, document: a test }
match:
  serial:
    - send: [{ param: address }, { hex: "${status}" }]
      expect: { bytes: [{ at: 2, param: address }, { at: 3, is: "8${status[1]}" }] }
      timeoutMs: 100
thing:
  properties:
    - { id: level, label: { zh: 值, en: Level }, type: integer, unit: "1", range: [0, 255], role: primary }
  events:
    - { id: pressed, label: { zh: 按键, en: Pressed }, fields: [{ id: key, label: { zh: 键, en: Key }, type: integer, unit: "1" }] }
  commands:
    - { id: ping, label: { zh: 询问, en: Ping }, output: [{ id: level, label: { zh: 值, en: Level }, type: integer, unit: "1" }] }
bindings:
  serial:
    line: { baudRate: 9600 }
    framing: { type: length, start: AA 55, length: { at: 4, add: 6 }, maxBytes: 64 }
    checksum: { kind: sum8, from: 2 }
    params: { address: { default: 1, range: [1, 247] } }
    ${extra}
    frames:
      status:
        match: { bytes: [{ at: 2, param: address }, { at: 3, is: "8${status[1]}" }] }
        answerOnly: true
        properties: { level: { at: 5, type: u8 } }
        output: { level: { at: 5, type: u8 } }
      pressed:
        match: { bytes: [{ at: 2, param: address }, { at: 3, is: "90" }] }
        events: { pressed: { key: { at: 5, type: u8 } } }
    polls:
      status:
        everyMs: 100
        steps: [{ send: [{ param: address }, { hex: "${status}" }], expect: [status], timeoutMs: 100, tries: 2 }]
    commands:
      ping:
        steps: [{ send: [{ param: address }, { hex: "${status}" }], expect: [status], timeoutMs: 100 }]
alarms: []
`);

export const busFrame = (address: number, command: number, data: readonly number[] = []): Buffer => {
  const covered = [address, command, data.length, ...data];
  return Buffer.from([0xaa, 0x55, ...covered, covered.reduce((sum, byte) => (sum + byte) & 0xff, 0)]);
};

export interface LineDevice {
  address: number;
  /** Command that it answers: 5, or another model's. */
  command: number;
  level: number;
  isSilent: boolean;
  /** Its answer comes so much later. */
  delayMs: number;
  asked: number;
}

/** A line in memory with several devices on it. */
export class TestLine implements SerialTransport {
  readonly devices: LineDevice[] = [];
  readonly openings: LineSettings[] = [];
  isPlugged = true;
  /** Nothing but this is on the line. */
  rubbish: (() => Buffer) | undefined;
  /** Turns what the unit hears. */
  spoil: (bytes: Buffer) => Buffer = (bytes) => bytes;
  #end: ByteLink | undefined;
  #waiting: (() => void)[] = [];

  add(address: number, command = 5): LineDevice {
    const device = { address, command, level: address * 10, isSilent: false, delayMs: 0, asked: 0 };
    this.devices.push(device);
    return device;
  }

  open(name: string, line: LineSettings) {
    return {
      name,
      open: async (signal: AbortSignal): Promise<ByteLink> => {
        signal.throwIfAborted();
        if (!this.isPlugged) {
          throw new HubError('link_refused', `cannot open ${name}: ENOENT`, { context: { errno: 'ENOENT' } });
        }
        this.openings.push(line);
        const [near, far] = memoryLinkPair(name);
        this.#end = far;
        far.listen({ data: (request) => this.#hear(request), closed: () => undefined });
        return near;
      },
    };
  }

  present(_path: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(resolve);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }

  async exists(): Promise<boolean> {
    return this.isPlugged;
  }

  async unplug(): Promise<void> {
    this.isPlugged = false;
    await this.#end?.close();
  }

  plug(): void {
    this.isPlugged = true;
    for (const tell of this.#waiting.splice(0)) tell();
  }

  say(bytes: Buffer): void {
    if (this.#end?.isOpen) this.#end.write(this.spoil(bytes));
  }

  #hear(request: Buffer): void {
    if (this.rubbish) {
      this.say(this.rubbish());
      return;
    }
    const [, , address, command = 0] = request;
    for (const device of this.devices) {
      if (device.address !== address || device.command !== command) continue;
      device.asked++;
      if (device.isSilent) continue;
      const answer = busFrame(device.address, 0x80 | command, [device.level]);
      if (device.delayMs === 0) this.say(answer);
      else setTimeout(() => this.say(answer), device.delayMs);
    }
  }
}
