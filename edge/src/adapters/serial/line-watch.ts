import type { FrameFault, LineSettings } from '@hallhub/shared/profile';
import type { AdapterHost } from '../../ports/index.js';
import { GarbageWatch } from './garbage-watch.js';
import type { SerialChannel } from './serial-channel.js';
import type { SerialCounters } from './serial-counters.js';
import type { SerialDevice } from './serial-device.js';
import type { SessionHandlers } from './serial-session.js';

/** Gives what comes by itself to the device that it is from, and counts what is nobody's. */
export class LineWatch implements SessionHandlers {
  readonly #garbage: GarbageWatch;

  constructor(
    private readonly options: {
      readonly path: string;
      readonly adapterId: string;
      readonly line: LineSettings;
      readonly host: AdapterHost;
      readonly counters: SerialCounters;
      /** At once, also between a question and its answer. */
      send(bytes: Uint8Array): void;
      /** The devices that speak so. */
      devicesOn(channel: SerialChannel): readonly SerialDevice[];
    },
  ) {
    const { host, adapterId } = options;
    // The same words each time, so that the same fault is not told again and again.
    this.#garbage = new GarbageWatch(host.clock, (bytes) =>
      host.fault('serial_garbage', this.#garbageText, { adapter: adapterId, bytes }),
    );
  }

  get #garbageText(): string {
    const { path, line } = this.options;
    return `${path}: bytes come and no frame is among them, garbage: check baud rate, parity and wiring (${describeLine(line)} is in use)`;
  }

  /** Why nobody on the line is understood, while that lasts. */
  get trouble(): string | undefined {
    return this.#garbage.lasts ? this.#garbageText : undefined;
  }

  get garbageBytes(): number {
    return this.#garbage.bytes;
  }

  heard(): void {
    this.#garbage.good();
  }

  frame(frame: Uint8Array, channel: SerialChannel): void {
    const devices = this.options.devicesOn(channel);
    if (devices.some((device) => device.unsolicited(frame, this.options.send))) {
      this.heard();
      return;
    }
    this.options.counters.unknownFrames++;
    // What has a right checksum is no garbage, only unknown.
    if (channel.isChecked) this.heard();
    else this.#garbage.garbage(frame.length);
    devices[0]?.report.aside('no frame of the profile fits', frame);
  }

  fault(fault: FrameFault, channel: SerialChannel): void {
    const { counters } = this.options;
    this.#garbage.garbage(fault.bytes.length);
    if (fault.kind === 'noise') {
      counters.noiseBytes += fault.bytes.length;
      return;
    }
    counters.corruptFrames++;
    this.options.devicesOn(channel)[0]?.report.aside(`broken frame: ${fault.kind}`, fault.bytes);
  }
}

/** As on a sticker: 9600 8N1. */
export const describeLine = ({ baudRate, dataBits, parity, stopBits, flowControl }: LineSettings): string =>
  `${baudRate} ${dataBits}${parity[0]?.toUpperCase()}${stopBits}${flowControl === 'none' ? '' : ` ${flowControl}`}`;
