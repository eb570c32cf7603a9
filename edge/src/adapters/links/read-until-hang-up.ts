import fs from 'node:fs';
import type { SerialPort } from 'serialport';

/** What is used of serialport's Linux binding. */
interface Binding {
  fd: number | null;
  readonly poller: { once(event: 'readable', callback: (error: Error | null) => void): void };
  read(buffer: Buffer, offset: number, length: number): Promise<{ bytesRead: number; buffer: Buffer }>;
}

/**
 * A line that hung up gives no bytes for ever, which the library takes for "not yet" and reads again without end, burning a
 * core and never telling. Here it is the end of the line. To be called before the port is read.
 */
export const readUntilHangUp = (port: SerialPort): void => {
  const binding = port.port as unknown as Binding | undefined;
  if (!binding?.poller || typeof binding.read !== 'function') return;
  binding.read = async (buffer, offset, length) => {
    for (;;) {
      if (binding.fd === null) throw notOpen();
      const bytesRead = await readOnce(binding.fd, buffer, offset, length);
      if (bytesRead === 0) throw Object.assign(new Error('the line hung up'), { disconnect: true });
      if (bytesRead !== undefined) return { bytesRead, buffer };
      // Closed meanwhile: its poller is freed, and touching it would take the whole process down.
      if (binding.fd === null) throw notOpen();
      await new Promise<void>((resolve, reject) =>
        binding.poller.once('readable', (error) => (error ? reject(error) : resolve())),
      );
    }
  };
};

const notOpen = (): Error => Object.assign(new Error('the port is not open'), { canceled: true });

/** Bytes read, 0 at the end of the line, undefined where nothing is there yet. */
const readOnce = (fd: number, buffer: Buffer, offset: number, length: number): Promise<number | undefined> =>
  new Promise((resolve, reject) =>
    fs.read(fd, buffer, offset, length, null, (error, bytesRead) => {
      if (!error) resolve(bytesRead);
      else if (error.code === 'EAGAIN' || error.code === 'EINTR') resolve(undefined);
      else reject(Object.assign(error, { disconnect: true }));
    }),
  );
