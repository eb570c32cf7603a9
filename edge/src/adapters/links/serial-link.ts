import { realpath, stat } from 'node:fs/promises';
import { type Clock, HubError } from '@hallhub/shared';
import type { LineSettings } from '@hallhub/shared/profile';
import { SerialPort } from 'serialport';
import type { ByteLink, LinkListener, LinkOpener } from './byte-link.js';
import { LinkEvents } from './link-events.js';
import { readUntilHangUp } from './read-until-hang-up.js';

/** Opens a serial line exclusively. A path that is not there is `link_refused` with errno ENOENT. */
export const serialLinkOpener = (path: string, line: LineSettings): LinkOpener => ({
  name: path,
  open: (signal) => openSerialLink(path, line, signal),
});

const openSerialLink = async (path: string, line: LineSettings, signal: AbortSignal): Promise<ByteLink> => {
  signal.throwIfAborted();
  // A stable name (udev link, simulator) points elsewhere after a replug: resolve it at every opening.
  const devicePath = await realpath(path).catch((cause) => Promise.reject(refused(path, cause)));
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
  await new Promise<void>((resolve, reject) =>
    port.open((cause) => (cause ? reject(refused(path, cause)) : resolve())),
  );
  const link = new SerialLink(path, port);
  if (signal.aborted) {
    await link.close();
    throw signal.reason;
  }
  return link;
};

const refused = (path: string, cause: Error): HubError => {
  const text = cause.message;
  const errno = /ENOENT|no such file/i.test(text)
    ? 'ENOENT'
    : /EACCES|permission denied/i.test(text)
      ? 'EACCES'
      : /EBUSY|lock|busy|temporarily unavailable/i.test(text)
        ? 'EBUSY'
        : undefined;
  const hint = {
    ENOENT: 'nothing is plugged in there: check the cable, or list the ports with hub scan serial',
    EACCES: 'the agent may not open it: add its user to the group dialout',
    EBUSY: 'another program holds it: close that program',
  };
  return new HubError('link_refused', `cannot open ${path}: ${errno ?? text}`, {
    cause,
    context: { link: path, errno },
    ...(errno ? { hint: hint[errno] } : {}),
  });
};

class SerialLink implements ByteLink {
  readonly #events = new LinkEvents();

  constructor(
    readonly name: string,
    private readonly port: SerialPort,
  ) {
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
    // A line that is gone answers its closing with an error; it is closed all the same.
    port.close(() => resolve());
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
