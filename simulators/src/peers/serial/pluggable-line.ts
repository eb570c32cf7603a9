import { openPtyLink, type PtyLink } from '../../links/pty-link.js';
import type { ByteLine } from './serial-peer.js';

/** A serial line whose plug can be pulled: the peers on it stay, as a device does that keeps its power. */
export interface PluggableLine extends ByteLine, Disposable {
  readonly path: string;
  readonly isPlugged: boolean;
  unplug(): void;
  /** Plugs it in again; the path is the same, what it leads to is another tty. */
  plug(): void;
}

export const openPluggableLine = (path: string): PluggableLine => {
  const listeners = new Set<(bytes: Uint8Array) => void>();
  let pty: PtyLink | undefined;
  const line: PluggableLine = {
    path,
    get isPlugged() {
      return pty !== undefined;
    },
    write: (bytes) => pty?.write(bytes),
    onData: (listener) => void listeners.add(listener),
    unplug() {
      pty?.[Symbol.dispose]();
      pty = undefined;
    },
    plug() {
      if (pty) return;
      pty = openPtyLink(path);
      pty.onData((bytes) => {
        for (const listener of listeners) listener(bytes);
      });
    },
    [Symbol.dispose]: () => line.unplug(),
  };
  line.plug();
  return line;
};
