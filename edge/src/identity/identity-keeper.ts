import { X509Certificate } from 'node:crypto';
import { Backoff, type Clock, HubError, isHubError, type Timer, toHubError } from '@hallhub/shared';
import { gatewayPaths, renewAnswerSchema, trustSchema } from '@hallhub/shared/wire';
import type { Logger } from '../ports/index.js';
import { certificateRequest, makeUnitKey } from './certificate-request.js';
import { nameOf } from './certificate-text.js';
import { checkNewTrust, checkRenewed } from './check-trust.js';
import { askVerdict, expiredVerdict, type Verdict } from './cloud-verdict.js';
import { answerOf, type GatewayAnswer, type GatewayRequest, jsonBody } from './gateway-client.js';
import { type EnrolmentNote, IdentityFiles, type IdentityState } from './identity-files.js';
import { renewalPauseMs, renewalTime, warningTime } from './renewal-time.js';
import { type DialTarget, TrustedDialer } from './trusted-dialer.js';
import { openIdentity, type UnitIdentity } from './unit-identity.js';

export interface IdentityKeeperOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly gateway: () => URL | undefined;
  /** Epoch ms, corrected as far as it is known. */
  readonly now: () => number;
  /** The cloud agreed with the clock since it last jumped; left out: never. */
  readonly isTimeSure?: (() => boolean) | undefined;
  readonly learn: (serverTime: number, roundTripMs: number) => void;
  readonly onFault: (code: string, message: string, context: Record<string, unknown>) => void;
  readonly onStatus?: () => void;
  readonly random?: () => number;
}

/** The cloud will have nothing of this unit until a person acts. */
export interface Refusal extends Verdict {
  /** Epoch ms by the unit's clock. */
  readonly since: number;
  readonly nextTryAt: number;
}

const longestLookMs = 3_600_000;
/** After the CA changed, a fleet must not ask in one second. */
const caChangeSpreadMs = 600_000;
const whyAgainMs = 60_000;
/** A connection may last for months, and only an answer to hello tells the list's version. */
const trustAgainMs = 86_400_000;

/** The unit's identity while the agent runs: connects with it, renews it, follows the list of CAs, knows when it is not wanted any more. */
export class IdentityKeeper {
  readonly files: IdentityFiles;
  readonly #options: IdentityKeeperOptions;
  readonly #dialer: TrustedDialer;
  readonly #stopping = new AbortController();
  readonly #renewBackoff: Backoff;
  readonly #refusedBackoff: Backoff;
  #state: IdentityState;
  #enrolment: EnrolmentNote | undefined;
  #refusal: (Refusal & { readonly nextTryMonoMs: number }) | undefined;
  #renewFailure: { readonly at: number; readonly reason: string } | undefined;
  #timer: Timer | undefined;
  #working: Promise<void> | undefined;
  #hurryAt: number | undefined;
  #notBeforeMonoMs = 0;
  #askedWhyMonoMs = Number.NEGATIVE_INFINITY;
  #warned = false;
  #refreshing: Promise<void> | undefined;
  #trustSeenMonoMs: number;

  constructor(options: IdentityKeeperOptions) {
    const { dataDir, clock, gateway, now, isTimeSure = () => false, learn, random } = options;
    this.#options = options;
    this.files = new IdentityFiles(dataDir);
    this.#state = this.files.read();
    this.#enrolment = this.files.enrolment;
    this.#trustSeenMonoMs = clock.monotonicMs();
    this.#renewBackoff = new Backoff({ firstMs: 60_000, maxMs: 3_600_000, jitter: 0.5, random });
    this.#refusedBackoff = new Backoff({ firstMs: 300_000, maxMs: 3_600_000, jitter: 0.2, random });
    this.#dialer = new TrustedDialer({
      trust: () => this.identity?.trust.certificates ?? [],
      identity: () => this.identity?.tls,
      gateway,
      now,
      earliest: () => this.identity?.issuedAt ?? 0,
      isTimeSure,
      monotonicMs: () => clock.monotonicMs(),
      learn,
    });
    this.#tellDamage();
  }

  get state(): IdentityState {
    return this.#state;
  }

  get identity(): UnitIdentity | undefined {
    return this.#state.state === 'ready' ? this.#state.identity : undefined;
  }

  /** What the cloud called this unit when it was enrolled, as far as that was written down. */
  get enrolment(): EnrolmentNote | undefined {
    return this.#enrolment;
  }

  get refusal(): Refusal | undefined {
    return this.#refusal;
  }

  /** When the certificate is to be renewed, epoch ms; undefined without one. */
  get renewAt(): number | undefined {
    const { identity } = this;
    if (!identity) return undefined;
    return Math.round(Math.min(renewalTime(identity), this.#hurryAt ?? Number.POSITIVE_INFINITY));
  }

  get renewFailure(): { readonly at: number; readonly reason: string } | undefined {
    return this.#renewFailure;
  }

  start(): void {
    this.#plan();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new HubError('cancelled', 'stopped'));
    this.#timer?.cancel();
    await Promise.allSettled([this.#working, this.#refreshing]);
  }

  /** The files were written by an enrolment: what was refused before counts no more. */
  reload(): IdentityState {
    this.#state = this.files.read();
    this.#enrolment = this.files.enrolment;
    this.#refusal = undefined;
    this.#renewFailure = undefined;
    this.#hurryAt = undefined;
    this.#warned = false;
    this.#refusedBackoff.reset();
    this.#tellDamage();
    this.#plan();
    this.#options.onStatus?.();
    return this.#state;
  }

  /** TLS to the cloud with this unit's certificate; rejects without dialling while the cloud refuses it. */
  dial(target: DialTarget) {
    this.assertWanted();
    return this.#dialer.dial(target);
  }

  /** One request to the gateway (docs/protocol.md 5.2), as this unit. */
  async request(request: GatewayRequest): Promise<GatewayAnswer> {
    this.assertWanted();
    return await this.#dialer.request(this.#gateway(), request);
  }

  /** Throws `link_refused` where dialling would be in vain. */
  assertWanted(): void {
    if (this.#state.state === 'damaged') {
      throw new HubError('link_refused', this.#state.reason, { hint: this.#state.hint });
    }
    const refusal = this.#refusal;
    if (refusal && this.#options.clock.monotonicMs() < refusal.nextTryMonoMs) {
      throw new HubError('link_refused', refusal.message, {
        hint: refusal.hint,
        context: { gatewayCode: refusal.code },
      });
    }
  }

  /** The cloud's broker took this unit. */
  accepted(): void {
    if (!this.#refusal) return;
    this.#refusal = undefined;
    this.#refusedBackoff.reset();
    this.#options.onStatus?.();
  }

  /** The broker refused, or closed without a word: the gateway says why in plain words. Resolves with the error to show. */
  async explain(error: HubError, signal: AbortSignal): Promise<HubError> {
    const { clock, logger, now, onFault, onStatus } = this.#options;
    const { identity } = this;
    if (!identity || error.code === 'cancelled') return error;
    const monoMs = clock.monotonicMs();
    if (error.code !== 'link_refused' && monoMs - this.#askedWhyMonoMs < whyAgainMs) return error;
    this.#askedWhyMonoMs = monoMs;
    const gateway = this.#options.gateway();
    const verdict = gateway && (await askVerdict(this.#dialer, gateway, signal));
    // The unit's own clock alone is no reason to stay away.
    const isOver = identity.endsAt < now() && (verdict !== undefined || error.code === 'link_refused');
    const why = isOver ? expiredVerdict(identity) : verdict;
    if (!why) return error;
    const delayMs = this.#refusedBackoff.nextMs();
    const nextTryAt = clock.now() + delayMs;
    const since = this.#refusal?.since ?? clock.now();
    if (!this.#refusal) {
      logger.error({ code: why.code, hint: why.hint }, `the cloud does not want this unit: ${why.message}`);
      onFault('identity_refused', why.message, { code: why.code });
    }
    this.#refusal = { ...why, since, nextTryAt, nextTryMonoMs: clock.monotonicMs() + delayMs };
    onStatus?.();
    return new HubError('link_refused', why.message, {
      cause: error,
      hint: why.hint,
      context: { gatewayCode: why.code },
    });
  }

  /** The cloud told the version of its list of CAs. */
  noteTrustVersion(version: string | undefined): void {
    const { identity } = this;
    if (version !== undefined) this.#trustSeenMonoMs = this.#options.clock.monotonicMs();
    if (!identity || version === undefined || version === identity.trust.version) return;
    this.#startRefresh();
  }

  #startRefresh(): void {
    this.#refreshing ??= this.#refreshTrust().finally(() => {
      this.#refreshing = undefined;
    });
  }

  /** A new certificate now, for a new key. */
  async renew(): Promise<UnitIdentity> {
    const { clock, logger, onStatus } = this.#options;
    const key = makeUnitKey();
    const csr = await certificateRequest(key);
    const { signal } = this.#stopping;
    const answer = await this.request({
      ...jsonBody({ v: 1, csr }),
      method: 'POST',
      path: gatewayPaths.renew,
      signal,
    });
    const { certificate, trust } = answerOf(answer, renewAnswerSchema, this.#gateway());
    checkNewTrust(trust, answer, this.#gateway());
    checkRenewed(openIdentity({ key, certificate, trust }), this.identity);
    const identity = this.files.take({ key, certificate, trust }, clock.now());
    this.#notBeforeMonoMs = clock.monotonicMs() + renewalPauseMs(identity);
    this.#state = { state: 'ready', identity };
    this.#renewFailure = undefined;
    this.#hurryAt = undefined;
    this.#warned = false;
    this.#renewBackoff.reset();
    logger.info({ endsAt: new Date(identity.endsAt).toISOString() }, 'the certificate was renewed');
    onStatus?.();
    return identity;
  }

  #gateway(): URL {
    const gateway = this.#options.gateway();
    if (gateway && this.identity) return gateway;
    throw new HubError('precondition_failed', 'this unit is not enrolled', { hint: 'hub enrol CODE' });
  }

  async #refreshTrust(): Promise<void> {
    const { logger, onStatus } = this.#options;
    try {
      const answer = await this.request({ method: 'GET', path: gatewayPaths.trust, signal: this.#stopping.signal });
      const trust = answerOf(answer, trustSchema, this.#gateway());
      const { identity } = this;
      if (!identity || trust.version === identity.trust.version) return;
      checkNewTrust(trust, answer, this.#gateway());
      this.files.saveTrust(trust);
      this.#state = { state: 'ready', identity: { ...identity, trust } };
      logger.info({ version: trust.version, cas: trust.certificates.map(nameOf) }, 'the list of CAs was renewed');
      this.#followCa();
      onStatus?.();
    } catch (error) {
      // Every hello tells the version again.
      if (!this.#stopping.signal.aborted)
        logger.warn({ error: toHubError(error).message }, 'the list of CAs could not be fetched');
    }
  }

  /** A certificate of a CA that issues no more keeps that CA from being retired: it is renewed soon. */
  #followCa(): void {
    const { identity } = this;
    const [issuing] = identity?.trust.certificates ?? [];
    const [leaf] = identity?.certificates ?? [];
    if (!issuing || !leaf || new X509Certificate(leaf).verify(new X509Certificate(issuing).publicKey)) return;
    const { now, random = Math.random } = this.#options;
    this.#hurryAt ??= now() + random() * caChangeSpreadMs;
    this.#plan();
  }

  #plan(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const { renewAt } = this;
    if (renewAt === undefined || this.#stopping.signal.aborted || this.#working) return;
    const { clock, now } = this.#options;
    const waitMs = Math.max(renewAt - now(), this.#notBeforeMonoMs - clock.monotonicMs(), 0);
    this.#timer = clock.setTimeout(() => this.#look(), Math.min(waitMs, longestLookMs));
  }

  #look(): void {
    const { clock, now } = this.#options;
    this.#warnOfEnd();
    if (clock.monotonicMs() - this.#trustSeenMonoMs > trustAgainMs) {
      this.#trustSeenMonoMs = clock.monotonicMs();
      this.#startRefresh();
    }
    const due = this.renewAt !== undefined && now() >= this.renewAt && clock.monotonicMs() >= this.#notBeforeMonoMs;
    if (!due) {
      this.#plan();
      return;
    }
    this.#working = this.#tryRenewal().finally(() => {
      this.#working = undefined;
      this.#plan();
    });
  }

  async #tryRenewal(): Promise<void> {
    const { clock, logger, onStatus } = this.#options;
    try {
      await this.renew();
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      const failure = toHubError(error);
      const waitMs = this.#renewBackoff.nextMs();
      this.#notBeforeMonoMs = clock.monotonicMs() + Math.min(waitMs, this.#shortRetryMs());
      if (this.#renewFailure?.reason !== failure.message)
        logger.warn({ error: failure.message }, 'the certificate could not be renewed yet');
      this.#renewFailure = { at: clock.now(), reason: failure.message };
      if (isHubError(error, 'bug')) logger.error({ error: failure.stack }, 'renewing failed');
      onStatus?.();
    }
  }

  /** What is left of a short life is not slept through. */
  #shortRetryMs(): number {
    const leftMs = (this.identity?.endsAt ?? 0) - this.#options.now();
    return Math.max(1_000, leftMs / 10);
  }

  #warnOfEnd(): void {
    const { identity } = this;
    if (!identity || this.#warned || !this.#renewFailure) return;
    if (this.#options.now() < warningTime(identity)) return;
    this.#warned = true;
    this.#options.onFault(
      'certificate_ending',
      `the certificate ends soon and could not be renewed: ${this.#renewFailure.reason}`,
      {
        endsAt: identity.endsAt,
      },
    );
  }

  #tellDamage(): void {
    if (this.#state.state === 'damaged') this.#options.logger.error({ hint: this.#state.hint }, this.#state.reason);
  }
}
