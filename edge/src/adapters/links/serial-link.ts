import { realpath, stat } from 'node:fs/promises';
import { type Clock, HubError } from '@hallhub/shared';
import type { LineSettings } from '@hallhub/shared/profile';
import { SerialPort } from 'serialport';
import type { ByteLink, LinkListener, LinkOpener } from './byte-link.js';
import { LinkEvents } from './link-events.js';
import { pollForBoth } from './poll-for-both.js';
import { lockedBy } from './port-holder.js';
import { portHeld, portRefused } from './port-refusal.js';
import { readUntilHangUp } from './read-until-hang-up.js';

/**
 * Opens a serial line exclusively. `link_refused` says why in its `errno` (ENOENT nothing there, EACCES, EBUSY, EINVAL) and
 * what to do in its hint.
 */
export const serialLinkOpener = (path: string, line: LineSettings): LinkOpener => ({
  name: path,
  open: (signal) => openSerialLink(path, line, signal),
});

/** More than this not taken by the line means that flow control holds it back, or that the device is gone. */
const maxUnsentBytes = 65_536;

const openSerialLink = async (path: string, line: LineSettings, signal: AbortSignal): Promise<ByteLink> => {
  signal.throwIfAborted();
  // A stable name (udev link, simulator) points elsewhere after a replug: resolve it at every opening.
  const devicePath = await realpath(path).catch(async (cause) => Promise.reject(await portRefused(path, path, cause)));
  const holder = await lockedBy(devicePath);
  if (holder) throw portHeld(path, holder);
  const port = new SerialPort({
    path: devicePath,
    baudRate: line.baudRate,
    dataBits: line.dataBits,
    parity: line.parity,
    stopBits: line.stopBits,
    rtscts: line.flowControl === 'rtscts',
    xon: line.flowControl === 'xonxoff',
    xoff: line.flowControl === 'xonxoff',
    lock: true,
    autoOpen: false,
  });
  const cause = await new Promise<Error | null>((resolve) => port.open(resolve));
  if (cause) throw await portRefused(path, devicePath, cause);
  const link = new SerialLink(path, port);
  if (signal.aborted) {
    await link.close();
    throw signal.reason;
  }
  return link;
};

class SerialLink implements ByteLink {
  readonly #events = new LinkEvents();

  constructor(
    readonly name: string,
    private readonly port: SerialPort,
  ) {
    pollForBoth(port);
    readUntilHangUp(port);
    // The hang-up of a line is noticed only while somebody reads it: this listener stays.
    port.on('data', (bytes: Buffer) => this.#events.data(bytes));
    port.on('error', (cause: Error) => this.#lose(cause));
    port.on('close', (cause?: Error) => this.#events.closed(lost(this.name, cause)));
  }

  get isOpen(): boolean {
    return !this.#events.isClosed && this.port.isOpen;
  }

  listen(listener: LinkListener): void {
    this.#events.listen(listener);
  }

  write(bytes: Uint8Array): void {
    if (!this.isOpen) throw lost(this.name);
    const waiting = this.port.writableLength;
    // A frame alone may be as long as it is, such as a picture to print.
    if (waiting > 0 && waiting + bytes.length > maxUnsentBytes) {
      throw new HubError('unavailable', `${this.name} takes no bytes: flow control holds them back`, {
        context: { link: this.name, unsentBytes: waiting },
        hint: 'check that the device is on, and that its flow control is the profile’s',
      });
    }
    this.port.write(Buffer.from(bytes));
  }

  async close(): Promise<void> {
    this.#events.closed();
    await closePort(this.port);
  }

  #lose(cause: Error): void {
    this.#events.closed(lost(this.name, cause));
    void closePort(this.port);
  }
}

const closePort = (port: SerialPort): Promise<void> =>
  new Promise((resolve) => {
    if (!port.isOpen) {
      resolve();
      return;
    }
    // A line that is gone answers its closing with an error; it is closed all the same. What flow control holds back
    // is dropped first: the system would wait for half a minute to get rid of it.
    const close = () => port.close(() => resolve());
    if (port.writableLength > 0) port.flush(close);
    else close();
  });

const lost = (path: string, cause?: Error): HubError => {
  // A line that hung up can no longer be polled: that is what its file descriptor being bad says.
  const why = cause && /bad file descriptor|hung up/i.test(cause.message) ? 'it hung up' : (cause?.message ?? 'closed');
  return new HubError('link_lost', `${path} was lost: ${why}`, { cause, context: { link: path } });
};

/** Resolves when the path exists. Looking is cheap and needs no opening, which could disturb a device. */
export const waitForPath = async (path: string, clock: Clock, signal: AbortSignal): Promise<void> => {
  for (;;) {
    signal.throwIfAborted();
    const found = await stat(path).then(
      () => true,
      () => false,
    );
    if (found) return;
    await clock.sleep(500, signal);
  }
};
