import path from 'node:path';
import { Backoff, type Clock, toHubError } from '@hallhub/shared';
import type { Adapter, DeviceView } from '../ports/index.js';
import type { StreamAddress } from './pipeline/stream-address.js';
import { rtspAddress } from './rtsp-address.js';
import type { ConfiguredCamera } from './vision-settings.js';

export const visionAdapterId = 'vision';

export interface CameraAddressesOptions {
  readonly clock: Clock;
  readonly configured: readonly ConfiguredCamera[];
  /** Folder of edge.yaml: files are relative to it. */
  readonly configFolder: string;
  readonly stream: 'main' | 'sub';
  readonly adapterOf: (adapterId: string) => Adapter | undefined;
  readonly onChange: () => void;
}

interface Known {
  /** Of the device, when it was asked. */
  readonly key: string;
  address?: StreamAddress;
  problem?: { readonly reason: string; readonly hint?: string | undefined };
  asking?: Promise<void>;
  nextMonoMs: number;
  readonly backoff: Backoff;
}

const askTimeoutMs = 20_000;
/** A camera may change its addresses; it is asked anew now and then while it gives no pictures. */
const againMs = 300_000;

/** Where each camera's pictures come from: of edge.yaml, or as the camera itself tells by ONVIF. */
export class CameraAddresses {
  readonly #options: CameraAddressesOptions;
  readonly #known = new Map<string, Known>();
  readonly #stopping = new AbortController();

  constructor(options: CameraAddressesOptions) {
    this.#options = options;
  }

  /** Undefined: not known yet; asking begins, and `onChange` tells when it ended. */
  of(device: DeviceView): StreamAddress | undefined {
    if (device.adapterId === visionAdapterId) return this.#configured(device.address);
    const key = `${device.adapterId} ${device.address} ${device.profile?.hash}`;
    const known = this.#known.get(device.deviceId);
    if (known?.key === key) return known.address;
    const fresh: Known = {
      ...{ key, nextMonoMs: 0, backoff: new Backoff({ firstMs: 5_000, maxMs: againMs, jitter: 0.2 }) },
    };
    this.#known.set(device.deviceId, fresh);
    this.#ask(device, fresh);
    return undefined;
  }

  /** Its smaller stream, for viewers on a slow line; undefined where the one that is looked at is the smallest. */
  async small(device: DeviceView, signal: AbortSignal): Promise<StreamAddress | undefined> {
    const { configured, adapterOf, stream } = this.#options;
    if (device.adapterId === visionAdapterId) {
      const own = configured.find(({ id }) => id === device.address);
      return own?.subUrl === undefined ? undefined : rtspAddress({ ...own, uri: own.subUrl });
    }
    const adapter = stream === 'main' ? adapterOf(device.adapterId) : undefined;
    if (!adapter?.stream) return undefined;
    const limit = AbortSignal.any([this.#stopping.signal, signal, AbortSignal.timeout(askTimeoutMs)]);
    const main = this.#known.get(device.deviceId)?.address;
    const { uri, userName, password } = await adapter.stream(device.deviceId, 'sub', limit);
    // A camera with one stream names that one.
    if (main?.kind === 'rtsp' && main.url === uri) return undefined;
    return rtspAddress({ uri, userName, password, transport: 'tcp' });
  }

  problemOf({ deviceId, adapterId, address }: DeviceView): Known['problem'] {
    if (adapterId !== visionAdapterId) return this.#known.get(deviceId)?.problem;
    return this.#configured(address) ? undefined : { reason: 'it is not in edge.yaml any more' };
  }

  /** Asks again those that gave none, and that it is time for. */
  tick(devices: readonly DeviceView[]): void {
    const { clock } = this.#options;
    for (const device of devices) {
      const known = this.#known.get(device.deviceId);
      if (known && !known.address && clock.monotonicMs() >= known.nextMonoMs) this.#ask(device, known);
    }
  }

  /** Its pictures do not come: perhaps its address is another now. */
  doubt(device: DeviceView): void {
    const known = this.#known.get(device.deviceId);
    if (known?.address && this.#options.clock.monotonicMs() >= known.nextMonoMs + againMs) this.#ask(device, known);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#known.values()].map(({ asking }) => asking));
  }

  #configured(id: string): StreamAddress | undefined {
    const { configured, configFolder } = this.#options;
    const camera = configured.find((one) => one.id === id);
    if (!camera) return undefined;
    const { url, file, usb } = camera;
    if (url !== undefined) return rtspAddress({ ...camera, uri: url });
    if (file !== undefined) return { kind: 'file', path: path.resolve(configFolder, file), loop: true };
    return { kind: 'usb', device: usb ?? '/dev/video0', width: 1_280, height: 720, fps: 15 };
  }

  #ask(device: DeviceView, known: Known): void {
    known.asking ??= this.#resolve(device, known).finally(() => {
      delete known.asking;
    });
  }

  async #resolve(device: DeviceView, known: Known): Promise<void> {
    const { clock, adapterOf, stream, onChange } = this.#options;
    const limit = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(askTimeoutMs)]);
    const before = JSON.stringify([known.address, known.problem]);
    known.nextMonoMs = clock.monotonicMs() + known.backoff.nextMs();
    try {
      const adapter = adapterOf(device.adapterId);
      if (!adapter?.stream) {
        known.problem = adapter
          ? { reason: 'this is no camera' }
          : { reason: 'its adapter does not run', hint: 'hub status' };
      } else {
        const told = await adapter.stream(device.deviceId, stream, limit);
        known.address = rtspAddress({ ...told, transport: 'tcp' });
        delete known.problem;
        known.nextMonoMs = clock.monotonicMs();
        known.backoff.reset();
      }
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      const { message, hint } = toHubError(limit.aborted ? new Error('it did not answer in time') : error);
      // What it gave before may be right still: whether pictures come by it is told with the stream.
      if (!known.address) known.problem = { reason: message, hint };
    }
    if (before !== JSON.stringify([known.address, known.problem])) onChange();
  }
}
