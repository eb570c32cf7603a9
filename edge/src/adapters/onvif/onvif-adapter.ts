import { HubError, toHubError } from '@hallhub/shared';
import { matchProfile } from '@hallhub/shared/profile';
import type { DeviceIdentity, Value } from '@hallhub/shared/wire';
import type {
  Adapter,
  AdapterHost,
  AdapterStatus,
  CommandRequest,
  DeviceView,
  FoundDevice,
  Logger,
  Reading,
  ScanOptions,
} from '../../ports/index.js';
import { type RunContext, SupervisedRun } from '../supervised-run.js';
import { Camera } from './camera.js';
import { runAction } from './camera-actions.js';
import { CameraDevice, newCameraCounters } from './camera-device.js';
import { credentialsFor, isConfigured, type OnvifConfig, serviceAddress } from './config.js';
import type { HttpPost } from './http-post.js';
import { discoverCameras } from './ws-discovery.js';

/** All cameras of the hall's network. Each attached camera is looked after on its own. */
export class OnvifAdapter implements Adapter {
  readonly id = 'onvif';
  readonly protocol = 'onvif';
  readonly #cameras = new Map<string, CameraDevice>();
  readonly #run: SupervisedRun;
  readonly #logger: Logger;
  readonly #counters = newCameraCounters();
  #isRunning = false;

  constructor(
    private readonly config: OnvifConfig,
    private readonly host: AdapterHost,
    private readonly post?: HttpPost,
  ) {
    this.#logger = host.logger.child({ adapter: this.id });
    this.#run = new SupervisedRun({
      clock: host.clock,
      logger: this.#logger,
      run: (context) => this.#keepLooking(context),
      onFailure: (error) => host.fault(`adapter_${error.code}`, error.message, { adapter: this.id }),
      onStatus: () => host.statusChanged(),
    });
  }

  async start(): Promise<void> {
    this.#isRunning = true;
    for (const camera of this.#cameras.values()) camera.start();
    this.#run.start();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    const cameras = [...this.#cameras.values()];
    this.#cameras.clear();
    await Promise.all([this.#run.stop(), ...cameras.map((camera) => camera.stop())]);
  }

  status(): AdapterStatus {
    return this.#run.status();
  }

  counters(): Readonly<Record<string, number>> {
    return { ...this.#counters, cameras: this.#cameras.size };
  }

  attach(view: DeviceView): void {
    this.detach(view.deviceId);
    const binding = view.profile?.document.bindings.onvif;
    if (!view.profile || !binding) {
      this.host.fault('device_not_bound', `${view.address} cannot be used: its profile has no ONVIF binding`, {
        deviceId: view.deviceId,
      });
      return;
    }
    const device = new CameraDevice({
      view: { ...view, profile: view.profile },
      binding,
      camera: this.#camera(view.address),
      credentials: credentialsFor(this.config, view.address),
      isConfigured: isConfigured(this.config, view.address),
      host: this.host,
      counters: this.#counters,
      timeoutMs: this.config.timeoutMs,
      presenceEveryMs: this.config.presenceEveryMs,
    });
    this.#cameras.set(view.deviceId, device);
    if (this.#isRunning) device.start();
  }

  detach(deviceId: string): void {
    const device = this.#cameras.get(deviceId);
    if (!device) return;
    this.#cameras.delete(deviceId);
    device.stop().catch((error) => this.#logger.warn({ err: error, deviceId }, 'a camera was not let go cleanly'));
  }

  async *discover({ signal, wide }: ScanOptions): AsyncIterable<FoundDevice> {
    for (const serviceUrl of await this.#addresses(signal, wide === true || this.config.discover)) {
      if (signal.aborted) return;
      try {
        yield await this.#identify(serviceUrl, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#logger.info({ err: error, serviceUrl }, 'a camera could not be identified');
      }
    }
  }

  async execute(request: CommandRequest): Promise<Record<string, unknown> | undefined> {
    const device = this.#device(request.deviceId);
    const command = device.view.profile.document.bindings.onvif?.commands[request.command];
    if (!command) throw new HubError('unsupported', `the profile binds no command ${request.command}`);
    const output = await runAction(device, command.action, request, this.host);
    const known = device.view.profile.document.thing.commands.find((one) => one.id === request.command)?.output ?? [];
    // An action may tell more than the profile asks for.
    const wanted = Object.entries(output ?? {}).filter(([id]) => known.some((field) => field.id === id));
    return wanted.length > 0 ? Object.fromEntries(wanted) : undefined;
  }

  async read(deviceId: string, properties: readonly string[], signal: AbortSignal): Promise<Reading> {
    const { values, quality } = await this.#device(deviceId).readFacts(signal);
    const asked = Object.fromEntries(Object.entries(values).filter(([id]) => properties.includes(id)));
    if (Object.keys(asked).length === 0) {
      throw new HubError('unsupported', `the camera does not tell ${properties.join(', ')} when asked`, {
        context: { properties },
      });
    }
    return { deviceId, values: asked, ...(quality ? { quality } : {}) };
  }

  async write(_deviceId: string, values: Readonly<Record<string, Value>>): Promise<void> {
    throw new HubError('unsupported', `${Object.keys(values).join(', ')} cannot be set on a camera: use its commands`);
  }

  async #keepLooking({ signal, running }: RunContext): Promise<void> {
    running();
    for (;;) {
      for (const serviceUrl of await this.#addresses(signal, this.config.discover)) {
        const known = this.host.devices.findByAddress(this.id, serviceUrl);
        if (known && known.state !== 'quarantined') continue;
        await this.#lookAt(serviceUrl, signal);
      }
      await this.host.clock.sleep(this.config.rediscoverEveryMs, signal);
    }
  }

  /** One camera that refuses is said to be so, and the next one is looked at. */
  async #lookAt(serviceUrl: string, signal: AbortSignal): Promise<void> {
    try {
      await this.host.found(await this.#identify(serviceUrl, signal));
    } catch (caught) {
      signal.throwIfAborted();
      const error = toHubError(caught);
      const { host } = new URL(serviceUrl);
      this.#logger.warn({ err: error, serviceUrl }, 'a camera could not be identified');
      this.host.fault(
        error.code === 'unauthenticated' ? 'camera_refused' : 'camera_unreachable',
        error.hint ? `${error.message}: ${error.hint}` : error.message,
        { host },
      );
    }
  }

  /** Service addresses: those named in the configuration, and those that answer on the network. */
  async #addresses(signal: AbortSignal, search: boolean): Promise<string[]> {
    const named = this.config.hosts.map((one) => serviceAddress(typeof one === 'string' ? one : one.host));
    if (!search) return [...new Set(named)];
    const found = await discoverCameras({ clock: this.host.clock, signal, interfaces: this.config.interfaces });
    return [...new Set([...named, ...found.flatMap((camera) => camera.serviceUrls.slice(0, 1))])];
  }

  async #identify(serviceUrl: string, signal: AbortSignal): Promise<FoundDevice> {
    const camera = this.#camera(serviceUrl);
    await camera.readClockSkewMs(signal);
    const told = await camera.deviceInformation(signal);
    const { hostname, port } = new URL(serviceUrl);
    const firmware = told.firmwareVersion;
    const identity: DeviceIdentity = {
      vendor: told.manufacturer || 'unknown',
      model: told.model || 'onvif-camera',
      serial: told.serialNumber || `${hostname}-${port || '80'}`,
      ...(firmware ? { firmware } : {}),
      ...(told.hardwareId ? { hardware: told.hardwareId } : {}),
    };
    const profiles = this.host.profiles.list().filter((one) => one.document.bindings.onvif);
    const { best, why } = matchProfile(
      profiles.map((one) => one.document),
      { protocol: 'onvif', manufacturer: told.manufacturer, model: told.model, firmware },
    );
    return best
      ? { address: serviceUrl, identity, profileId: best.id, certainty: 'certain', detail: why }
      : { address: serviceUrl, identity, certainty: 'unknown', detail: why };
  }

  #camera(serviceUrl: string): Camera {
    return new Camera({
      serviceUrl,
      credentials: credentialsFor(this.config, serviceUrl),
      timeoutMs: this.config.timeoutMs,
      clock: this.host.clock,
      ...(this.post ? { post: this.post } : {}),
    });
  }

  #device(deviceId: string): CameraDevice {
    const device = this.#cameras.get(deviceId);
    if (!device) throw new HubError('not_found', 'no such camera is served here', { context: { deviceId } });
    return device;
  }
}
