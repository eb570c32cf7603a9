import type { DeviceView } from '../../ports/index.js';
import { type CameraAddress, parseAddress } from './camera-address.js';
import { type Credentials, credentialsOf, type NamedHost, namedHosts, type OnvifConfig } from './config.js';
import type { DiscoveredCamera } from './discovery/discovery-message.js';

/** A place to look for a camera at. */
export interface CameraTarget {
  readonly serviceUrl: string;
  /** As discovery told it; undefined for a place that edge.yaml names. */
  readonly endpoint: string | undefined;
}

export interface KnownCamera {
  readonly device: DeviceView;
  readonly address: CameraAddress;
}

export const knownCameras = (devices: readonly DeviceView[], adapterId: string): KnownCamera[] =>
  devices
    .filter((device) => device.adapterId === adapterId && device.state !== 'retired')
    .map((device) => ({ device, address: parseAddress(device.address) }));

const hostOf = (serviceUrl: string): string => new URL(serviceUrl).host;

/** What edge.yaml says of places: which it names, with which account and certificate. */
export class NamedPlaces {
  readonly #hosts: readonly NamedHost[];
  readonly #common: Credentials | undefined;

  constructor(config: OnvifConfig) {
    this.#hosts = namedHosts(config);
    this.#common = credentialsOf(config);
  }

  get targets(): CameraTarget[] {
    return this.#hosts.map(({ serviceUrl }) => ({ serviceUrl, endpoint: undefined }));
  }

  /** A person named this device service; else it was found. */
  has(serviceUrl: string): boolean {
    return this.#at(hostOf(serviceUrl)) !== undefined;
  }

  /** The entry's own account goes with a camera that it named, wherever that is now. */
  credentials(serviceUrl: string, named: string | undefined): Credentials | undefined {
    const entry = this.#at(hostOf(serviceUrl)) ?? (named === undefined ? undefined : this.#at(named));
    return entry ? entry.credentials : this.#common;
  }

  fingerprint(serviceUrl: string, named: string | undefined): string | undefined {
    return (this.#at(hostOf(serviceUrl)) ?? (named === undefined ? undefined : this.#at(named)))?.fingerprint;
  }

  /** Host and port of the entry that names this camera: by where it is, or by where it was. */
  nameOf(serviceUrl: string, before: CameraAddress | undefined): string | undefined {
    const here = hostOf(serviceUrl);
    if (this.#at(here)) return here;
    if (before?.named !== undefined && this.#at(before.named)) return before.named;
    const there = before && hostOf(before.serviceUrl);
    return there !== undefined && this.#at(there) ? there : undefined;
  }

  #at(host: string): NamedHost | undefined {
    return this.#hosts.find((one) => hostOf(one.serviceUrl) === host);
  }
}

/** Where the cameras that answered are to be looked at: at a known one's own address, if it still tells that. */
export const targetsOf = (found: readonly DiscoveredCamera[], known: readonly KnownCamera[]): CameraTarget[] =>
  found.flatMap(({ endpoint, serviceUrls }) => {
    const here = known.find(({ address }) => address.endpoint === endpoint)?.address.serviceUrl;
    const serviceUrl = here !== undefined && serviceUrls.includes(here) ? here : serviceUrls[0];
    return serviceUrl === undefined ? [] : [{ serviceUrl, endpoint }];
  });
