import { openPtyLink, type PtyLink } from './pty-link.js';

/** A serial line whose plug can be pulled: its port vanishes, and comes back under the same name. */
export interface PluggableLine extends Disposable {
  readonly path: string;
  write(bytes: Uint8Array): void;
  onData(listener: (bytes: Uint8Array) => void): void;
  unplug(): void;
  plugIn(): void;
}

export const openPluggableLine = (symlinkPath: string): PluggableLine => {
  const listeners = new Set<(bytes: Uint8Array) => void>();
  let link: PtyLink | undefined;
  const plugIn = () => {
    if (link) return;
    link = openPtyLink(symlinkPath);
    link.onData((bytes) => {
      for (const listener of listeners) listener(bytes);
    });
  };
  const unplug = () => {
    link?.[Symbol.dispose]();
    link = undefined;
  };
  plugIn();
  return {
    path: symlinkPath,
    write: (bytes) => link?.write(bytes),
    onData: (listener) => void listeners.add(listener),
    unplug,
    plugIn,
    [Symbol.dispose]: unplug,
  };
};
