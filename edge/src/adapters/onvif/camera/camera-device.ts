import { Backoff, HubError, isHubError, toHubError } from '@hallhub/shared';
import { decodeOnvifFacts, type OnvifBinding, type OnvifFact, type OnvifFacts } from '@hallhub/shared/profile';
import type { Value } from '@hallhub/shared/wire';
import type { AdapterHost, DeviceView, LoadedProfile, Reading } from '../../../ports/index.js';
import { PresenceReporter } from '../../presence-reporter.js';
import type { Camera } from '../services/camera.js';
import { type DeviceInformation, deviceInformation, setClock } from '../services/device-service.js';
import type { CameraCounters } from './camera-counters.js';
import { watchEvents } from './camera-events.js';
import { explain, isSilence, reasonOf } from './camera-evidence.js';
import { type FactsRead, readFacts } from './camera-facts.js';
import { CameraMedia } from './camera-media.js';
import { LoopRests } from './loop-rests.js';

export interface CameraDeviceOptions {
  readonly view: DeviceView & { readonly profile: LoadedProfile };
  readonly binding: OnvifBinding;
  readonly camera: Camera;
  readonly endpoint: string | undefined;
  readonly host: AdapterHost;
  readonly counters: CameraCounters;
  readonly presenceEveryMs: number;
  readonly setClockAboveMs: number | undefined;
  /** It does not answer, or another camera stands at its address: it may be somewhere else now. */
  readonly onMissing: (why: 'silent' | 'stranger') => void;
}

const restartMs = 300_000;
const clockAgainMs = 3_600_000;

/** One attached camera: looked after by three loops of its own, so that nothing it does reaches its neighbours. */
export class CameraDevice extends CameraMedia {
  readonly view: CameraDeviceOptions['view'];
  readonly #options: CameraDeviceOptions;
  readonly #presence: PresenceReporter;
  readonly #abort = new AbortController();
  readonly #wanted: ReadonlySet<OnvifFact>;
  #told: DeviceInformation | undefined;
  #done: Promise<unknown> = Promise.resolve();
  #isAbsent = false;
  #mustIdentify = true;
  #restartUntilMs = 0;
  #clockSetMs: number | undefined;
  readonly #rests: LoopRests;
  readonly #again = new Backoff({ firstMs: 2_000, maxMs: 600_000 });
  #isRecovering = false;
  #isStreamGood = true;

  constructor(options: CameraDeviceOptions) {
    super(options.camera, options.host.clock, options.endpoint);
    this.#options = options;
    this.view = options.view;
    this.#rests = new LoopRests(options.host.clock);
    this.#presence = new PresenceReporter(options.host, options.view.deviceId);
    const specs = Object.values(options.binding.properties);
    this.#wanted = new Set(specs.flatMap((spec) => ('fact' in spec ? [spec.fact] : [])));
  }

  /** It answered when it was last asked, and it was it. */
  get isThere(): boolean {
    return !this.#isAbsent && !this.#mustIdentify;
  }

  start(): void {
    const { binding } = this.#options;
    const loops = [
      this.#loop('presence', this.#options.presenceEveryMs, (signal) => this.#checkPresence(signal)),
      this.#loop('facts', binding.everyMs, async (signal) => {
        this.report(await this.readFacts(signal));
      }),
    ];
    if (binding.capabilities.includes('events')) loops.push(this.#watchEvents());
    this.#done = Promise.all(loops);
  }

  async stop(): Promise<void> {
    this.#abort.abort(new DOMException('the camera is no longer looked after', 'AbortError'));
    await this.#done;
  }

  /** As the camera told when it was last identified; asked for where it was not. */
  async information(signal: AbortSignal): Promise<DeviceInformation> {
    return this.#told ?? deviceInformation(this.camera, signal);
  }

  /** Looks now instead of at the next time. */
  checkNow(): void {
    this.#rests.hurry('presence');
  }

  /** Everything the profile maps that can be read now. A part that the camera refuses is left out; no part at all throws. */
  async readFacts(signal: AbortSignal): Promise<Omit<Reading, 'deviceId'>> {
    this.forgetMedia();
    this.#told = undefined;
    let read: FactsRead = { facts: {}, failures: [] };
    let login: HubError | undefined;
    try {
      await this.#identify(signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isHubError(error) || error.code === 'conflict') throw error;
      login = error;
    }
    // With a refused password nothing else is tried: each try counts against the account.
    if (login?.code !== 'unauthenticated') read = await readFacts(this, this.#wanted, signal);
    const failures = [...(login ? [login] : []), ...read.failures];
    const refused = failures.find((error) => error.code === 'unauthenticated');
    if (refused) this.#presence.report({ check: 'login', ok: false, reason: 'refused', detail: explain(refused) });
    else if (!login) this.#presence.report({ check: 'login', ok: true, reason: 'poll_ok' });
    const [first] = failures;
    if (!first && this.#isStreamGood) this.#isRecovering = false;
    this.#presence.report(
      first
        ? { check: 'facts', ok: false, reason: reasonOf(first), detail: explain(first) }
        : { check: 'facts', ok: true, reason: 'poll_ok' },
    );
    if (first && Object.keys(read.facts).length === 0) throw first;
    return this.#toReading(read.facts);
  }

  report(reading: Omit<Reading, 'deviceId'>): void {
    const { host } = this.#options;
    const { deviceId } = this.view;
    if (Object.keys(reading.values).length === 0) return;
    host
      .reading({ ...reading, deviceId })
      .catch((error) => host.logger.warn({ err: error, deviceId }, 'a reading was not stored'));
  }

  /** Waits until it went and came back, at most `withinMs`. How long it was away, or undefined where that was not seen. */
  async awaitRestart(withinMs: number, signal: AbortSignal): Promise<number | undefined> {
    const { clock } = this.#options.host;
    const startMs = clock.monotonicMs();
    this.#restartUntilMs = startMs + restartMs;
    this.#mustIdentify = true;
    this.forgetMedia();
    let goneMs: number | undefined;
    while (clock.monotonicMs() - startMs < withinMs) {
      await clock.sleep(200, signal);
      const answers = await this.camera.answers(1_000, signal);
      if (!answers) goneMs ??= clock.monotonicMs();
      else if (goneMs !== undefined) {
        this.checkNow();
        return Math.round(clock.monotonicMs() - goneMs);
      }
    }
    return undefined;
  }

  protected override onStream(problem: HubError | undefined, detail: string): void {
    this.#isStreamGood = problem === undefined;
    if (problem) {
      this.#options.counters.streamProbesFailed++;
      this.#presence.report({ check: 'stream', ok: false, reason: reasonOf(problem), detail: explain(problem) });
    } else this.#presence.report({ check: 'stream', ok: true, reason: 'poll_ok', detail });
  }

  /** Two cameras may have changed addresses with each other: nothing is said of one that the other told. Throws `conflict`. */
  async #identify(signal: AbortSignal): Promise<void> {
    const { identity } = this.view;
    const told = await deviceInformation(this.camera, signal);
    const { serialNumber } = told;
    // A camera with another's serial number has something added to it here.
    const isOther =
      serialNumber !== '' && identity.serial !== serialNumber && !identity.serial.startsWith(`${serialNumber}-`);
    if (isOther) {
      this.#mustIdentify = true;
      this.#options.counters.strangersMet++;
      this.#options.onMissing('stranger');
      throw new HubError('conflict', `another camera stands at ${this.camera.host}: ${told.model} ${serialNumber}`, {
        hint: 'it is searched for on the network',
      });
    }
    this.#mustIdentify = false;
    this.#told = told;
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
    const skewMs = await this.camera.readClockSkewMs(signal);
    if (this.#mustIdentify || this.#isAbsent) {
      await this.#identify(signal).catch((error) => {
        // It is there; who it is it tells to those alone who sign in.
        if (!isHubError(error) || error.code === 'conflict' || isSilence(error)) throw error;
      });
    }
    this.#presence.report({ check: 'soap', ok: true, reason: 'poll_ok' });
    this.#restartUntilMs = 0;
    if (this.#isAbsent) {
      this.#isAbsent = false;
      this.camera.forget();
      this.#isRecovering = true;
      this.#again.reset();
      for (const name of ['facts', 'events']) this.#rests.hurry(name);
    }
    await this.#keepClock(skewMs, signal);
  }

  async #keepClock(skewMs: number, signal: AbortSignal): Promise<void> {
    const { setClockAboveMs, host } = this.#options;
    if (setClockAboveMs === undefined || Math.abs(skewMs) <= setClockAboveMs || this.camera.options.guard.isBlocked)
      return;
    const nowMs = host.clock.monotonicMs();
    if (this.#clockSetMs !== undefined && nowMs - this.#clockSetMs < clockAgainMs) return;
    this.#clockSetMs = nowMs;
    const { deviceId } = this.view;
    try {
      await setClock(this.camera, signal);
      host.logger.info({ deviceId, skewMs }, "a camera's clock was set right");
    } catch (error) {
      signal.throwIfAborted();
      host.fault(
        'camera_clock',
        `the clock of ${this.camera.host} is ${Math.round(skewMs / 1_000)} s off and cannot be set: ${toHubError(error).message}`,
        { deviceId },
      );
    }
  }

  async #loop(
    name: 'presence' | 'facts',
    everyMs: number,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        await work(signal);
      } catch (caught) {
        if (signal.aborted) return;
        this.#failed(name, toHubError(caught));
      }
      await this.#rests.rest(name, this.#pauseMs(name, everyMs), signal);
    }
  }

  /** One that restarts is looked at often, and one that is back until all of it works again. */
  #pauseMs(name: 'presence' | 'facts', everyMs: number): number {
    if (name === 'presence')
      return this.#options.host.clock.monotonicMs() < this.#restartUntilMs ? Math.min(everyMs, 1_000) : everyMs;
    return this.#isRecovering ? Math.min(everyMs, this.#again.nextMs()) : everyMs;
  }

  #watchEvents(): Promise<void> {
    const { host, counters, binding } = this.#options;
    return watchEvents({
      camera: this.camera,
      view: this.view,
      binding,
      host,
      counters,
      signal: this.#abort.signal,
      // Whoever answers now may be another camera than the one that forgot the subscription.
      identify: (signal) => this.#identify(signal),
      report: (values) => this.report({ values }),
      // An answer that was under way when it went away does not bring it back: the next look at it does.
      onAlive: () => {
        if (!this.#isAbsent) this.#presence.report({ check: 'events', ok: true, reason: 'poll_ok' });
      },
      onLost: (error) => {
        if (error.code === 'bug') this.#failed('events', error);
        this.checkNow();
        this.#presence.report({ check: 'events', ok: false, reason: reasonOf(error), detail: explain(error) });
      },
      rests: this.#rests,
    });
  }

  #failed(what: 'presence' | 'facts' | 'events', error: HubError): void {
    const { host, counters } = this.#options;
    counters.requestsFailed++;
    if (error.code === 'bug') host.fault('camera_bug', error.message, { deviceId: this.view.deviceId, what });
    if (what === 'presence' || error.code === 'conflict') this.#absent(error);
    host.logger.debug({ err: error, deviceId: this.view.deviceId, what }, 'a camera did not answer as it should');
  }

  #absent(error: HubError): void {
    const isRestarting = this.#options.host.clock.monotonicMs() < this.#restartUntilMs;
    const detail = isRestarting ? `it restarts, as it was told to: ${error.message}` : explain(error);
    const evidence = { reason: reasonOf(error), detail };
    this.#isAbsent = true;
    if (isSilence(error) || error.code === 'conflict') this.#presence.reportGone('soap', evidence);
    else this.#presence.report({ check: 'soap', ok: false, ...evidence });
    if (isSilence(error) && !isRestarting) this.#options.onMissing('silent');
  }
}
