import { type HubError, isHubError } from '@hallhub/shared';
import type { AdapterHost, Logger } from '../../ports/index.js';
import { abortScope } from '../abort-scope.js';
import { type CameraTarget, type KnownCamera, type NamedPlaces, targetsOf } from './camera-targets.js';
import type { OnvifConfig } from './config.js';
import { listenToAnnouncements } from './discovery/announcements.js';
import type { DiscoveredCamera } from './discovery/discovery-message.js';
import { discoverCameras, resolveCamera } from './discovery/ws-discovery.js';

export interface CameraFinderOptions {
  readonly config: OnvifConfig;
  readonly places: NamedPlaces;
  readonly host: AdapterHost;
  readonly logger: Logger;
  readonly known: () => KnownCamera[];
  readonly isThere: (deviceId: string) => boolean;
  /** Never throws but for the signal. */
  readonly lookAt: (target: CameraTarget, signal: AbortSignal) => Promise<void>;
  readonly checkNow: (deviceId: string) => void;
}

/** Hellos come from anybody: so many wait to be looked at, no more. */
const maxWaiting = 200;
const sameAgainMs = 5_000;
const missedAgainMs = 20_000;

/** Looks for cameras: at the places that edge.yaml names, by searching now and then, and at once when one announces itself or is missed. */
export class CameraFinder {
  readonly #options: CameraFinderOptions;
  readonly #waiting = new Map<string, CameraTarget>();
  readonly #missing = new Map<string, 'silent' | 'stranger'>();
  readonly #lookedMs = new Map<string, number>();
  #wake: (() => void) | undefined;

  constructor(options: CameraFinderOptions) {
    this.#options = options;
  }

  /** A served camera does not answer, or another stands in its place. */
  missing(deviceId: string, why: 'silent' | 'stranger'): void {
    this.#missing.set(deviceId, why);
    this.#wake?.();
  }

  /** Until the signal aborts. `onDeaf` is told where announcements cannot be heard. */
  async run(signal: AbortSignal, onDeaf: (error: HubError) => void): Promise<never> {
    const { config } = this.#options;
    const announcements = config.discover
      ? listenToAnnouncements({
          interfaces: config.interfaces,
          scopes: config.scopes,
          onHello: (camera) => this.#hello(camera),
          onBye: (endpoint) => {
            for (const { device } of this.#knownAs(endpoint)) this.#options.checkNow(device.deviceId);
          },
          onError: onDeaf,
        })
      : undefined;
    try {
      for (;;) await this.#round(signal);
    } finally {
      announcements?.[Symbol.dispose]();
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { config, host } = this.#options;
    for (const target of await this.targets(signal, config.discover)) {
      if (!this.#isServed(target)) await this.#options.lookAt(target, signal);
    }
    const untilMs = host.clock.monotonicMs() + config.rediscoverEveryMs;
    while (host.clock.monotonicMs() < untilMs) {
      await this.#rest(untilMs - host.clock.monotonicMs(), signal);
      await this.#lookAtWaiting(signal);
      await this.#searchMissing(signal);
    }
  }

  /** Places that edge.yaml names, and cameras that answer on the network. */
  async targets(signal: AbortSignal, search: boolean): Promise<CameraTarget[]> {
    const { config, places, host, known } = this.#options;
    const { interfaces, scopes } = config;
    const found = search ? await discoverCameras({ clock: host.clock, signal, interfaces, scopes }) : [];
    const targets = targetsOf(found, known());
    const isFound = (target: CameraTarget) => targets.some(({ serviceUrl }) => serviceUrl === target.serviceUrl);
    return [...places.targets.filter((target) => !isFound(target)), ...targets];
  }

  #hello(camera: DiscoveredCamera): void {
    const [serviceUrl] = camera.serviceUrls;
    const { endpoint } = camera;
    const known = this.#knownAs(endpoint);
    // One that says hello where it is known to be has restarted.
    const here = known.filter(({ address }) => camera.serviceUrls.includes(address.serviceUrl));
    for (const { device } of here) this.#options.checkNow(device.deviceId);
    if (here.length > 0) return;
    if (serviceUrl === undefined) for (const { device } of known) this.missing(device.deviceId, 'silent');
    else this.#enqueue({ serviceUrl, endpoint });
  }

  #enqueue(target: CameraTarget): void {
    if (this.#waiting.size >= maxWaiting) return;
    this.#waiting.set(`${target.endpoint} ${target.serviceUrl}`, target);
    this.#wake?.();
  }

  async #lookAtWaiting(signal: AbortSignal): Promise<void> {
    const targets = [...this.#waiting];
    this.#waiting.clear();
    for (const [key, target] of targets) {
      if (this.#isTooSoon(key) || this.#isServed(target)) continue;
      await this.#options.lookAt(target, signal);
    }
  }

  async #searchMissing(signal: AbortSignal): Promise<void> {
    const missing = [...this.#missing];
    this.#missing.clear();
    // All at once: each waits for answers, and many may have lost their addresses together.
    await Promise.all(missing.map(([deviceId, why]) => this.#searchFor(deviceId, why, signal)));
  }

  async #searchFor(deviceId: string, why: 'silent' | 'stranger', signal: AbortSignal): Promise<void> {
    const camera = this.#options.known().find(({ device }) => device.deviceId === deviceId);
    if (!camera || this.#options.isThere(deviceId)) return;
    const { endpoint, serviceUrl } = camera.address;
    // Whoever stands there may be one that is missed elsewhere.
    if (why === 'stranger' && !this.#isTooSoon(`stranger ${deviceId}`))
      await this.#options.lookAt({ serviceUrl, endpoint: undefined }, signal);
    if (endpoint === undefined || !this.#options.config.discover) return;
    if (!this.#isTooSoon(`missing ${deviceId}`, missedAgainMs)) await this.#resolve(camera, endpoint, signal);
  }

  async #resolve({ address }: KnownCamera, endpoint: string, signal: AbortSignal): Promise<void> {
    const { config, host, lookAt } = this.#options;
    const { interfaces } = config;
    const found = await resolveCamera(endpoint, { clock: host.clock, signal, interfaces, listenMs: 1_500 });
    const elsewhere = found?.serviceUrls.find((url) => url !== address.serviceUrl);
    if (found && elsewhere !== undefined && !found.serviceUrls.includes(address.serviceUrl))
      await lookAt({ serviceUrl: elsewhere, endpoint }, signal);
  }

  /** Somebody looks after it already: at this address, or at another one where it still answers. */
  #isServed({ serviceUrl, endpoint }: CameraTarget): boolean {
    return this.#options.known().some(({ device, address }) => {
      if (device.state === 'quarantined') return false;
      const isThere = device.state !== 'active' || this.#options.isThere(device.deviceId);
      if (endpoint !== undefined && address.endpoint === endpoint) return address.serviceUrl === serviceUrl || isThere;
      if (address.serviceUrl !== serviceUrl) return false;
      // Its endpoint reference is still to be learnt, or another camera is announced where it stood.
      return endpoint === undefined ? true : address.endpoint !== undefined && isThere;
    });
  }

  #knownAs(endpoint: string): KnownCamera[] {
    return this.#options.known().filter(({ address }) => address.endpoint === endpoint);
  }

  #isTooSoon(key: string, againMs = sameAgainMs): boolean {
    const nowMs = this.#options.host.clock.monotonicMs();
    const lastMs = this.#lookedMs.get(key);
    if (lastMs !== undefined && nowMs - lastMs < againMs) return true;
    if (this.#lookedMs.size > 1_000) this.#lookedMs.clear();
    this.#lookedMs.set(key, nowMs);
    return false;
  }

  async #rest(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#waiting.size > 0 || this.#missing.size > 0) return;
    using scope = abortScope(signal);
    this.#wake = () => scope.abort();
    try {
      await this.#options.host.clock.sleep(ms, scope.signal);
    } catch (error) {
      signal.throwIfAborted();
      if (isHubError(error, 'bug')) throw error;
    } finally {
      this.#wake = undefined;
    }
  }
}
