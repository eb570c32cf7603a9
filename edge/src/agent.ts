import os from 'node:os';
import path from 'node:path';
import { Backoff, type Clock, HubError, toHubError, uuidv7 } from '@hallhub/shared';
import type { SpanSink } from '@hallhub/shared/tracing';
import { laneNames } from '@hallhub/shared/wire';
import { AgentLink } from './agent-link.js';
import { AccountBus, Broker, Gatekeeper, readTls } from './broker/index.js';
import { CommandInbox, CommandRunner, prepareCommand } from './commands/index.js';
import {
  findProfileFolder,
  type LoadedConfig,
  loadConfig,
  loadCredential,
  ProfileLibrary,
  type UnitCredential,
} from './config/index.js';
import {
  AdapterBoard,
  AsideBook,
  AsideReport,
  CredentialRotation,
  DeviceDesk,
  DeviceRegistry,
  FaultBook,
  Intake,
  JoinDesk,
  JoinPolicyBook,
  MqttChannel,
  ProfileKeeper,
  ValueStore,
} from './devices/index.js';
import {
  CertificateTransport,
  type Enrolment,
  enrolUnit,
  IdentityKeeper,
  type ReplacementReport,
  readEnrolmentInput,
  readReport,
  SnapshotKeeper,
} from './identity/index.js';
import { LocalApiServer } from './local-api/index.js';
import { Log } from './log/log.js';
import type { MetricsServer } from './observe/metrics-server.js';
import { openTracing } from './observe/open-tracing.js';
import { RowTraces } from './observe/row-traces.js';
import { ClockSegments, Outbox } from './outbox/index.js';
import type { AdapterFactory, Logger } from './ports/index.js';
import { Store } from './store/index.js';
import { MqttTransport, Uplink, type UplinkStatus, type UplinkTransport } from './uplink/index.js';

export interface AgentOptions {
  readonly dataDir: string;
  /** Default: DATA/edge.yaml. */
  readonly configFile?: string;
  readonly clock: Clock;
  readonly software: string;
  readonly adapterFactories: readonly AdapterFactory[];
  /** Lines of the log beside DATA/logs; default: standard error. */
  readonly logSink?: (line: string) => void;
  /** A port in use ends the start; otherwise the agent runs on and tries again. */
  readonly strict?: boolean;
  readonly onStatus?: () => void;
  /** Used while the unit has no identity; `cloud` is the gateway's address. */
  readonly enrol?: { readonly code: string; readonly cloud?: string };
  /** Another configuration or registry lies on the disk: the agent is to be stopped and made anew. */
  readonly onRestart?: () => void;
  /** Nothing more can be written to the store: the process should end and be started anew. */
  readonly onFatal?: (error: HubError) => void;
}

const nobodysUnitId = '00000000-0000-7000-8000-000000000000';
const brokerRetryMs = 10_000;
const credentialRetryMs = 5_000;
/** An answer of the local API goes out before the agent does. */
const restartDelayMs = 300;

/** The only place that knows all parts: makes them, joins them, starts and stops them in order. */
export class Agent {
  readonly bootId: string;
  readonly startedAt: number;
  readonly log: Log;
  readonly options: AgentOptions;
  readonly loaded: LoadedConfig;
  readonly profiles: ProfileLibrary;
  readonly keeper: ProfileKeeper;
  readonly store: Store;
  readonly segments: ClockSegments;
  readonly outbox: Outbox;
  readonly registry: DeviceRegistry;
  readonly values: ValueStore;
  readonly aside: AsideBook;
  readonly faults: FaultBook;
  readonly intake: Intake;
  readonly policy: JoinPolicyBook;
  readonly join: JoinDesk;
  readonly desk: DeviceDesk;
  readonly inbox: CommandInbox;
  readonly runner: CommandRunner;
  readonly board: AdapterBoard;
  readonly channel: MqttChannel;
  readonly rotation: CredentialRotation;
  readonly gatekeeper: Gatekeeper;
  readonly localApi: LocalApiServer;
  readonly identity: IdentityKeeper;
  readonly snapshots: SnapshotKeeper;
  /** How the last replacement of this unit went. */
  readonly replaced: ReplacementReport | undefined;
  credential: UnitCredential | undefined;
  /** Why unit.json, which is there, cannot be used. */
  credentialFailure: string | undefined;
  uplink: Uplink | undefined;
  broker: Broker | undefined;
  brokerFailure: string | undefined;
  readonly link: AgentLink;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  readonly #chores: Promise<void>[] = [];
  #metrics: MetricsServer | undefined;
  #spans: SpanSink | undefined;
  #stopped: Promise<void> | undefined;
  #enrolling: Promise<Enrolment> | undefined;

  /** Throws `configuration` (edge.yaml), or `store_*` where the data folder cannot be used. */
  constructor(options: AgentOptions) {
    const { dataDir, clock } = options;
    this.options = options;
    this.startedAt = clock.now();
    this.bootId = uuidv7(this.startedAt);
    const configFile = options.configFile ?? path.join(dataDir, 'edge.yaml');
    this.loaded = loadConfig(configFile, options.adapterFactories);
    const { config } = this.loaded;
    this.log = new Log({ dataDir, level: config.log.level, sink: options.logSink });
    const logger: Logger = this.log.logger;
    this.#logger = logger;
    const part = (name: string): Logger => logger.child({ part: name });
    this.profiles = new ProfileLibrary(findProfileFolder(config.profiles, configFile));
    this.store = new Store({
      dataDir,
      clock,
      logger: part('store'),
      onDamage: (error) => options.onFatal?.(error),
      onStatus: ({ state }) => {
        options.onStatus?.();
        if (state === 'full') void this.link?.space.look();
      },
    });
    const { store } = this;
    const credential = this.#readCredential();
    this.credential = credential;
    const unitId = credential?.unitId ?? nobodysUnitId;
    this.segments = new ClockSegments({
      hub: store.hub,
      clock,
      bootId: this.bootId,
      logger: part('clock'),
      highestUsed: () => highestSegment(store),
      bootTimeMs: () => os.uptime() * 1_000,
    });
    const { events, live, manifest, backlog } = config.store;
    const limits = Object.fromEntries(Object.entries({ events, live, manifest, backlog }).filter(([, limit]) => limit));
    this.outbox = new Outbox({ store, unitId, clock, segments: this.segments, logger: part('outbox'), limits });
    const { outbox } = this;
    this.faults = new FaultBook({ store, outbox, clock, logger: part('fault') });
    this.identity = new IdentityKeeper({
      dataDir,
      clock,
      logger: part('identity'),
      gateway: () => this.#gateway(),
      now: () => this.trustedNow(),
      learn: (serverTime, roundTripMs) => this.segments.learn(serverTime, roundTripMs),
      onFault: (code, message, context) => this.faults.report(code, message, context),
      onStatus: () => options.onStatus?.(),
    });
    this.replaced = readReport(this.identity.files);
    this.snapshots = new SnapshotKeeper({
      hub: store.hub,
      configFile,
      keeper: this.identity,
      gateway: () => this.#gateway(),
      software: options.software,
      clock,
      logger: part('snapshot'),
      online: () => this.uplink?.status.state === 'online',
    });
    this.link = new AgentLink({ config, store, outbox, faults: this.faults, clock, logger: part('link') });
    this.aside = new AsideBook(store.hub, clock, part('aside'));
    this.values = new ValueStore(store.telemetry, clock);
    this.registry = new DeviceRegistry({
      store,
      outbox,
      profiles: this.profiles,
      values: this.values,
      clock,
      logger: part('devices'),
    });
    const { registry, profiles, aside, faults } = this;
    this.keeper = new ProfileKeeper({ library: profiles, registry, faults, clock, logger: part('profiles') });
    const asideReport = new AsideReport({ registry, faults, clock });
    aside.onEntry((entry) => asideReport.tell(entry));
    this.intake = new Intake({
      store,
      outbox,
      registry,
      values: this.values,
      aside,
      clock,
      clockOffsetMs: () => this.segments.offsetMs,
      logger: part('devices'),
      report: this.link.report,
    });
    const until = config.join.until === undefined ? {} : { until: Date.parse(config.join.until) };
    this.policy = new JoinPolicyBook(store, clock, { policy: config.join.policy, ...until });
    this.join = new JoinDesk({
      registry,
      profiles,
      policy: this.policy,
      faults,
      clock,
      logger: part('join'),
      mayRedeliver: (deviceId) => this.rotation.mayRedeliver(deviceId),
      onDeliver: (deviceId) => this.rotation.forget(deviceId),
    });
    this.desk = new DeviceDesk({ registry, profiles, join: this.join, policy: this.policy, logger: part('devices') });
    const bus = new AccountBus(() => this.broker);
    this.board = new AdapterBoard({
      registry,
      desk: this.desk,
      intake: this.intake,
      aside,
      faults,
      profiles,
      broker: config.broker.external ? undefined : bus,
      clock,
      logger,
      onStatus: () => options.onStatus?.(),
    });
    this.channel = new MqttChannel(this.board.host('mqtt', 'mqtt'), (deviceId, firmware) =>
      this.#firmware(deviceId, firmware),
    );
    this.rotation = new CredentialRotation({
      store,
      registry,
      carrier: this.channel,
      faults,
      clock,
      logger: part('devices'),
    });
    const { accounts } = config.broker;
    this.gatekeeper = new Gatekeeper({
      registry,
      join: this.join,
      channel: this.channel,
      rotation: this.rotation,
      bus,
      aside,
      faults,
      accounts,
      clock,
      logger: part('broker'),
    });
    this.inbox = new CommandInbox({ store, outbox, clock });
    const prepare = prepareCommand({
      registry,
      desk: this.desk,
      policy: this.policy,
      adapterOf: (id) => this.board.get(id),
    });
    this.runner = new CommandRunner({ inbox: this.inbox, clock, logger: part('commands'), prepare });
    this.localApi = new LocalApiServer(this, part('local-api'));
  }

  get mqttUrl(): string | undefined {
    const { external, host } = this.loaded.config.broker;
    if (external) return external;
    const port = this.broker?.port;
    return port === undefined
      ? undefined
      : `mqtt://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}`;
  }

  async start(): Promise<void> {
    const { clock, strict, software } = this.options;
    this.#logger.info(
      { bootId: this.bootId, software, dataDir: this.options.dataDir, node: process.version },
      'the agent starts',
    );
    await this.outbox.adopt(this.credential?.unitId ?? nobodysUnitId);
    this.#reportBoot();
    await this.keeper.start();
    await this.board.start([this.channel], this.loaded.adapters);
    // What devices say is acknowledged: somebody has to listen before the first of them is let in.
    await this.#startBroker(strict === true);
    await this.runner.start();
    await this.localApi.start();
    await this.#startMetrics(strict === true);
    await this.#startTracing();
    this.#startUplink();
    this.identity.start();
    this.snapshots.start();
    this.registry.onChange(() => this.snapshots.changed());
    if (this.identity.state.state === 'absent') this.#enrolByOption();
    await this.link.space.look();
    this.#every(1_000, () => {
      this.segments.check();
    });
    this.#every(5_000, async () => {
      this.intake.presence.tick();
      await this.values.save('due');
      this.link.runway.tick();
    });
    // Space that came back is to be used at once.
    this.#every(2_000, () => (this.store.status.state === 'full' ? this.link.space.look() : undefined));
    this.#every(30_000, async () => {
      await this.outbox.tellSeals();
      await this.rotation.tick();
      await this.link.space.look();
    });
    this.#every(3_600_000, () => this.#tidy());
    if (!this.credential) this.#every(credentialRetryMs, () => this.#lookForCredential());
    this.segments.onJump((jumpMs) =>
      this.faults.report('clock_jump', `the wall clock jumped by ${Math.round(jumpMs)} ms`, {
        jumpMs: Math.round(jumpMs),
        at: clock.now(),
      }),
    );
  }

  /** In reverse order; nothing that was accepted is lost. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** docs/protocol.md 5.1. Where the unit replaces another one it is restarted: what that one knew is taken over before the hall opens. */
  enrol(code: string, cloud: string | undefined, signal: AbortSignal): Promise<Enrolment> {
    if (this.#enrolling) return Promise.reject(new HubError('conflict', 'an enrolment is under way'));
    this.#enrolling = this.#enrol(code, cloud, AbortSignal.any([signal, this.#stopping.signal])).finally(() => {
      this.#enrolling = undefined;
    });
    return this.#enrolling;
  }

  /** Epoch ms, corrected by what the cloud said. */
  trustedNow(): number {
    return this.options.clock.now() + (this.segments.offsetMs ?? 0);
  }

  uplinkStatus(): UplinkStatus {
    return (
      this.uplink?.status ?? {
        state: 'disabled',
        since: this.startedAt,
        reason: this.credential ? undefined : (this.credentialFailure ?? 'this unit is not enrolled: hub enrol CODE'),
        attempts: 0,
        ignoredMessages: 0,
      }
    );
  }

  async #stop(): Promise<void> {
    this.#logger.info({}, 'the agent stops');
    this.#stopping.abort(new Error('stopped'));
    const step = async (name: string, action: () => Promise<unknown> | unknown): Promise<void> => {
      try {
        await action();
      } catch (error) {
        this.#logger.error({ error: String(error) }, `${name} did not stop cleanly`);
      }
    };
    await step('spans', () => this.#spans?.close());
    await step('metrics', () => this.#metrics?.close());
    await step('local api', () => this.localApi.stop());
    await step('profiles', () => this.keeper.stop());
    await step('commands', () => this.runner.stop());
    await step('adapters', () => this.board.stop());
    await step('broker', () => this.broker?.stop());
    await step('values', () => this.values.save());
    await step('registry', () => this.registry.close());
    await step('snapshots', () => this.snapshots.stop());
    await step('identity', () => this.identity.stop());
    await step('uplink', () => this.uplink?.stop());
    await Promise.allSettled(this.#chores);
    await step('store', () => this.store.close());
    this.log.close();
  }

  #reportBoot(): void {
    for (const { file, reason, movedTo } of this.store.damages) {
      this.faults.report(
        'store_damaged',
        `${file} was damaged and is begun anew; the old one is ${path.basename(movedTo)}`,
        { file, reason, movedTo },
      );
    }
    if (this.loaded.isDefault) this.#logger.info({}, 'there is no edge.yaml: defaults hold');
    for (const address of this.replaced?.missing ?? []) {
      this.faults.report('address_missing', `${address} is in edge.yaml and not on this machine`, { address });
    }
    if (this.replaced?.failure) {
      this.faults.report(
        'replacement_failed',
        `nothing was taken over from the unit before: ${this.replaced.failure}`,
        {},
      );
    }
  }

  async #startBroker(strict: boolean): Promise<void> {
    const { broker: config } = this.loaded.config;
    if (config.external) return;
    const { clock } = this.options;
    const { host, port, maxConnections, maxMessagesPerSecond, maxBytesPerSecond } = config;
    const logger = this.#logger.child({ part: 'broker' });
    const { dataDir, configFile = path.join(dataDir, 'edge.yaml') } = this.options;
    try {
      const broker = new Broker({
        host,
        port,
        tls: config.tls && readTls(config.tls, path.dirname(configFile)),
        clock,
        logger,
        handlers: this.gatekeeper,
        maxConnections,
        maxMessagesPerSecond,
        maxBytesPerSecond,
      });
      await broker.start();
      this.broker = broker;
      this.brokerFailure = undefined;
      this.#logger.info({ url: this.mqttUrl }, 'broker listens');
    } catch (error) {
      const failure = toHubError(error);
      if (strict) throw failure;
      this.brokerFailure = [failure.message, failure.hint].filter(Boolean).join('. ');
      this.faults.report('broker_failed', this.brokerFailure, failure.context);
      this.#chore(async (signal) => {
        await clock.sleep(brokerRetryMs, signal);
        await this.#startBroker(false);
      });
    }
    this.options.onStatus?.();
  }

  /** Spans are one too. */
  async #startTracing(): Promise<void> {
    const { clock, software: version } = this.options;
    const onError = (error: Error) => this.#logger.debug({ error: error.message }, 'spans could not be sent');
    try {
      const spans = await openTracing(process.env, { version, unitId: this.credential?.unitId, onError });
      if (spans.rowRatio === 0) return;
      this.#spans = spans;
      this.outbox.traces = new RowTraces({ spans, clock });
    } catch (error) {
      this.faults.report('tracing_failed', toHubError(error).message);
    }
  }

  /** Figures are a convenience: the hall opens without them. */
  async #startMetrics(strict: boolean): Promise<void> {
    const { metrics } = this.loaded.config;
    if (!metrics) return;
    try {
      const { openMetricsServer } = await import('./observe/metrics-server.js');
      this.#metrics = await openMetricsServer(this, metrics);
      this.#logger.info({ url: this.#metrics.url }, 'metrics are served');
    } catch (error) {
      const failure = toHubError(error);
      if (strict) throw failure;
      this.faults.report('metrics_failed', failure.message, failure.context);
    }
  }

  #startUplink(): void {
    const { credential } = this;
    if (!credential || this.uplink) return;
    const { clock, software } = this.options;
    const { unitId, secret } = credential;
    this.uplink = new Uplink({
      unitId,
      secret,
      bootId: this.bootId,
      software,
      transport: this.#transport(credential),
      outbox: this.outbox,
      segments: this.segments,
      clock,
      budget: this.link.budget,
      logger: this.#logger.child({ part: 'uplink' }),
      vitals: () => this.#vitals(),
      onCommand: (message) => {
        this.runner
          .accept(message)
          .catch((error) => this.#logger.error({ error: String(error) }, 'a command could not be stored'));
      },
      onHello: ({ trustVersion }) => {
        this.identity.noteTrustVersion(trustVersion);
        this.snapshots.changed();
      },
      onStatus: () => this.options.onStatus?.(),
      onFault: (code, message, context) => this.faults.report(code, message, context),
    });
    this.uplink.start();
  }

  /** By certificate once there is one, however damaged; by secret where the unit never had one. */
  #transport({ unitId, secret, cloud: { mqtt: url } }: UnitCredential): UplinkTransport {
    const byCertificate = this.identity.state.state !== 'absent' && url.startsWith('mqtts:');
    return byCertificate
      ? new CertificateTransport({ url, unitId, keeper: this.identity })
      : new MqttTransport({ url, unitId, secret });
  }

  #gateway(): URL | undefined {
    const gateway = this.credential?.cloud.gateway;
    return gateway === undefined ? undefined : new URL(gateway);
  }

  async #enrol(text: string, cloud: string | undefined, signal: AbortSignal): Promise<Enrolment> {
    const { clock, software, onRestart } = this.options;
    const { code, gateway } = readEnrolmentInput(text, cloud, this.credential?.cloud.gateway);
    const { files } = this.identity;
    const enrolment = await enrolUnit({ files, code, gateway, software, clock, signal });
    this.identity.reload();
    const { unitId, hallName, replacement, snapshot } = enrolment;
    this.#logger.info({ unitId, hallName, replacement, snapshot }, 'enrolled');
    if (files.replacement && onRestart) clock.setTimeout(onRestart, restartDelayMs);
    else await this.#connectAnew();
    return enrolment;
  }

  /** Another credential: another unit's lanes begin new epochs. */
  async #connectAnew(): Promise<void> {
    await this.uplink?.stop();
    this.uplink = undefined;
    this.credential = this.#readCredential();
    if (this.credential) await this.outbox.adopt(this.credential.unitId);
    if (!this.#stopping.signal.aborted) this.#startUplink();
    this.options.onStatus?.();
  }

  /** `--enrol`: a hall that has no line yet opens all the same, and is enrolled when it has. */
  #enrolByOption(): void {
    const { enrol, clock } = this.options;
    if (!enrol) return;
    const backoff = new Backoff({ firstMs: 2_000, maxMs: 300_000, jitter: 0.3 });
    this.#chore(async (signal) => {
      while (this.identity.state.state === 'absent') {
        try {
          await this.enrol(enrol.code, enrol.cloud, signal);
        } catch (error) {
          signal.throwIfAborted();
          const { code, message, hint } = toHubError(error);
          this.#logger.error({ code, hint }, `the unit could not be enrolled: ${message}`);
          if (!['unavailable', 'timeout', 'rate_limited'].includes(code)) return;
          await clock.sleep(backoff.nextMs(), signal);
        }
      }
    });
  }

  /** Until the unit is enrolled it works alone and looks for its credential. */
  async #lookForCredential(): Promise<void> {
    if (this.credential) return;
    this.credential = this.#readCredential();
    if (!this.credential) return;
    this.identity.reload();
    await this.outbox.adopt(this.credential.unitId);
    this.#startUplink();
    this.options.onStatus?.();
  }

  #readCredential(): UnitCredential | undefined {
    const file = path.join(this.options.dataDir, 'unit.json');
    try {
      const credential = loadCredential(file);
      this.credentialFailure = undefined;
      return credential;
    } catch (error) {
      const { message, hint } = toHubError(error);
      // It is looked at every few seconds, and told once.
      if (message !== this.credentialFailure) this.#logger.error({ hint }, message);
      this.credentialFailure = message;
      return undefined;
    }
  }

  #vitals() {
    const { freeBytes } = this.link.space;
    let [online, offline, quarantined] = [0, 0, 0];
    for (const { state, presence } of this.registry.list()) {
      if (state === 'quarantined') quarantined += 1;
      else if (state === 'active' && presence === 'offline') offline += 1;
      else if (state === 'active') online += 1;
    }
    return {
      disk: freeBytes === undefined ? null : { freeBytes },
      ...this.link.runway.wire,
      ...(this.identity.identity ? { certificateEndsAt: this.identity.identity.endsAt } : {}),
      memoryBytes: process.memoryUsage.rss(),
      devices: { online, offline, quarantined },
    };
  }

  async #tidy(): Promise<void> {
    await this.inbox.tidy();
    await this.intake.tidy();
    const inUse = laneNames.map((lane) => this.outbox.lane(lane).oldestSegment() ?? this.segments.current);
    this.segments.forgetBelow(Math.min(...inUse));
    await this.store.giveBackSpace();
  }

  #firmware(deviceId: string, firmware: string): void {
    this.registry
      .change(deviceId, { firmware })
      .catch((error) => this.#logger.warn({ deviceId, error: String(error) }, 'firmware not stored'));
  }

  #every(intervalMs: number, action: () => Promise<void> | void): void {
    this.#chore(async (signal) => {
      for (;;) {
        await this.options.clock.sleep(intervalMs, signal);
        try {
          await action();
        } catch (error) {
          this.#logger.error({ error: String(error) }, 'a chore failed; it is tried again');
        }
      }
    });
  }

  #chore(work: (signal: AbortSignal) => Promise<void>): void {
    const { signal } = this.#stopping;
    const chore = work(signal).catch((error) => {
      if (!signal.aborted) this.#logger.error({ error: String(error) }, 'a chore ended');
    });
    this.#chores.push(chore);
  }
}

/** Clock segments that samples refer to; asked once, after hub.db was lost. */
const highestSegment = (store: Store): number => {
  const sql = 'SELECT max(segment) FROM (SELECT segment FROM lane_live UNION ALL SELECT segment FROM lane_backlog)';
  return (store.telemetry.commit.db.prepare(sql).pluck().get() as number | null) ?? 0;
};
