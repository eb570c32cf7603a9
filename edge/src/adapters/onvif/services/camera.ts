import { type Clock, HubError, isHubError } from '@hallhub/shared';
import type { Credentials } from './config.js';
import type { HttpPost } from './http-post.js';
import { SoapClient } from './soap-client.js';
import { escapeXml, type XmlNode } from './xml-node.js';

const ver10 = 'http://www.onvif.org/ver10';
const schema = `${ver10}/schema`;
const namespaces = {
  device: `${ver10}/device/wsdl`,
  media: `${ver10}/media/wsdl`,
  events: `${ver10}/events/wsdl`,
  ptz: 'http://www.onvif.org/ver20/ptz/wsdl',
} as const;
type Service = keyof typeof namespaces;

export interface DeviceInformation {
  readonly manufacturer: string;
  readonly model: string;
  readonly firmwareVersion: string;
  readonly serialNumber: string;
  readonly hardwareId: string;
}

export interface MediaProfile {
  readonly token: string;
  readonly name: string;
  readonly encoding: string | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly frameRate: number | undefined;
  readonly bitrateKbps: number | undefined;
  readonly hasPtz: boolean;
}

export interface PtzVector {
  readonly pan?: number | undefined;
  readonly tilt?: number | undefined;
  readonly zoom?: number | undefined;
}

export interface CameraOptions {
  readonly serviceUrl: string;
  readonly credentials: Credentials | undefined;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly post?: HttpPost;
}

/** The operations of one camera, one at a time: many cameras take no more. Errors as of `SoapClient`. */
export class Camera {
  readonly soap: SoapClient;
  readonly #options: CameraOptions;
  readonly #device: URL;
  #services: Partial<Record<Service, URL>> | undefined;
  #busy: Promise<unknown> = Promise.resolve();

  constructor(options: CameraOptions) {
    this.#options = options;
    this.#device = new URL(options.serviceUrl);
    this.soap = new SoapClient(options);
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  get host(): string {
    return this.#device.hostname;
  }

  /** Camera time minus unit time in ms; asked without signing in, and kept for dating tokens. */
  async readClockSkewMs(signal: AbortSignal): Promise<number> {
    const { clock } = this.#options;
    const startMs = clock.now();
    const ask = (anonymous: boolean) => this.#call('device', 'GetSystemDateAndTime', '', { signal, anonymous });
    // A few makers want a sign-in even here.
    const reply = await ask(true).catch((error) =>
      isHubError(error, 'unauthenticated') ? ask(false) : Promise.reject(error),
    );
    const utc = reply.at('systemDateAndTime', 'UTCDateTime');
    const part = (group: string, name: string) => utc?.numberAt(group, name) ?? Number.NaN;
    const cameraMs = Date.UTC(
      part('date', 'year'),
      part('date', 'month') - 1,
      part('date', 'day'),
      part('time', 'hour'),
      part('time', 'minute'),
      part('time', 'second'),
    );
    if (Number.isNaN(cameraMs)) {
      if (reply.at('systemDateAndTime')) return 0;
      throw new HubError('protocol_violation', `${this.host} tells no time`, { context: { host: this.host } });
    }
    // Whole seconds are told: half of one is the best guess, and so is the middle of the exchange.
    this.soap.skewMs = Math.round(cameraMs + 500 - (startMs + clock.now()) / 2);
    return this.soap.skewMs;
  }

  async setClock(signal: AbortSignal): Promise<void> {
    const now = new Date(this.#options.clock.now());
    const tag = (name: string, value: number) => `<${name} xmlns="${schema}">${value}</${name}>`;
    await this.#call(
      'device',
      'SetSystemDateAndTime',
      '<DateTimeType>Manual</DateTimeType><DaylightSavings>false</DaylightSavings><UTCDateTime>' +
        `<Time xmlns="${schema}">${tag('Hour', now.getUTCHours())}${tag('Minute', now.getUTCMinutes())}${tag('Second', now.getUTCSeconds())}</Time>` +
        `<Date xmlns="${schema}">${tag('Year', now.getUTCFullYear())}${tag('Month', now.getUTCMonth() + 1)}${tag('Day', now.getUTCDate())}</Date>` +
        '</UTCDateTime>',
      { signal },
    );
  }

  async deviceInformation(signal: AbortSignal): Promise<DeviceInformation> {
    const reply = await this.#call('device', 'GetDeviceInformation', '', { signal });
    const text = (name: string) => (reply.textAt(name) ?? '').slice(0, 100);
    return {
      manufacturer: text('manufacturer'),
      model: text('model'),
      firmwareVersion: text('firmwareVersion'),
      serialNumber: text('serialNumber'),
      hardwareId: text('hardwareId'),
    };
  }

  async profiles(signal: AbortSignal): Promise<MediaProfile[]> {
    const reply = await this.#call('media', 'GetProfiles', '', { signal });
    return reply.all('profiles').flatMap((node) => {
      const token = node.attribute('token');
      if (!token) return [];
      const encoder = node.at('videoEncoderConfiguration');
      return [
        {
          token,
          name: node.textAt('name') ?? token,
          encoding: encoder?.textAt('encoding'),
          width: encoder?.numberAt('resolution', 'width'),
          height: encoder?.numberAt('resolution', 'height'),
          frameRate: encoder?.numberAt('rateControl', 'frameRateLimit'),
          bitrateKbps: encoder?.numberAt('rateControl', 'bitrateLimit'),
          hasPtz: node.at('PTZConfiguration') !== undefined,
        },
      ];
    });
  }

  async streamUri(profileToken: string, signal: AbortSignal): Promise<string> {
    const reply = await this.#call(
      'media',
      'GetStreamUri',
      `<StreamSetup><Stream xmlns="${schema}">RTP-Unicast</Stream><Transport xmlns="${schema}"><Protocol>RTSP</Protocol></Transport></StreamSetup>` +
        profileTag(profileToken),
      { signal },
    );
    return this.#reachable(reply.need('mediaUri', 'uri').text());
  }

  async snapshotUri(profileToken: string, signal: AbortSignal): Promise<string> {
    const reply = await this.#call('media', 'GetSnapshotUri', profileTag(profileToken), { signal });
    return this.#reachable(reply.need('mediaUri', 'uri').text());
  }

  async ptzStatus(profileToken: string, signal: AbortSignal): Promise<PtzVector> {
    const reply = await this.#call('ptz', 'GetStatus', profileTag(profileToken), { signal });
    const position = reply.at('PTZStatus', 'position');
    const number = (element: string, axis: string) => {
      const value = Number(position?.at(element)?.attribute(axis) ?? Number.NaN);
      return Number.isFinite(value) ? value : undefined;
    };
    return { pan: number('panTilt', 'x'), tilt: number('panTilt', 'y'), zoom: number('zoom', 'x') };
  }

  /** Speeds and positions -1..1 (zoom position 0..1). The camera stops by itself after `timeoutMs`, where it honours that. */
  async continuousMove(
    profileToken: string,
    velocity: PtzVector,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const body = `${profileTag(profileToken)}<Velocity>${vectorTags(velocity)}</Velocity><Timeout>PT${(timeoutMs / 1000).toFixed(1)}S</Timeout>`;
    await this.#call('ptz', 'ContinuousMove', body, { signal });
  }

  async relativeMove(profileToken: string, translation: PtzVector, signal: AbortSignal): Promise<void> {
    await this.#call(
      'ptz',
      'RelativeMove',
      `${profileTag(profileToken)}<Translation>${vectorTags(translation)}</Translation>`,
      { signal },
    );
  }

  async absoluteMove(profileToken: string, position: PtzVector, signal: AbortSignal): Promise<void> {
    await this.#call('ptz', 'AbsoluteMove', `${profileTag(profileToken)}<Position>${vectorTags(position)}</Position>`, {
      signal,
    });
  }

  async stop(profileToken: string, signal: AbortSignal): Promise<void> {
    await this.#call('ptz', 'Stop', `${profileTag(profileToken)}<PanTilt>true</PanTilt><Zoom>true</Zoom>`, { signal });
  }

  async gotoHome(profileToken: string, signal: AbortSignal): Promise<void> {
    await this.#call('ptz', 'GotoHomePosition', profileTag(profileToken), { signal });
  }

  async presets(profileToken: string, signal: AbortSignal): Promise<{ token: string; name: string }[]> {
    const reply = await this.#call('ptz', 'GetPresets', profileTag(profileToken), { signal });
    return reply.all('preset').flatMap((node) => {
      const token = node.attribute('token');
      return token ? [{ token, name: node.textAt('name') ?? token }] : [];
    });
  }

  async gotoPreset(profileToken: string, presetToken: string, signal: AbortSignal): Promise<void> {
    const body = `${profileTag(profileToken)}<PresetToken>${escapeXml(presetToken)}</PresetToken>`;
    await this.#call('ptz', 'GotoPreset', body, { signal });
  }

  /** The new preset's token. */
  async setPreset(profileToken: string, name: string, signal: AbortSignal): Promise<string> {
    const body = `${profileTag(profileToken)}<PresetName>${escapeXml(name)}</PresetName>`;
    const reply = await this.#call('ptz', 'SetPreset', body, { signal });
    return reply.need('presetToken').text();
  }

  /** What the camera says about it, such as how long it takes. */
  async reboot(signal: AbortSignal): Promise<string> {
    const reply = await this.#call('device', 'SystemReboot', '', { signal });
    return reply.textAt('message') ?? '';
  }

  /** Address of a service, or undefined where the camera has none. */
  async serviceUrl(service: Service, signal: AbortSignal): Promise<URL | undefined> {
    if (service === 'device') return this.#device;
    this.#services ??= await this.#readServices(signal);
    return this.#services[service];
  }

  async #readServices(signal: AbortSignal): Promise<Partial<Record<Service, URL>>> {
    const found: Partial<Record<Service, URL>> = {};
    try {
      const reply = await this.#call('device', 'GetServices', '<IncludeCapability>false</IncludeCapability>', {
        signal,
      });
      for (const node of reply.all('service')) {
        const service = (Object.keys(namespaces) as Service[]).find(
          (one) => namespaces[one] === node.textAt('namespace'),
        );
        const address = node.textAt('XAddr');
        if (service && address) found[service] = this.#rebase(address);
      }
    } catch (error) {
      // Older cameras know GetCapabilities only.
      if (!isHubError(error) || !['unsupported', 'device_refused', 'protocol_violation'].includes(error.code))
        throw error;
    }
    if (found.media) return found;
    const reply = await this.#call('device', 'GetCapabilities', '<Category>All</Category>', { signal });
    const names: [Service, string][] = [
      ['media', 'media'],
      ['events', 'events'],
      ['ptz', 'PTZ'],
    ];
    for (const [service, name] of names) {
      const address = reply.textAt('capabilities', name, 'XAddr');
      if (address) found[service] = this.#rebase(address);
    }
    return found;
  }

  async #call(
    service: Service,
    operation: string,
    children: string,
    options: { signal: AbortSignal; anonymous?: boolean },
  ): Promise<XmlNode> {
    const url = await this.serviceUrl(service, options.signal);
    if (!url)
      throw new HubError('unsupported', `${this.host} has no ${service} service`, { context: { host: this.host } });
    const namespace = namespaces[service];
    const body = `<${operation} xmlns="${namespace}">${children}</${operation}>`;
    const run = () => this.soap.request({ url, action: `${namespace}/${operation}`, body, ...options });
    const mine = this.#busy.then(run, run);
    this.#busy = mine.catch(() => undefined);
    const reply = await mine;
    return reply.need(`${operation.charAt(0).toLowerCase()}${operation.slice(1)}Response`);
  }

  /** Behind NAT, or badly set up, a camera tells an address of its own world; credentials go to the host we were given only. */
  #rebase(address: string): URL {
    const told = URL.canParse(address) ? new URL(address) : new URL(address, this.#device);
    if (told.hostname === this.#device.hostname) return told;
    const url = new URL(this.#device);
    url.pathname = told.pathname;
    url.search = told.search;
    return url;
  }

  #reachable(uri: string): string {
    if (!URL.canParse(uri))
      throw new HubError('protocol_violation', `${this.host} tells no usable address`, {
        context: { host: this.host },
      });
    return uri.replace(/^([a-z]+:\/\/)(?:0\.0\.0\.0|localhost|\[::\])(?=[:/]|$)/, `$1${this.host}`);
  }

  /** For subscriptions, which live at addresses of their own. */
  rebase(address: string): URL {
    return this.#rebase(address);
  }
}

const profileTag = (token: string): string => `<ProfileToken>${escapeXml(token)}</ProfileToken>`;

const vectorTags = ({ pan, tilt, zoom }: PtzVector): string => {
  const panTilt =
    pan === undefined && tilt === undefined ? '' : `<PanTilt x="${pan ?? 0}" y="${tilt ?? 0}" xmlns="${schema}"/>`;
  return panTilt + (zoom === undefined ? '' : `<Zoom x="${zoom}" xmlns="${schema}"/>`);
};
