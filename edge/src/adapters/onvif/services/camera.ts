import { type Clock, HubError, isHubError } from '@hallhub/shared';
import type { Credentials } from '../config.js';
import type { SignInGuard } from '../sign-in-guard.js';
import type { HttpExchange } from '../soap/http-exchange.js';
import { SoapClient } from '../soap/soap-client.js';
import type { TlsTrust } from '../soap/tls-trust.js';
import type { XmlNode } from '../soap/xml-node.js';
import { readClock } from './device-service.js';

const ver10 = 'http://www.onvif.org/ver10';
const ver20 = 'http://www.onvif.org/ver20';

const namespaces = {
  device: `${ver10}/device/wsdl`,
  media: `${ver10}/media/wsdl`,
  media2: `${ver20}/media/wsdl`,
  events: `${ver10}/events/wsdl`,
  ptz: `${ver20}/ptz/wsdl`,
  imaging: `${ver20}/imaging/wsdl`,
  deviceIo: `${ver10}/deviceIO/wsdl`,
} as const;
export type Service = keyof typeof namespaces;

export interface CameraOptions {
  readonly serviceUrl: string;
  readonly credentials: Credentials | undefined;
  /** A person named this camera: it may have the password in plain text where it can no better. */
  readonly allowBasic: boolean;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly guard: SignInGuard;
  readonly trust?: TlsTrust | undefined;
  readonly exchange?: HttpExchange | undefined;
}

export interface CallOptions {
  readonly signal: AbortSignal;
  readonly anonymous?: boolean;
  /** Not behind what is under way: it belongs to it. */
  readonly isUrgent?: boolean;
  readonly timeoutMs?: number;
}

const clockMovedMs = 2_000;

/** The SOAP side of one camera, one request at a time: many cameras take no more. Errors as of `SoapClient`. */
export class Camera {
  readonly soap: SoapClient;
  readonly options: CameraOptions;
  readonly serviceUrl: URL;
  #services: Partial<Record<Service, URL>> | undefined;
  #busy: Promise<unknown> = Promise.resolve();
  #isClockRead = false;

  constructor(options: CameraOptions) {
    this.options = options;
    this.serviceUrl = new URL(options.serviceUrl);
    this.soap = new SoapClient({ ...options, hasClockMoved: (signal) => this.#hasClockMoved(signal) });
  }

  get clock(): Clock {
    return this.options.clock;
  }

  get host(): string {
    return this.serviceUrl.hostname;
  }

  /** Camera time minus unit time in ms; asked without signing in, and kept for dating tokens. */
  async readClockSkewMs(signal: AbortSignal): Promise<number> {
    const skewMs = await readClock(this, signal);
    // A sign-in refused for its date may be taken now.
    if (Math.abs(skewMs - this.soap.skewMs) > clockMovedMs) this.options.guard.reset();
    this.#isClockRead = true;
    this.soap.skewMs = skewMs;
    return skewMs;
  }

  /** Whether anything of a camera answers there. */
  async answers(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    try {
      await this.call('device', 'GetSystemDateAndTime', '', { signal, anonymous: true, isUrgent: true, timeoutMs });
      return true;
    } catch (error) {
      signal.throwIfAborted();
      return isHubError(error) && ['unauthenticated', 'device_refused', 'unsupported'].includes(error.code);
    }
  }

  /** The response element of one operation. `children` is XML. */
  async call(service: Service, operation: string, children: string, options: CallOptions): Promise<XmlNode> {
    const url = await this.serviceAddress(service, options.signal);
    if (!url)
      throw new HubError('unsupported', `${this.host} has no ${service} service`, { context: { host: this.host } });
    if (!options.anonymous && !this.#isClockRead && operation !== 'GetSystemDateAndTime') {
      // Some tell no time to strangers; their tokens are dated by our own.
      await this.readClockSkewMs(options.signal).catch((error) => {
        if (!isHubError(error, 'unauthenticated') && !isHubError(error, 'protocol_violation')) throw error;
      });
      this.#isClockRead = true;
    }
    const namespace = namespaces[service];
    const body = `<${operation} xmlns="${namespace}">${children}</${operation}>`;
    const run = () => this.soap.request({ url, action: `${namespace}/${operation}`, body, ...options });
    const mine = options.isUrgent ? run() : this.#busy.then(run, run);
    if (!options.isUrgent) this.#busy = mine.catch(() => undefined);
    return (await mine).need(`${operation}Response`);
  }

  /** Address of a service, or undefined where the camera has none. */
  async serviceAddress(service: Service, signal: AbortSignal): Promise<URL | undefined> {
    if (service === 'device') return this.serviceUrl;
    this.#services ??= await this.#readServices(signal);
    return this.#services[service];
  }

  /** Forgets what may be another after a restart or an update. */
  forget(): void {
    this.#services = undefined;
  }

  async #readServices(signal: AbortSignal): Promise<Partial<Record<Service, URL>>> {
    const found: Partial<Record<Service, URL>> = {};
    try {
      const reply = await this.call('device', 'GetServices', '<IncludeCapability>false</IncludeCapability>', {
        signal,
      });
      for (const node of reply.all('Service')) {
        const namespace = node.textAt('Namespace')?.replace(/\/$/, '').toLowerCase();
        const service = (Object.keys(namespaces) as Service[]).find(
          (one) => namespaces[one].toLowerCase() === namespace,
        );
        const address = node.textAt('XAddr');
        if (service && address) found[service] ??= this.rebase(address);
      }
    } catch (error) {
      // Older cameras know GetCapabilities only.
      if (!isHubError(error) || !['unsupported', 'device_refused', 'protocol_violation'].includes(error.code))
        throw error;
    }
    if (found.media || found.media2) return found;
    const reply = await this.call('device', 'GetCapabilities', '<Category>All</Category>', { signal });
    const names: [Service, ...string[]][] = [
      ['media', 'Media'],
      ['events', 'Events'],
      ['ptz', 'PTZ'],
      ['imaging', 'Imaging'],
      ['deviceIo', 'Extension', 'DeviceIO'],
    ];
    for (const [service, ...path] of names) {
      const address = reply.textAt('Capabilities', ...path, 'XAddr');
      if (address) found[service] = this.rebase(address);
    }
    return found;
  }

  async #hasClockMoved(signal: AbortSignal): Promise<boolean> {
    const before = this.soap.skewMs;
    const now = await readClock(this, signal, true).catch(() => before);
    this.soap.skewMs = now;
    return Math.abs(now - before) > clockMovedMs;
  }

  /** Behind NAT, or badly set up, a camera tells an address of its own world; credentials go to the host we were given only. */
  rebase(address: string): URL {
    const told = URL.canParse(address, this.serviceUrl.href) ? new URL(address, this.serviceUrl) : this.serviceUrl;
    if (told.hostname === this.serviceUrl.hostname && told.protocol === this.serviceUrl.protocol) return told;
    const url = new URL(this.serviceUrl);
    url.pathname = told.pathname;
    url.search = told.search;
    return url;
  }

  /** An address for others to use: as told, but without an account, and without the placeholders that some cameras leave. */
  reachable(uri: string): string {
    if (!URL.canParse(uri) || uri.length > 2_000)
      throw new HubError('protocol_violation', `${this.host} tells no usable address`, {
        context: { host: this.host },
      });
    return uri
      .replace(/^([a-z]+:\/\/)[^/?#]*@/i, '$1')
      .replace(/^([a-z]+:\/\/)(?:0\.0\.0\.0|localhost|\[::\])(?=[:/]|$)/i, `$1${this.host}`);
  }
}
