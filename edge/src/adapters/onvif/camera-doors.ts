import { type Clock, isHubError } from '@hallhub/shared';
import type { CameraAddress } from './camera-address.js';
import type { CameraTarget, KnownCamera, NamedPlaces } from './camera-targets.js';
import type { OnvifConfig } from './config.js';
import { Camera } from './services/camera.js';
import { SignInGuard } from './sign-in-guard.js';
import type { HttpExchange } from './soap/http-exchange.js';
import { plainFingerprint, type TlsTrust } from './soap/tls-trust.js';
import type { Tellings } from './tellings.js';

export interface CameraDoorsOptions {
  readonly config: OnvifConfig;
  readonly places: NamedPlaces;
  readonly clock: Clock;
  readonly exchange: HttpExchange | undefined;
  readonly tellings: Tellings;
}

const maxGuards = 2_000;

/** How cameras are come to: with which account, watched by which guard, trusting which certificate. */
export class CameraDoors {
  readonly #options: CameraDoorsOptions;
  readonly #guards = new Map<string, SignInGuard>();
  #authorities: string[] | undefined;

  constructor(options: CameraDoorsOptions) {
    this.#options = options;
  }

  trustAuthorities(pem: string): void {
    this.#authorities = [pem];
  }

  /** Hosts whose account is not tried for now. */
  get heldBack(): string[] {
    return [...this.#guards].flatMap(([key, guard]) => (guard.isBlocked ? [key.split('\n')[0] ?? ''] : []));
  }

  hasAccount(serviceUrl: string): boolean {
    return this.#options.places.credentials(serviceUrl, undefined) !== undefined;
  }

  nameOf(serviceUrl: string, before: CameraAddress | undefined): string | undefined {
    return this.#options.places.nameOf(serviceUrl, before);
  }

  open(serviceUrl: string, known: Partial<CameraAddress> = {}): Camera {
    const { config, places, clock, exchange } = this.#options;
    const credentials = places.credentials(serviceUrl, known.named);
    return new Camera({
      serviceUrl,
      credentials,
      allowBasic: places.has(serviceUrl),
      timeoutMs: config.timeoutMs,
      clock,
      guard: this.#guard(new URL(serviceUrl).host, credentials?.username ?? ''),
      trust: this.#trust(serviceUrl, known),
      exchange,
    });
  }

  /**
   * Opens a place and lets `ask` find out who is there. The certificate must be that of the camera known there, or of
   * another known one that may have moved there; the first one where none is known.
   */
  async identify<T>(
    target: CameraTarget,
    known: readonly KnownCamera[],
    ask: (camera: Camera) => Promise<T>,
  ): Promise<T> {
    const same = known.find(({ address }) => target.endpoint !== undefined && address.endpoint === target.endpoint);
    const here = known.find(({ address }) => address.serviceUrl === target.serviceUrl);
    const address = (same ?? here)?.address;
    try {
      return await ask(this.open(target.serviceUrl, address));
    } catch (error) {
      const shown = isHubError(error, 'forbidden') ? error.context.fingerprint : undefined;
      const other = known.find((one) => typeof shown === 'string' && one.address.pinned === shown);
      if (!other || this.#options.places.fingerprint(target.serviceUrl, undefined)) throw error;
      return ask(this.open(target.serviceUrl, { ...other.address, endpoint: undefined }));
    }
  }

  /** What an engineer should know of accounts and certificates. */
  report(known: readonly KnownCamera[]): string[] {
    const pinned = known.filter(({ address }) => address.pinned !== undefined).length;
    const held = this.heldBack;
    return [
      ...(held.length > 0 ? [`user name and password are refused by ${held.slice(0, 5).join(', ')}`] : []),
      ...(pinned > 0 ? [`${pinned} HTTPS cameras are known by the certificate they showed first`] : []),
    ];
  }

  #trust(serviceUrl: string, known: Partial<CameraAddress>): TlsTrust | undefined {
    if (!serviceUrl.startsWith('https:')) return undefined;
    const named = this.#options.places.fingerprint(serviceUrl, known.named);
    if (named === undefined && this.#authorities) return { ca: this.#authorities, pinned: undefined };
    return { pinned: named === undefined ? known.pinned : plainFingerprint(named) };
  }

  #guard(host: string, username: string): SignInGuard {
    const { clock, config, tellings } = this.#options;
    const key = `${host}\n${username}`;
    const known = this.#guards.get(key);
    if (known) return known;
    // Addresses that answered once and never again must not fill the memory.
    if (this.#guards.size >= maxGuards) {
      for (const [one, guard] of this.#guards) if (!guard.isBlocked) this.#guards.delete(one);
    }
    const guard = new SignInGuard(clock, config.signInRetryMs, (_error, retryInMs) =>
      tellings.refused(host, retryInMs),
    );
    this.#guards.set(key, guard);
    return guard;
  }
}
