import { Backoff, type Clock, HubError, toHubError } from '@hallhub/shared';
import type { UnitCredential } from '../config/index.js';
import type { FaultBook } from '../devices/index.js';
import {
  CertificateTransport,
  type Enrolment,
  enrolUnit,
  IdentityKeeper,
  type ReplacementReport,
  readEnrolmentInput,
  readReport,
  SnapshotKeeper,
} from '../identity/index.js';
import type { LinkBudget } from '../link-budget/index.js';
import type { ClockSegments, Outbox } from '../outbox/index.js';
import type { Logger } from '../ports/index.js';
import type { Store } from '../store/index.js';
import { MqttTransport, Uplink, type UplinkOptions, type UplinkStatus, type UplinkTransport } from '../uplink/index.js';
import type { Chores } from './chores.js';
import type { CredentialFile } from './credential-file.js';

export interface CloudLineOptions {
  readonly dataDir: string;
  readonly configFile: string;
  readonly bootId: string;
  readonly software: string;
  /** Used while the unit has no identity; `cloud` is the gateway's address. */
  readonly enrol: { readonly code: string; readonly cloud?: string } | undefined;
  readonly clock: Clock;
  /** One for each part of the line. */
  readonly logger: (part: string) => Logger;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly segments: ClockSegments;
  readonly faults: FaultBook;
  readonly chores: Chores;
  readonly file: CredentialFile;
  readonly budget: LinkBudget;
  readonly vitals: UplinkOptions['vitals'];
  readonly onCommand: UplinkOptions['onCommand'];
  readonly onLive?: UplinkOptions['onLive'];
  readonly onSteer?: UplinkOptions['onSteer'];
  readonly onRecordings?: UplinkOptions['onRecordings'];
  readonly onVision?: UplinkOptions['onVision'];
  readonly onStatus: () => void;
  /** What the uplink dials instead of the cloud's broker, while a drill is on the line. */
  readonly detour: () => { readonly host: string; readonly port: number } | undefined;
  /** Another configuration or registry lies on the disk: the agent is to be made anew. */
  readonly onRestart: (() => void) | undefined;
}

export interface EnrolRequest {
  /** A code, or the link of the QR code. */
  readonly code: string;
  readonly cloud?: string | undefined;
  /** Also where the unit is enrolled already, and wanted. */
  readonly anew?: boolean | undefined;
}

const credentialRetryMs = 5_000;
/** An answer of the local API goes out before the agent does. */
const restartDelayMs = 300;

/** Who this unit is to the cloud and its line there, joined: credential, identity, snapshots, uplink, and becoming enrolled. */
export class CloudLine {
  readonly identity: IdentityKeeper;
  readonly snapshots: SnapshotKeeper;
  /** How the last replacement of this unit went. */
  readonly replaced: ReplacementReport | undefined;
  readonly #options: CloudLineOptions;
  readonly #startedAt: number;
  #uplink: Uplink | undefined;
  #enrolling: Promise<Enrolment> | undefined;

  constructor(options: CloudLineOptions) {
    const { dataDir, configFile, software, clock, logger, store, segments, faults, onStatus } = options;
    this.#options = options;
    this.#startedAt = clock.now();
    this.identity = new IdentityKeeper({
      dataDir,
      clock,
      logger: logger('identity'),
      gateway: () => this.#gateway(),
      now: () => this.trustedNow(),
      isTimeSure: () => segments.wire(segments.check()).state === 'trusted',
      learn: (serverTime, roundTripMs) => segments.learn(serverTime, roundTripMs),
      onFault: (code, message, context) => faults.report(code, message, context),
      onStatus,
    });
    this.replaced = readReport(this.identity.files);
    this.snapshots = new SnapshotKeeper({
      hub: store.hub,
      configFile,
      keeper: this.identity,
      gateway: () => this.#gateway(),
      software,
      clock,
      logger: logger('snapshot'),
      online: () => this.#uplink?.status.state === 'online',
    });
  }

  get credential(): UnitCredential | undefined {
    return this.#options.file.credential;
  }

  get uplink(): Uplink | undefined {
    return this.#uplink;
  }

  get status(): UplinkStatus {
    const { credential, failure } = this.#options.file;
    return (
      this.#uplink?.status ?? {
        state: 'disabled',
        since: this.#startedAt,
        reason: credential ? undefined : (failure ?? 'this unit is not enrolled: hub enrol CODE'),
        attempts: 0,
        ignoredMessages: 0,
      }
    );
  }

  /** Epoch ms, corrected by what the cloud said. */
  trustedNow(): number {
    return this.#options.clock.now() + (this.#options.segments.offsetMs ?? 0);
  }

  start(): void {
    this.#startUplink();
    this.identity.start();
    this.snapshots.start();
    if (this.identity.state.state === 'absent') this.#enrolByOption();
    if (!this.credential) this.#options.chores.every(credentialRetryMs, () => this.#lookForCredential());
  }

  /** The chores' signal was aborted before. */
  async stop(): Promise<void> {
    await Promise.allSettled([this.snapshots.stop(), this.identity.stop(), this.#uplink?.stop()]);
  }

  /** Says goodbye and dials again. */
  reconnect(): Promise<void> {
    return this.#connectAnew();
  }

  /** docs/protocol.md 5.1. Where the unit replaces another one it is restarted: what that one knew is taken over before the hall opens. */
  enrol({ code, cloud, anew }: EnrolRequest, signal: AbortSignal): Promise<Enrolment> {
    if (this.#enrolling) return Promise.reject(new HubError('conflict', 'an enrolment is under way'));
    const either = AbortSignal.any([signal, this.#options.chores.signal]);
    this.#enrolling = this.#enrol({ code, cloud, anew }, either).finally(() => {
      this.#enrolling = undefined;
    });
    return this.#enrolling;
  }

  async #enrol({ code: text, cloud, anew }: EnrolRequest, signal: AbortSignal): Promise<Enrolment> {
    const { clock, software, logger, onRestart } = this.#options;
    const { code, gateway } = readEnrolmentInput(text, cloud, this.credential?.cloud.gateway);
    const { files } = this.identity;
    const refusal = this.identity.refusal?.message;
    const enrolment = await enrolUnit({ files, code, gateway, software, clock, signal, anew, refusal });
    if (enrolment.since !== undefined) return enrolment;
    this.identity.reload();
    const { unitId, hallName, replacement, snapshot } = enrolment;
    logger('identity').info({ unitId, hallName, replacement, snapshot }, 'enrolled');
    if (files.replacement && onRestart) clock.setTimeout(onRestart, restartDelayMs);
    else await this.#connectAnew();
    return enrolment;
  }

  #startUplink(): void {
    const { credential } = this;
    const { bootId, software, outbox, segments, clock, budget, logger, chores, faults } = this.#options;
    if (!credential || this.#uplink || chores.signal.aborted) return;
    const { unitId, secret } = credential;
    this.#uplink = new Uplink({
      ...{ unitId, secret, bootId, software, outbox, segments, clock },
      transport: this.#transport(credential),
      budget,
      logger: logger('uplink'),
      vitals: this.#options.vitals,
      onCommand: this.#options.onCommand,
      onLive: this.#options.onLive,
      onSteer: this.#options.onSteer,
      onRecordings: this.#options.onRecordings,
      onVision: this.#options.onVision,
      onHello: ({ trustVersion }) => {
        this.identity.noteTrustVersion(trustVersion);
        this.snapshots.changed();
      },
      onStatus: this.#options.onStatus,
      onFault: (code, message, context) => faults.report(code, message, context),
    });
    this.#uplink.start();
  }

  /** By certificate once there is one, however damaged; by secret where the unit never had one. */
  #transport({ unitId, secret, cloud: { mqtt: url } }: UnitCredential): UplinkTransport {
    const byCertificate = this.identity.state.state !== 'absent' && url.startsWith('mqtts:');
    const { detour } = this.#options;
    return byCertificate
      ? new CertificateTransport({ url, unitId, keeper: this.identity, detour })
      : new MqttTransport({ url, unitId, secret, detour });
  }

  #gateway(): URL | undefined {
    const gateway = this.credential?.cloud.gateway;
    return gateway === undefined ? undefined : new URL(gateway);
  }

  /** Another credential: another unit's lanes begin new epochs. */
  async #connectAnew(): Promise<void> {
    await this.#uplink?.stop();
    this.#uplink = undefined;
    await this.#connect();
  }

  /** Until the unit is enrolled it works alone and looks for its credential. */
  async #lookForCredential(): Promise<void> {
    if (this.credential || this.#enrolling || !this.#options.file.read()) return;
    this.identity.reload();
    await this.#connect();
  }

  async #connect(): Promise<void> {
    const { file, outbox, onStatus } = this.#options;
    const credential = file.read();
    if (credential) await outbox.adopt(credential.unitId);
    this.#startUplink();
    onStatus();
  }

  /** `--enrol`: a hall that has no line yet opens all the same, and is enrolled when it has. */
  #enrolByOption(): void {
    const { enrol, clock, chores, logger } = this.#options;
    if (!enrol) return;
    const backoff = new Backoff({ firstMs: 2_000, maxMs: 300_000, jitter: 0.3 });
    chores.run(async (signal) => {
      while (this.identity.state.state === 'absent') {
        try {
          await this.enrol(enrol, signal);
        } catch (error) {
          signal.throwIfAborted();
          const { code, message, hint } = toHubError(error);
          logger('identity').error({ code, hint }, `the unit could not be enrolled: ${message}`);
          if (!['unavailable', 'timeout', 'rate_limited'].includes(code)) return;
          await clock.sleep(backoff.nextMs(), signal);
        }
      }
    });
  }
}
