import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import path from 'node:path';
import type { SerialPort } from 'serialport';
import t from 'tap';
import { readUntilHangUp } from './read-until-hang-up.js';

t.test('closed while a read is under way: the poller, which is freed by then, is not touched', async (t) => {
  const pipe = path.join(t.testdir({}), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const fd = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
  t.teardown(() => closeSync(fd));
  let polled = 0;
  const binding = {
    fd: fd as number | null,
    poller: {
      once: (_event: string, callback: (error: Error | null) => void) => {
        polled++;
        callback(Object.assign(new Error('Canceled'), { canceled: true }));
      },
    },
    read: async (_buffer: Buffer, _offset: number, _length: number): Promise<unknown> => undefined,
  };
  readUntilHangUp({ port: binding } as unknown as SerialPort);
  await t.rejects(binding.read(Buffer.alloc(8), 0, 8), { message: 'Canceled' });
  t.equal(polled, 1, 'nothing is there yet: it waits');
  const reading = binding.read(Buffer.alloc(8), 0, 8);
  binding.fd = null;
  await t.rejects(reading, { message: 'the port is not open' });
  t.equal(polled, 1);
});
