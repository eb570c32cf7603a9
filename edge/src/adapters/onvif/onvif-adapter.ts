import { readFileSync } from 'node:fs';
import { HubError, isHubError, toHubError } from '@hallhub/shared';
import { matchProfile, planOnvifCommand } from '@hallhub/shared/profile';
import type { Value } from '@hallhub/shared/wire';
import type {
  Adapter,
  AdapterHost,
  AdapterStatus,
  CameraStream,
  CameraTurning,
  CommandRequest,
  DeviceView,
  FoundDevice,
  Logger,
  Reading,
  ScanOptions,
} from '../../ports/index.js';
import { type RunContext, SupervisedRun } from '../supervised-run.js';
import { runAction } from './camera/camera-actions.js';
import { newCameraCounters } from './camera/camera-counters.js';
import { CameraDevice } from './camera/camera-device.js';
import { writeSettings } from './camera/camera-settings.js';
import { OnvifTurning } from './camera/camera-turning.js';
import { formatAddress, parseAddress } from './camera-address.js';
import { CameraDoors } from './camera-doors.js';
import { CameraFinder } from './camera-finder.js';
import { identifyCamera } from './camera-identity.js';
import { type CameraTarget, knownCameras, NamedPlaces } from './camera-targets.js';
import type { OnvifConfig } from './config.js';
import type { Snapshot } from './services/snapshot.js';
import type { HttpExchange } from './soap/http-exchange.js';
import { Tellings } from './tellings.js';

/** All cameras of the hall's network. Each attached camera is looked after on its own. */
export class OnvifAdapter implements Adapter {
  readonly id = 'onvif';
  readonly protocol = 'onvif';
  readonly #cameras = new Map<string, CameraDevice>();
  readonly #turnings = new WeakMap<CameraDevice, OnvifTurning>();
  readonly #run: SupervisedRun;
  readonly #logger: Logger;
  readonly #counters = newCameraCounters();
  readonly #doors: CameraDoors;
  readonly #finder: CameraFinder;
  readonly #tellings: Tellings;
  #isRunning = false;

  constructor(
    private readonly config: OnvifConfig,
    private readonly host: AdapterHost,
    exchange?: HttpExchange,
  ) {
    this.#logger = host.logger.child({ adapter: this.id });
    this.#tellings = new Tellings(host);
    const places = new NamedPlaces(config);
    this.#doors = new CameraDoors({ config, places, clock: host.clock, exchange, tellings: this.#tellings });
    this.#finder = new CameraFinder({
      config,
      places,
      host,
      logger: this.#logger,
      known: () => knownCameras(host.devices.list(), this.id),
      isThere: (deviceId) => this.#cameras.get(deviceId)?.isThere ?? false,
      lookAt: (target, signal) => this.#lookAt(target, signal),
      checkNow: (deviceId) => this.#cameras.get(deviceId)?.checkNow(),
    });
    this.#run = new SupervisedRun({
      clock: host.clock,
      logger: this.#logger,
      run: (context) => this.#search(context),
      onFailure: (error) => host.fault(`adapter_${error.code}`, error.message, { adapter: this.id }),
      onStatus: () => host.statusChanged(),
    });
  }

  /** Throws `configuration` where the file of authorities cannot be read. */
  async start(): Promise<void> {
    const { ca } = this.config.tls;
    if (ca !== undefined) this.#doors.trustAuthorities(readAuthorities(ca));
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
    const status = this.#run.status();
    const said = [this.#tellings.announcements, ...this.#doors.report(knownCameras(this.host.devices.list(), this.id))];
    const reason = [status.reason, ...said].filter(Boolean).join('; ');
    return reason ? { ...status, reason } : status;
  }

  counters(): Readonly<Record<string, number>> {
    return { ...this.#counters, cameras: this.#cameras.size, accountsHeldBack: this.#doors.heldBack.length };
  }

  attach(view: DeviceView): void {
    this.detach(view.deviceId);
    const { profile } = view;
    const binding = profile?.document.bindings.onvif;
    if (!profile || !binding) {
      this.host.fault('device_not_bound', `${view.address} cannot be used: its profile has no ONVIF binding`, {
        deviceId: view.deviceId,
      });
      return;
    }
    const address = parseAddress(view.address);
    const device = new CameraDevice({
      view: { ...view, profile },
      binding,
      camera: this.#doors.open(address.serviceUrl, address),
      endpoint: address.endpoint,
      host: this.host,
      counters: this.#counters,
      presenceEveryMs: this.config.presenceEveryMs,
      setClockAboveMs: this.config.setClockAboveMs,
      onMissing: (why) => this.#finder.missing(view.deviceId, why),
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
    for (const target of await this.#finder.targets(signal, wide === true || this.config.discover)) {
      if (signal.aborted) return;
      try {
        yield await this.#identify(target, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#logger.info({ err: error, ...target }, 'a camera could not be identified');
      }
    }
  }

  async stream(deviceId: string, which: 'main' | 'sub', signal: AbortSignal): Promise<CameraStream> {
    const device = this.#device(deviceId);
    const { profiles } = await device.catalogue(signal);
    const { uri } = await device.stream(profiles.length > 1 ? which : 'main', 'tcp', signal);
    const { uri: own, credentials } = device.rtspOptions(uri);
    // A camera may write them into the address: whoever gets it must not see them there.
    const bare = Object.assign(new URL(own), { username: '', password: '' }).href;
    return credentials ? { uri: bare, userName: credentials.username, password: credentials.password } : { uri: bare };
  }

  turning(deviceId: string): CameraTurning | undefined {
    const device = this.#cameras.get(deviceId);
    const binding = device?.view.profile.document.bindings.onvif;
    if (!device || !binding) return undefined;
    const known = this.#turnings.get(device) ?? new OnvifTurning(device, binding);
    this.#turnings.set(device, known);
    return known;
  }

  async execute(request: CommandRequest): Promise<Record<string, unknown> | undefined> {
    const device = this.#device(request.deviceId);
    const { document } = device.view.profile;
    const plan = document.bindings.onvif && planOnvifCommand(document.bindings.onvif, request.command, request.input);
    if (!plan) throw new HubError('unsupported', `the profile binds no command ${request.command}`);
    const { signal, remainingMs } = request;
    const output = await runAction(device, plan.action, { input: plan.arguments, signal, remainingMs }, this.host);
    const known = document.thing.commands.find((one) => one.id === request.command)?.output ?? [];
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

  async write(deviceId: string, values: Readonly<Record<string, Value>>, signal: AbortSignal): Promise<void> {
    const device = this.#device(deviceId);
    await writeSettings(device, values, signal);
    device.report(await device.readFacts(signal));
  }

  /** A still picture, fetched from the camera now. */
  snapshot(deviceId: string, signal: AbortSignal, media?: string): Promise<Snapshot> {
    return this.#device(deviceId).snapshot(media, signal);
  }

  /** Where the stream is, without a password. */
  async streamUri(deviceId: string, signal: AbortSignal, media?: string): Promise<string> {
    return (await this.#device(deviceId).stream(media, 'tcp', signal)).uri;
  }

  async #search({ signal, running }: RunContext): Promise<void> {
    running();
    await this.#finder.run(signal, (error) => {
      this.#tellings.announcements = `Hello and Bye of cameras are not heard: ${error.message}`;
      this.host.statusChanged();
    });
  }

  /** One camera that refuses is said to be so, and the next one is looked at. */
  async #lookAt(target: CameraTarget, signal: AbortSignal): Promise<void> {
    const { host } = new URL(target.serviceUrl);
    try {
      await this.host.found(await this.#identify(target, signal));
      this.#tellings.forget(host);
    } catch (caught) {
      signal.throwIfAborted();
      const error = toHubError(caught);
      this.#logger.info({ err: error, ...target }, 'a camera could not be identified');
      const isTold = isHubError(error, 'unauthenticated') && this.#doors.hasAccount(target.serviceUrl);
      // A camera that moved away leaves the place that edge.yaml names empty.
      const hasMoved = knownCameras(this.host.devices.list(), this.id).some(({ address }) => address.named === host);
      if (!isTold && !hasMoved) this.#tellings.unreachable(host, error);
    }
  }

  async #identify(target: CameraTarget, signal: AbortSignal): Promise<FoundDevice> {
    const known = knownCameras(this.host.devices.list(), this.id);
    const { camera, ...who } = await this.#doors.identify(target, known, async (opened) => ({
      camera: opened,
      ...(await identifyCamera(opened, {
        endpoint: target.endpoint,
        known: known.map(({ device }) => device),
        isTwin: ({ deviceId, address }) =>
          parseAddress(address).serviceUrl !== target.serviceUrl && (this.#cameras.get(deviceId)?.isThere ?? false),
        signal,
      })),
    }));
    const { identity, told, endpoint } = who;
    const before = known.find(
      ({ device: { identity: one } }) =>
        one.vendor === identity.vendor && one.model === identity.model && one.serial === identity.serial,
    )?.address;
    const address = formatAddress({
      serviceUrl: target.serviceUrl,
      endpoint: endpoint ?? before?.endpoint,
      pinned: camera.options.trust?.ca ? undefined : camera.options.trust?.pinned,
      named: this.#doors.nameOf(target.serviceUrl, before),
    });
    const profiles = this.host.profiles.list().filter((one) => one.document.bindings.onvif);
    const { best, why } = matchProfile(
      profiles.map((one) => one.document),
      { protocol: 'onvif', manufacturer: told.manufacturer, model: told.model, firmware: told.firmwareVersion },
    );
    return best
      ? { address, identity, profileId: best.id, certainty: 'certain', detail: why }
      : { address, identity, certainty: 'unknown', detail: why };
  }

  #device(deviceId: string): CameraDevice {
    const device = this.#cameras.get(deviceId);
    if (!device) throw new HubError('not_found', 'no such camera is served here', { context: { deviceId } });
    return device;
  }
}

const readAuthorities = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new HubError('configuration', `onvif.tls.ca: ${file} cannot be read`, { cause });
  }
};
