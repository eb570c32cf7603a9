import { mkdirSync, rmSync, symlinkSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { ReadStream } from 'node:tty';

/** The far end of a serial line: what a simulated device holds while the unit opens `path`. */
export interface PtyLink extends Disposable {
  /** The pty's slave, or the stable symlink to it. */
  readonly path: string;
  write(bytes: Uint8Array): void;
  onData(listener: (bytes: Uint8Array) => void): void;
}

interface NativePty {
  open(columns: number, rows: number): { master: number; slave: number; pty: string };
}

const loadNative = (): NativePty => {
  const require = createRequire(import.meta.url);
  // The package's own entry would start a terminal; the pair alone is what a serial line needs.
  const entry = createRequire(require.resolve('@lydell/node-pty'));
  return entry(`@lydell/node-pty-${process.platform}-${process.arch}/pty.node`) as NativePty;
};

/**
 * Opens a pty pair in raw mode and keeps its slave open, so that the line survives the unit closing it.
 * @param symlinkPath a stable name for the slave; made anew at every start
 */
export const openPtyLink = (symlinkPath?: string): PtyLink => {
  const { master, slave, pty } = loadNative().open(80, 24);
  const held = new ReadStream(slave);
  held.setRawMode(true);
  held.on('error', () => undefined);
  held.pause();
  const stream = new ReadStream(master);
  stream.on('error', () => undefined);
  const listeners = new Set<(bytes: Uint8Array) => void>();
  stream.on('data', (chunk: Buffer) => {
    for (const listener of listeners) listener(new Uint8Array(chunk));
  });
  if (symlinkPath) {
    mkdirSync(dirname(symlinkPath), { recursive: true });
    rmSync(symlinkPath, { force: true });
    symlinkSync(pty, symlinkPath);
  }
  let open = true;
  return {
    path: symlinkPath ?? pty,
    write(bytes) {
      if (!open) return;
      try {
        writeSync(master, bytes);
      } catch (error) {
        // A full line (nobody reads) drops bytes, as a UART without flow control does.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      }
    },
    onData(listener) {
      listeners.add(listener);
    },
    [Symbol.dispose]() {
      if (!open) return;
      open = false;
      if (symlinkPath) rmSync(symlinkPath, { force: true });
      stream.destroy();
      held.destroy();
    },
  };
};
