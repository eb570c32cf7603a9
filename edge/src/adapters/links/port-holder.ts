import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import path from 'node:path';

/** A process that has a port for itself. */
export interface PortHolder {
  readonly pid: number;
  /** As in `ps`; left out where it cannot be read. */
  readonly name?: string;
}

/**
 * Who holds the port: a lock on the device (flock), or a lock file as minicom, picocom and pppd write it. It is looked up
 * before opening, because the library changes the line's settings before it finds the port locked.
 */
export const lockedBy = async (devicePath: string, lockFolder = '/run/lock'): Promise<PortHolder | undefined> => {
  const pid = (await flockOwner(devicePath)) ?? (await lockFileOwner(devicePath, lockFolder));
  return pid === undefined ? undefined : named(pid);
};

/** Who else has the port open, as far as this user may look. */
export const openedBy = async (devicePath: string): Promise<PortHolder | undefined> => {
  for (const entry of await readdir('/proc').catch(() => [] as string[])) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    const folder = path.join('/proc', entry, 'fd');
    for (const fd of await readdir(folder).catch(() => [] as string[])) {
      const target = await readlink(path.join(folder, fd)).catch(() => undefined);
      if (target === devicePath) return named(Number(entry));
    }
  }
  return undefined;
};

export const describeHolder = ({ pid, name }: PortHolder): string =>
  pid === process.pid ? 'this agent itself, by another entry of edge.yaml' : `${name ?? 'a process'} (pid ${pid})`;

const named = async (pid: number): Promise<PortHolder> => {
  const name = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim();
  return name ? { pid, name } : { pid };
};

const flockOwner = async (devicePath: string): Promise<number | undefined> => {
  const device = await stat(devicePath).catch(() => undefined);
  if (!device) return undefined;
  const major = (device.dev >> 8) & 0xfff;
  const minor = (device.dev & 0xff) | ((device.dev >> 12) & 0xfff00);
  const hex = (value: number) => value.toString(16).padStart(2, '0');
  const place = `${hex(major)}:${hex(minor)}:${device.ino}`;
  const locks = await readFile('/proc/locks', 'utf8').catch(() => '');
  for (const line of locks.split('\n')) {
    const [, kind, , , pid, where] = line.trim().split(/\s+/);
    if (kind === 'FLOCK' && where === place && Number(pid) > 0) return Number(pid);
  }
  return undefined;
};

/** LCK..ttyUSB0 holds a process id in text. The file of a process that is gone says nothing. */
const lockFileOwner = async (devicePath: string, lockFolder: string): Promise<number | undefined> => {
  const text = await readFile(path.join(lockFolder, `LCK..${path.basename(devicePath)}`), 'utf8').catch(() => '');
  const pid = Number(text.trim().split(/\s+/)[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return (await stat(`/proc/${pid}`).catch(() => undefined)) ? pid : undefined;
};
