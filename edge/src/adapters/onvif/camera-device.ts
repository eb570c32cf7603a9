import { Backoff, type HubError, isHubError, toHubError } from '@hallhub/shared';
import { decodeOnvifFacts, decodeOnvifNotification, type OnvifBinding, type OnvifFacts } from '@hallhub/shared/profile';
import type { PresenceReason, Value } from '@hallhub/shared/wire';
import type { AdapterHost, DeviceView, LoadedProfile, Reading } from '../../ports/index.js';
import { PresenceReporter } from '../presence-reporter.js';
import type { Camera, MediaProfile } from './camera.js';
import type { Credentials } from './config.js';
import { pullNotifications } from './pull-point.js';
import { probeRtsp } from './rtsp-probe.js';

export interface CameraCounters {
  requestsFailed: number;
  notifications: number;
  unmappedNotifications: number;
  subscriptionsLost: number;
  streamProbesFailed: number;
}

export const newCameraCounters = (): CameraCounters => ({
  requestsFailed: 0,
  notifications: 0,
  unmappedNotifications: 0,
  subscriptionsLost: 0,
  streamProbesFailed: 0,
});

export interface CameraDeviceOptions {
  readonly view: DeviceView & { readonly profile: LoadedProfile };
  readonly binding: OnvifBinding;
  readonly camera: Camera;
  readonly credentials: Credentials | undefined;
  /** A person named this camera in edge.yaml. */
  readonly isConfigured: boolean;
  readonly host: AdapterHost;
  readonly counters: CameraCounters;
  readonly timeoutMs: number;
  readonly presenceEveryMs: number;
}

/** One attached camera: looked after by three loops of its own, so that nothing it does reaches its neighbours. */
export class CameraDevice {
  readonly view: CameraDeviceOptions['view'];
  readonly camera: Camera;
  readonly #options: CameraDeviceOptions;
  readonly #presence: PresenceReporter;
  readonly #abort = new AbortController();
  #profiles: MediaProfile[] | undefined;
  #done: Promise<unknown> = Promise.resolve();
  #isAbsent = false;
  #readFactsNow: (() => void) | undefined;

  constructor(options: CameraDeviceOptions) {
    this.#options = options;
    this.view = options.view;
    this.camera = options.camera;
    this.#presence = new PresenceReporter(options.host, options.view.deviceId);
  }

  start(): void {
    const { binding } = this.#options;
    const loops = [
      this.#loop('presence', this.#options.presenceEveryMs, (signal) => this.#checkPresence(signal)),
      this.#loop('facts', binding.everyMs, async (signal) => {
        this.report(await this.readFacts(signal));
      }),
    ];
    if (binding.capabilities.includes('events')) loops.push(this.#pullEvents());
    this.#done = Promise.all(loops);
  }

  async stop(): Promise<void> {
    this.#abort.abort(new DOMException('the camera is no longer looked after', 'AbortError'));
    await this.#done;
  }

  /** Media profiles, read once and again after a failure. */
  async profiles(signal: AbortSignal): Promise<MediaProfile[]> {
    this.#profiles ??= await this.camera.profiles(signal);
    return this.#profiles;
  }

  /** Everything the profile maps that can be read now. A part that the camera refuses is left out; no part at all throws. */
  async readFacts(signal: AbortSignal): Promise<Omit<Reading, 'deviceId'>> {
    const facts: OnvifFacts = {};
    const failures: HubError[] = [];
    const part = async (read: () => Promise<OnvifFacts>) => {
      try {
        Object.assign(facts, await read());
      } catch (error) {
        signal.throwIfAborted();
        if (!isHubError(error)) throw error;
        if (error.code !== 'unsupported') failures.push(error);
      }
    };
    await part(async () => ({ 'clock.skewMs': await this.camera.readClockSkewMs(signal) }));
    await part(async () => {
      const told = await this.camera.deviceInformation(signal);
      return {
        'device.firmware': told.firmwareVersion,
        'device.serialNumber': told.serialNumber,
        'device.hardwareId': told.hardwareId,
      };
    });
    await part(() => this.#mediaFacts(signal));
    if (this.#options.binding.capabilities.includes('ptz')) await part(() => this.#ptzFacts(signal));
    const refused = failures.find((error) => error.code === 'unauthenticated');
    if (refused) this.#presence.report({ check: 'login', ok: false, reason: 'refused', detail: explain(refused) });
    else if ('device.firmware' in facts) this.#presence.report({ check: 'login', ok: true, reason: 'poll_ok' });
    const [first] = failures;
    this.#presence.report(
      first
        ? { check: 'facts', ok: false, reason: reasonOf(first), detail: explain(first) }
        : { check: 'facts', ok: true, reason: 'poll_ok' },
    );
    if (first && Object.keys(facts).length === 0) throw first;
    return this.#toReading(facts);
  }

  report(reading: Omit<Reading, 'deviceId'>): void {
    const { host } = this.#options;
    const { deviceId } = this.view;
    if (Object.keys(reading.values).length === 0) return;
    host
      .reading({ ...reading, deviceId })
      .catch((error) => host.logger.warn({ err: error, deviceId }, 'a reading was not stored'));
  }

  async #mediaFacts(signal: AbortSignal): Promise<OnvifFacts> {
    this.#profiles = undefined;
    const profiles = await this.profiles(signal);
    const [first] = profiles;
    const facts: OnvifFacts = { 'media.profileCount': profiles.length };
    if (!first) return { ...facts, 'media.streamReachable': false };
    if (first.width !== undefined) facts['media.width'] = first.width;
    if (first.height !== undefined) facts['media.height'] = first.height;
    if (first.encoding !== undefined) facts['media.encoding'] = first.encoding;
    if (first.frameRate !== undefined) facts['media.frameRate'] = first.frameRate;
    if (first.bitrateKbps !== undefined) facts['media.bitrateKbps'] = first.bitrateKbps;
    facts['media.streamReachable'] = await this.#isStreamReachable(first, signal);
    return facts;
  }

  async #isStreamReachable(profile: MediaProfile, signal: AbortSignal): Promise<boolean> {
    const { timeoutMs, isConfigured: allowBasic } = this.#options;
    try {
      const uri = await this.camera.streamUri(profile.token, signal);
      // A camera may name any address: its password goes to its own host only.
      const isOwn = URL.canParse(uri) && new URL(uri).hostname === this.camera.host;
      const credentials = isOwn ? this.#options.credentials : undefined;
      const { media } = await probeRtsp({ uri, credentials, allowBasic, timeoutMs, signal });
      this.#presence.report({ check: 'stream', ok: true, reason: 'poll_ok', detail: media.join(', ') });
      return true;
    } catch (error) {
      signal.throwIfAborted();
      const known = toHubError(error);
      this.#options.counters.streamProbesFailed++;
      this.#presence.report({ check: 'stream', ok: false, reason: reasonOf(known), detail: explain(known) });
      return false;
    }
  }

  async #ptzFacts(signal: AbortSignal): Promise<OnvifFacts> {
    const profile = (await this.profiles(signal)).find((one) => one.hasPtz);
    if (!profile) return {};
    const { pan, tilt, zoom } = await this.camera.ptzStatus(profile.token, signal);
    return {
      ...(pan === undefined ? {} : { 'ptz.pan': pan }),
      ...(tilt === undefined ? {} : { 'ptz.tilt': tilt }),
      ...(zoom === undefined ? {} : { 'ptz.zoom': zoom }),
    };
  }

  #toReading(facts: OnvifFacts): Omit<Reading, 'deviceId'> {
    const { binding } = this.#options;
    const decoded = decodeOnvifFacts(binding, this.view.profile.document.thing, facts);
    const values: Record<string, Value> = { ...decoded.values };
    const quality: Record<string, 'bad'> = {};
    for (const { path } of decoded.problems) {
      values[path] = null;
      quality[path] = 'bad';
    }
    return Object.keys(quality).length > 0 ? { values, quality } : { values };
  }

  async #checkPresence(signal: AbortSignal): Promise<void> {
    await this.camera.readClockSkewMs(signal);
    this.#presence.report({ check: 'soap', ok: true, reason: 'poll_ok' });
    if (this.#isAbsent) this.#readFactsNow?.();
    this.#isAbsent = false;
  }

  async #loop(
    name: 'presence' | 'facts',
    everyMs: number,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const { host } = this.#options;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        await work(signal);
      } catch (caught) {
        if (signal.aborted) return;
        this.#failed(name, toHubError(caught));
      }
      const cut = new AbortController();
      if (name === 'facts') this.#readFactsNow = () => cut.abort();
      await host.clock.sleep(everyMs, AbortSignal.any([signal, cut.signal])).catch(() => undefined);
    }
  }

  async #pullEvents(): Promise<void> {
    const { host, counters } = this.#options;
    const { signal } = this.#abort;
    const backoff = new Backoff({ firstMs: 2_000, maxMs: 60_000 });
    while (!signal.aborted) {
      try {
        await pullNotifications(this.camera, signal, (notification) => {
          backoff.reset();
          counters.notifications++;
          const decoded = decodeOnvifNotification(
            this.#options.binding,
            this.view.profile.document.thing,
            notification,
          );
          if (!decoded) counters.unmappedNotifications++;
          else this.#notified(decoded, notification.operation === 'Initialized', notification.deviceAt);
        });
      } catch (caught) {
        if (signal.aborted) return;
        const error = toHubError(caught);
        counters.subscriptionsLost++;
        if (error.code === 'bug') this.#failed('events', error);
        if (error.code === 'unsupported') return;
        host.logger.debug({ err: error, deviceId: this.view.deviceId }, 'the event subscription was lost');
        await host.clock.sleep(backoff.nextMs(), signal).catch(() => undefined);
      }
    }
  }

  /** The state told at subscribing makes values, but no events: nothing happened just now. */
  #notified(
    decoded: NonNullable<ReturnType<typeof decodeOnvifNotification>>,
    isInitial: boolean,
    deviceAt?: number,
  ): void {
    const { host } = this.#options;
    const { deviceId } = this.view;
    this.report({ values: decoded.values });
    if (isInitial) return;
    for (const { event, data } of decoded.events) {
      host
        .event({ deviceId, event, data, ...(deviceAt === undefined ? {} : { deviceAt }) })
        .catch((error) => host.logger.warn({ err: error, deviceId }, 'an event was not stored'));
    }
  }

  #absent(error: HubError): void {
    const evidence = { reason: reasonOf(error), detail: explain(error) };
    const isSilent = ['link_refused', 'link_lost', 'timeout'].includes(error.code);
    this.#isAbsent = true;
    if (isSilent) this.#presence.reportGone('soap', evidence);
    else this.#presence.report({ check: 'soap', ok: false, ...evidence });
  }

  #failed(what: 'presence' | 'facts' | 'events', error: HubError): void {
    const { host, counters } = this.#options;
    counters.requestsFailed++;
    if (error.code === 'bug') host.fault('camera_bug', error.message, { deviceId: this.view.deviceId, what });
    if (what === 'presence') this.#absent(error);
    host.logger.debug({ err: error, deviceId: this.view.deviceId, what }, 'a camera did not answer as it should');
  }
}

const reasonOf = (error: HubError): PresenceReason => {
  switch (error.code) {
    case 'link_refused':
    case 'link_lost':
      return 'link_down';
    case 'unauthenticated':
    case 'device_refused':
    case 'unavailable':
      return 'refused';
    default:
      return 'poll_failed';
  }
};

const explain = (error: HubError): string => (error.hint ? `${error.message}: ${error.hint}` : error.message);
