import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { type Clock, type HubError, toHubError, uuidv7 } from '@hallhub/shared';
import { laneNames } from '@hallhub/shared/wire';
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
import { LocalApiServer } from './local-api/index.js';
import { Log } from './log/log.js';
import type { MetricsServer } from './observe/metrics-server.js';
import { ClockSegments, Outbox } from './outbox/index.js';
import type { AdapterFactory, Logger } from './ports/index.js';
import { Store } from './store/index.js';
import { MqttTransport, Uplink, type UplinkStatus } from './uplink/index.js';

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
  /** Nothing more can be written to the store: the process should end and be started anew. */
  readonly onFatal?: (error: HubError) => void;
}

const nobodysUnitId = '00000000-0000-7000-8000-000000000000';
const brokerRetryMs = 10_000;
const credentialRetryMs = 5_000;

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
  credential: UnitCredential | undefined;
  /** Why unit.json, which is there, cannot be used. */
  credentialFailure: string | undefined;
  uplink: Uplink | undefined;
  broker: Broker | undefined;
  brokerFailure: string | undefined;
  freeBytes: number | undefined;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  readonly #chores: Promise<void>[] = [];
  #metrics: MetricsServer | undefined;
  #stopped: Promise<void> | undefined;

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
      onStatus: () => options.onStatus?.(),
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
    });
    const { events, live, manifest, backlog } = config.store;
    const limits = Object.fromEntries(Object.entries({ events, live, manifest, backlog }).filter(([, limit]) => limit));
    this.outbox = new Outbox({ store, unitId, clock, segments: this.segments, logger: part('outbox'), limits });
    const { outbox } = this;
    this.faults = new FaultBook({ store, outbox, clock, logger: part('fault') });
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
      report: config.report,
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
    this.#startUplink();
    await this.#measureDisk();
    this.#every(1_000, () => {
      this.segments.check();
    });
    this.#every(5_000, async () => {
      this.intake.presence.tick();
      await this.values.save('due');
    });
    this.#every(30_000, async () => {
      await this.outbox.tellSeals();
      await this.rotation.tick();
      await this.#measureDisk();
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

  uplinkStatus(): UplinkStatus {
    return (
      this.uplink?.status ?? {
        state: 'disabled',
        since: this.startedAt,
        reason: this.credential
          ? undefined
          : (this.credentialFailure ?? 'this unit is not enrolled: unit.json is missing'),
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
    await step('metrics', () => this.#metrics?.close());
    await step('local api', () => this.localApi.stop());
    await step('profiles', () => this.keeper.stop());
    await step('commands', () => this.runner.stop());
    await step('adapters', () => this.board.stop());
    await step('broker', () => this.broker?.stop());
    await step('values', () => this.values.save());
    await step('registry', () => this.registry.close());
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
      transport: new MqttTransport({ url: credential.cloud.mqtt, unitId, secret }),
      outbox: this.outbox,
      segments: this.segments,
      clock,
      logger: this.#logger.child({ part: 'uplink' }),
      vitals: () => this.#vitals(),
      onCommand: (message) => {
        this.runner
          .accept(message)
          .catch((error) => this.#logger.error({ error: String(error) }, 'a command could not be stored'));
      },
      onStatus: () => this.options.onStatus?.(),
      onFault: (code, message, context) => this.faults.report(code, message, context),
    });
    this.uplink.start();
  }

  /** Until the unit is enrolled it works alone and looks for its credential. */
  async #lookForCredential(): Promise<void> {
    if (this.credential) return;
    this.credential = this.#readCredential();
    if (!this.credential) return;
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
    let [online, offline, quarantined] = [0, 0, 0];
    for (const { state, presence } of this.registry.list()) {
      if (state === 'quarantined') quarantined += 1;
      else if (state === 'active' && presence === 'offline') offline += 1;
      else if (state === 'active') online += 1;
    }
    return {
      disk: this.freeBytes === undefined ? null : { freeBytes: this.freeBytes },
      runwayMs: this.runwayMs(),
      memoryBytes: process.memoryUsage.rss(),
      devices: { online, offline, quarantined },
    };
  }

  /** How long the lanes and the disk can take the rate of the last run; null in the first minutes. */
  runwayMs(): number | null {
    const { clock } = this.options;
    const ranMs = clock.now() - this.startedAt;
    if (ranMs < 60_000) return null;
    let [appendedBytes, roomBytes] = [0, this.freeBytes ?? Number.POSITIVE_INFINITY];
    for (const lane of laneNames) appendedBytes += this.outbox.appendedBytes[lane];
    const { maxBytes } = this.outbox.limits.backlog;
    roomBytes = Math.min(roomBytes, maxBytes - this.outbox.lane('backlog').bytes);
    return appendedBytes === 0 ? null : Math.max(0, Math.round((roomBytes / appendedBytes) * ranMs));
  }

  async #measureDisk(): Promise<void> {
    try {
      const { bavail, bsize } = await statfs(this.options.dataDir);
      this.freeBytes = bavail * bsize;
    } catch {
      this.freeBytes = undefined;
      return;
    }
    const { minFreeBytes } = this.loaded.config.store;
    if (this.freeBytes >= minFreeBytes && this.store.status.state !== 'full') return;
    const rows = await this.outbox.thinForSpace(Math.min(minFreeBytes, 32 * 1024 * 1024));
    this.store.giveBackSpace();
    this.faults.report(
      'disk_low',
      `only ${Math.round(this.freeBytes / 1_048_576)} MiB are free: ${rows} of the oldest rows were given up`,
      { freeBytes: this.freeBytes, rows },
    );
  }

  async #tidy(): Promise<void> {
    await this.inbox.tidy();
    await this.intake.tidy();
    const inUse = laneNames.map((lane) => this.outbox.lane(lane).oldestSegment() ?? this.segments.current);
    this.segments.forgetBelow(Math.min(...inUse));
    this.store.giveBackSpace();
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
