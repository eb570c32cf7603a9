import { type Clock, HubError, toHubError } from '@hallhub/shared';
import type { LastTold } from '../../../ports/index.js';
import { playBriefly } from '../rtsp/rtsp-play.js';
import { probeRtsp } from '../rtsp/rtsp-probe.js';
import type { RtspOptions } from '../rtsp/rtsp-session.js';
import type { Camera } from '../services/camera.js';
import type { DeviceInformation } from '../services/device-service.js';
import {
  type MediaCatalogue,
  type MediaProfile,
  mediaCatalogue,
  type StreamTransport,
  snapshotUri,
  streamUri,
} from '../services/media-service.js';
import { fetchSnapshot, type Snapshot } from '../services/snapshot.js';
import type { FactSource } from './camera-facts.js';

/** Media profiles, streams and pictures of one camera, and the looks at them that facts are made of. */
export abstract class CameraMedia implements FactSource {
  #catalogue: MediaCatalogue | undefined;
  #lastTold: LastTold | undefined;

  constructor(
    readonly camera: Camera,
    private readonly clock: Clock,
    readonly endpoint: string | undefined,
  ) {}

  /** Where it was last told to look, by whomever. */
  get lastTold(): LastTold | undefined {
    return this.#lastTold;
  }

  noteTold(preset: string | undefined): void {
    this.#lastTold = { preset, atMs: this.clock.monotonicMs() };
  }

  abstract information(signal: AbortSignal): Promise<DeviceInformation>;

  /** A look at a stream ended so. */
  protected abstract onStream(problem: HubError | undefined, detail: string): void;

  /** Read once, and again after `forgetMedia`. */
  async catalogue(signal: AbortSignal): Promise<MediaCatalogue> {
    this.#catalogue ??= await mediaCatalogue(this.camera, signal);
    return this.#catalogue;
  }

  forgetMedia(): void {
    this.#catalogue = undefined;
  }

  /** `which`: `main`, `sub`, a token or a name; the first one where nothing is said. Throws `unsupported`, `device_refused`. */
  async media(which: string | undefined, signal: AbortSignal): Promise<MediaProfile> {
    const { profiles } = await this.catalogue(signal);
    const place = which === undefined || which === 'main' ? 0 : which === 'sub' ? 1 : undefined;
    const profile =
      (which === undefined ? undefined : profiles.find((one) => one.token === which || one.name === which)) ??
      (place === undefined ? undefined : profiles[place]);
    if (profile) return profile;
    if (profiles.length === 0) throw new HubError('unsupported', `${this.camera.host} has no media profile`);
    const known = profiles.map(({ name }) => name).join(', ');
    throw new HubError('device_refused', `${this.camera.host} has no media profile ${which}; it has: ${known}`);
  }

  /** Token of the media profile that moves. Throws `unsupported`. */
  async ptzProfile(signal: AbortSignal): Promise<string> {
    const found = (await this.catalogue(signal)).profiles.find((one) => one.hasPtz);
    if (!found) throw new HubError('unsupported', `${this.camera.host} cannot move`);
    return found.token;
  }

  /** What imaging settings belong to. Throws `unsupported`. */
  async videoSource(signal: AbortSignal): Promise<string> {
    const found = (await this.catalogue(signal)).profiles.find((one) => one.videoSource)?.videoSource;
    if (!found) throw new HubError('unsupported', `${this.camera.host} tells no video source`);
    return found;
  }

  async stream(
    which: string | undefined,
    transport: StreamTransport,
    signal: AbortSignal,
  ): Promise<{ uri: string; profile: MediaProfile }> {
    const profile = await this.media(which, signal);
    const { version } = await this.catalogue(signal);
    return { uri: await streamUri(this.camera, version, profile.token, { transport, signal }), profile };
  }

  async snapshot(which: string | undefined, signal: AbortSignal): Promise<Snapshot> {
    const profile = await this.media(which, signal);
    const { version } = await this.catalogue(signal);
    return fetchSnapshot(this.camera, await snapshotUri(this.camera, version, profile.token, signal), signal);
  }

  /** A camera may name any address: it is at its own host that its stream is looked for, and its password used. */
  rtspOptions(uri: string): Pick<RtspOptions, 'uri' | 'credentials' | 'allowBasic'> {
    const { credentials, allowBasic } = this.camera.options;
    if (!URL.canParse(uri)) return { uri, credentials, allowBasic };
    const own = Object.assign(new URL(uri), { hostname: this.camera.host });
    return { uri: own.href, credentials, allowBasic };
  }

  async isStreamReachable(profile: MediaProfile | undefined, signal: AbortSignal): Promise<boolean> {
    return this.#look(profile, signal, async (token) => {
      const { uri } = await this.stream(token, 'tcp', signal);
      const options = { ...this.rtspOptions(uri), timeoutMs: this.camera.options.timeoutMs, signal };
      const { media } = await this.#guarded(options, () => probeRtsp(options));
      return media.join(', ');
    });
  }

  async isStreamPlaying(
    profile: MediaProfile | undefined,
    transport: StreamTransport,
    signal: AbortSignal,
  ): Promise<boolean> {
    return this.#look(profile, signal, async (token) => {
      const { uri } = await this.stream(token, transport, signal);
      const options = { ...this.rtspOptions(uri), timeoutMs: 10_000, signal, transport };
      const nowMs = () => this.clock.monotonicMs();
      const { packets, codec } = await this.#guarded(options, () => playBriefly({ ...options, nowMs }));
      return `${packets} packets of ${codec ?? 'video'} by ${transport}`;
    });
  }

  async isSnapshotReachable(profile: MediaProfile | undefined, signal: AbortSignal): Promise<boolean> {
    if (!profile) return false;
    try {
      await this.snapshot(profile.token, signal);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (toHubError(error).code === 'bug') throw error;
      return false;
    }
  }

  #guarded<T>(options: RtspOptions, work: () => Promise<T>): Promise<T> {
    return options.credentials ? this.camera.options.guard.attempt(options.signal, work) : work();
  }

  async #look(
    profile: MediaProfile | undefined,
    signal: AbortSignal,
    look: (token: string) => Promise<string>,
  ): Promise<boolean> {
    if (!profile) return false;
    try {
      this.onStream(undefined, await look(profile.token));
      return true;
    } catch (error) {
      signal.throwIfAborted();
      this.onStream(toHubError(error), '');
      return false;
    }
  }
}
