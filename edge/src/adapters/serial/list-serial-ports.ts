import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

export interface SerialPortInfo {
  /** The stable name where there is one (`/dev/serial/by-id/…`), else the device node. */
  readonly path: string;
  readonly devicePath: string;
  readonly manufacturer?: string;
  readonly product?: string;
  readonly serialNumber?: string;
}

/**
 * Serial ports with hardware behind them, from sysfs: the serialport library's own list needs udevadm and brings the process
 * down where that is missing. Ports that cannot be looked at are left out.
 */
export const listSerialPorts = async (roots = { sys: '/sys/class/tty', dev: '/dev' }): Promise<SerialPortInfo[]> => {
  const stable = await stableNames(roots.dev);
  const ports: SerialPortInfo[] = [];
  for (const name of (await entries(roots.sys)).sort()) {
    const device = await realpath(path.join(roots.sys, name, 'device')).catch(() => undefined);
    // 8250 placeholders without a chip say type 0.
    const type = await text(path.join(roots.sys, name, 'type'));
    const devicePath = path.join(roots.dev, name);
    if (!device || type === '0' || !(await exists(devicePath))) continue;
    const usb = await usbOf(device);
    ports.push({ path: stable.get(devicePath) ?? devicePath, devicePath, ...usb });
  }
  return ports;
};

const stableNames = async (dev: string): Promise<Map<string, string>> => {
  const folder = path.join(dev, 'serial/by-id');
  const names = new Map<string, string>();
  for (const name of await entries(folder)) {
    const target = await realpath(path.join(folder, name)).catch(() => undefined);
    if (target) names.set(target, path.join(folder, name));
  }
  return names;
};

/** The USB device stands a few levels above its tty. */
const usbOf = async (device: string): Promise<Pick<SerialPortInfo, 'manufacturer' | 'product' | 'serialNumber'>> => {
  for (let at = device, levels = 0; levels < 4; at = path.dirname(at), levels++) {
    const product = await text(path.join(at, 'product'));
    if (product === undefined) continue;
    const manufacturer = await text(path.join(at, 'manufacturer'));
    const serialNumber = await text(path.join(at, 'serial'));
    return { product, ...(manufacturer ? { manufacturer } : {}), ...(serialNumber ? { serialNumber } : {}) };
  }
  return {};
};

const entries = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );
const text = (file: string): Promise<string | undefined> =>
  readFile(file, 'utf8').then(
    (content) => content.trim() || undefined,
    () => undefined,
  );
