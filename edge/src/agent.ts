import os from 'node:os';
import path from 'node:path';
import { type Clock, type HubError, uuidv7 } from '@hallhub/shared';
import { laneNames } from '@hallhub/shared/wire';
import { AgentFiles } from './agent/agent-files.js';
import { AgentLink } from './agent/agent-link.js';
import { Chores } from './agent/chores.js';
import { CloudLine, type EnrolRequest } from './agent/cloud-line.js';
import { CredentialFile } from './agent/credential-file.js';
import { HallBroker } from './agent/hall-broker.js';
import { HallDevices } from './agent/hall-devices.js';
import { hallVision } from './agent/hall-vision.js';
import { Observers } from './agent/observers.js';
import type { Broker, Gatekeeper } from './broker/index.js';
import type { CommandInbox, CommandRunner } from './commands/index.js';
import {
  findProfileFolder,
  type LoadedConfig,
  loadConfig,
  ProfileLibrary,
  type UnitCredential,
} from './config/index.js';
import {
  type AdapterBoard,
  type AsideBook,
  type CredentialRotation,
  type DeviceDesk,
  type DeviceRegistry,
  FaultBook,
  type Intake,
  type JoinDesk,
  type JoinPolicyBook,
  type MqttChannel,
  type ProfileKeeper,
  type ValueStore,
} from './devices/index.js';
import { brokerAddress, drillObjections } from './drill/drill-objections.js';
import { DrillDesk, SkewClock } from './drill/index.js';
import type { Enrolment, IdentityKeeper, ReplacementReport, SnapshotKeeper } from './identity/index.js';
import { LocalApiServer } from './local-api/index.js';
import { Log } from './log/log.js';
import { ClockSegments, Outbox } from './outbox/index.js';
import type { AdapterFactory, Logger } from './ports/index.js';
import { Store } from './store/index.js';
import type { Uplink, UplinkStatus } from './uplink/index.js';
import type { FaceDesk } from './vision/faces/index.js';
import type { LiveDesk } from './vision/live/index.js';
import type { RecordingsDesk } from './vision/playback/index.js';
import type { TurningDesk } from './vision/turning/index.js';
import type { VisionDesk } from './vision/vision-desk.js';
import type { VisionReporter } from './vision/vision-reporter.js';

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
  readonly link: AgentLink;
  /** Evidence, and bundles. */
  readonly files: AgentFiles;
  /** What cameras see. */
  readonly vision: VisionDesk;
  /** Pictures for whoever looks from the cloud. */
  readonly live: LiveDesk;
  /** Cameras that turn. */
  readonly turning: TurningDesk;
  readonly recordings: RecordingsDesk;
  readonly faces: FaceDesk;
  readonly drills: DrillDesk;
  readonly #credential: CredentialFile;
  readonly #line: CloudLine;
  readonly #visionReporter: VisionReporter;
  readonly #hallBroker: HallBroker;
  readonly #observers: Observers;
  readonly #chores: Chores;
  readonly #logger: Logger;
  #stopped: Promise<void> | undefined;

  /** Throws `configuration` (edge.yaml), or `store_*` where the data folder cannot be used. */
  constructor(options: AgentOptions) {
    const { dataDir, software } = options;
    const skew = new SkewClock(options.clock);
    const clock: Clock = skew;
    this.options = { ...options, clock };
    this.startedAt = clock.now();
    this.bootId = uuidv7(this.startedAt);
    const configFile = options.configFile ?? path.join(dataDir, 'edge.yaml');
    this.loaded = loadConfig(configFile, options.adapterFactories);
    const { config } = this.loaded;
    this.log = new Log({ dataDir, level: config.log.level, sink: options.logSink });
    const { logger } = this.log;
    this.#logger = logger;
    const part = (name: string): Logger => logger.child({ part: name });
    const onStatus = () => options.onStatus?.();
    this.profiles = new ProfileLibrary(findProfileFolder(config.profiles, configFile));
    this.store = new Store({
      dataDir,
      clock,
      logger: part('store'),
      onDamage: (error) => options.onFatal?.(error),
      onStatus: ({ state }) => {
        onStatus();
        if (state === 'full') void this.link?.space.look();
      },
    });
    const { store } = this;
    this.#credential = new CredentialFile(dataDir, logger);
    this.segments = new ClockSegments({
      hub: store.hub,
      clock,
      bootId: this.bootId,
      logger: part('clock'),
      highestUsed: () => highestSegment(store),
      bootTimeMs: () => os.uptime() * 1_000,
    });
    const { segments } = this;
    const { events, live, manifest, backlog } = config.store;
    const limits = Object.fromEntries(Object.entries({ events, live, manifest, backlog }).filter(([, limit]) => limit));
    const { unitId } = this.#credential;
    this.outbox = new Outbox({ store, unitId, clock, segments, logger: part('outbox'), limits });
    const { outbox } = this;
    this.faults = new FaultBook({ store, outbox, clock, logger: part('fault') });
    const { faults } = this;
    this.files = new AgentFiles({
      ...{ config, store, outbox, segments, faults, clock, software, logger: part, bootId: this.bootId },
      budget: () => this.link.budget,
      identity: () => this.identity,
      credential: () => this.credential,
      online: () => this.uplink?.status.state === 'online',
      onCommand: (message) => this.runner.accept(message),
    });
    const { evidence } = this.files;
    this.link = new AgentLink({ config, store, outbox, faults, clock, logger: part('link'), evidence });
    this.#chores = new Chores({ clock, logger });
    const chores = this.#chores;
    this.#line = new CloudLine({
      ...{ dataDir, configFile, software, clock, store, outbox, segments, faults, chores, onStatus },
      bootId: this.bootId,
      enrol: options.enrol,
      logger: part,
      file: this.#credential,
      budget: this.link.budget,
      vitals: () => this.#vitals(),
      onCommand: (message) => {
        this.runner
          .accept(message)
          .catch((error) => logger.error({ error: String(error) }, 'a command could not be stored'));
      },
      onLive: (message) => {
        this.turning.look(message);
        this.live.take(message);
      },
      onSteer: (message) => this.turning.steer(message),
      onRecordings: (message) => this.recordings.take(message),
      onVision: () => this.vision.config.askSoon(),
      onRestart: options.onRestart,
      detour: () => this.drills.detour,
    });
    ({ identity: this.identity, snapshots: this.snapshots } = this.#line);
    const { profiles } = this;
    const devices = new HallDevices({
      ...{ config, profiles, store, outbox, segments, faults, clock, logger, onStatus },
      report: this.link.report,
      broker: () => this.broker,
    });
    ({ aside: this.aside, values: this.values, registry: this.registry, keeper: this.keeper } = devices);
    ({ intake: this.intake, policy: this.policy, join: this.join, desk: this.desk } = devices);
    ({ board: this.board, channel: this.channel, rotation: this.rotation } = devices);
    ({ gatekeeper: this.gatekeeper, inbox: this.inbox, runner: this.runner } = devices);
    const configFolder = path.dirname(configFile);
    ({
      desk: this.vision,
      live: this.live,
      turning: this.turning,
      recordings: this.recordings,
      reporter: this.#visionReporter,
      faces: this.faces,
    } = hallVision(this, { configFolder, clock, faults, logger: part }));
    this.#hallBroker = new HallBroker({
      ...{ clock, faults, chores, onStatus, gatekeeper: this.gatekeeper },
      config: config.broker,
      configFolder: path.dirname(configFile),
      logger: part('broker'),
    });
    this.drills = new DrillDesk({
      ...{ dataDir, clock, skew },
      logger: part('drill'),
      minFreeBytes: config.store.minFreeBytes,
      uplinkTarget: () => brokerAddress(this.credential?.cloud.mqtt),
      reconnect: () => this.#line.reconnect(),
      lookAtDisk: () => this.link.space.look(),
      broker: {
        isOwn: !config.broker.external,
        stop: () => this.#hallBroker.stop(),
        start: () => this.#hallBroker.start(false),
      },
      restart: options.onRestart,
      objections: () => drillObjections(this),
      onFault: (code, message, context) => faults.report(code, message, context),
    });
    this.#observers = new Observers({ clock, logger, faults, software, outbox, unitId: () => this.credential?.unitId });
    this.localApi = new LocalApiServer(this, part('local-api'));
  }

  get credential(): UnitCredential | undefined {
    return this.#credential.credential;
  }

  /** Why unit.json, which is there, cannot be used. */
  get credentialFailure(): string | undefined {
    return this.#credential.failure;
  }

  get uplink(): Uplink | undefined {
    return this.#line.uplink;
  }

  get broker(): Broker | undefined {
    return this.#hallBroker.broker;
  }

  get brokerFailure(): string | undefined {
    return this.#hallBroker.failure;
  }

  get mqttUrl(): string | undefined {
    return this.#hallBroker.url;
  }

  /** How the last replacement of this unit went. */
  get replaced(): ReplacementReport | undefined {
    return this.#line.replaced;
  }

  async start(): Promise<void> {
    const { clock, strict = false, software, dataDir } = this.options;
    this.#logger.info({ bootId: this.bootId, software, dataDir, node: process.version }, 'the agent starts');
    await this.outbox.adopt(this.#credential.unitId);
    this.#reportBoot();
    this.drills.recover();
    await this.keeper.start();
    await this.board.start([this.channel], this.loaded.adapters);
    // What devices say is acknowledged: somebody has to listen before the first of them is let in.
    await this.#hallBroker.start(strict);
    await this.runner.start();
    await this.localApi.start();
    await this.#observers.start(this, strict);
    this.#line.start();
    await this.files.start();
    await this.vision.start();
    this.turning.start();
    this.#visionReporter.start();
    this.registry.onChange(() => this.snapshots.changed());
    await this.link.space.look();
    this.#startChores();
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
  enrol(request: EnrolRequest, signal: AbortSignal): Promise<Enrolment> {
    return this.#line.enrol(request, signal);
  }

  /** Epoch ms, corrected by what the cloud said. */
  trustedNow(): number {
    return this.#line.trustedNow();
  }

  uplinkStatus(): UplinkStatus {
    return this.#line.status;
  }

  async #stop(): Promise<void> {
    this.#logger.info({}, 'the agent stops');
    const drills = this.drills.stop();
    this.#chores.stop();
    const step = async (name: string, action: () => Promise<unknown> | unknown): Promise<void> => {
      try {
        await action();
      } catch (error) {
        this.#logger.error({ error: String(error) }, `${name} did not stop cleanly`);
      }
    };
    await step('drills', () => drills);
    await step('observers', () => this.#observers.stop());
    await step('local api', () => this.localApi.stop());
    await step('live pictures', () => this.live.close());
    await step('turning cameras', () => this.turning.close());
    await step('recordings', () => this.recordings.close());
    await step('vision', async () => {
      await this.#visionReporter.stop();
      await this.faces.stop();
      await this.vision.stop();
    });
    await step('profiles', () => this.keeper.stop());
    await step('commands', () => this.runner.stop());
    await step('adapters', () => this.board.stop());
    await step('broker', () => this.#hallBroker.stop());
    await step('values', () => this.values.save());
    await step('registry', () => this.registry.close());
    await step('files', () => this.files.stop());
    await step('cloud line', () => this.#line.stop());
    await this.#chores.ended();
    await step('store', () => this.store.close());
    this.log.close();
  }

  #startChores(): void {
    const chores = this.#chores;
    chores.every(1_000, () => {
      this.segments.check();
    });
    chores.every(5_000, async () => {
      this.intake.presence.tick();
      await this.values.save('due');
      this.link.runway.tick();
    });
    // Space that came back is to be used at once.
    chores.every(2_000, () => (this.store.status.state === 'full' ? this.link.space.look() : undefined));
    chores.every(30_000, async () => {
      await this.outbox.tellSeals();
      await this.rotation.tick();
      await this.link.space.look();
    });
    chores.every(3_600_000, () => this.#tidy());
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
    const { missing = [], failure } = this.replaced ?? {};
    for (const address of missing) {
      this.faults.report('address_missing', `${address} is in edge.yaml and not on this machine`, { address });
    }
    if (failure)
      this.faults.report('replacement_failed', `nothing was taken over from the unit before: ${failure}`, {});
  }

  #vitals() {
    const { freeBytes } = this.link.space;
    const { identity } = this.identity;
    let [online, offline, quarantined] = [0, 0, 0];
    for (const { state, presence } of this.registry.list()) {
      if (state === 'quarantined') quarantined += 1;
      else if (state === 'active' && presence === 'offline') offline += 1;
      else if (state === 'active') online += 1;
    }
    return {
      disk: freeBytes === undefined ? null : { freeBytes },
      ...this.link.runway.wire,
      ...(identity ? { certificateEndsAt: identity.endsAt } : {}),
      memoryBytes: process.memoryUsage.rss(),
      devices: { online, offline, quarantined },
    };
  }

  async #tidy(): Promise<void> {
    await this.inbox.tidy();
    await this.intake.tidy();
    await this.files.evidence.tidy();
    await this.vision.tidy();
    const inUse = laneNames.map((lane) => this.outbox.lane(lane).oldestSegment() ?? this.segments.current);
    this.segments.forgetBelow(Math.min(...inUse));
    await this.store.giveBackSpace();
  }
}

/** Clock segments that samples refer to; asked once, after hub.db was lost. */
const highestSegment = (store: Store): number => {
  const sql = 'SELECT max(segment) FROM (SELECT segment FROM lane_live UNION ALL SELECT segment FROM lane_backlog)';
  return (store.telemetry.commit.db.prepare(sql).pluck().get() as number | null) ?? 0;
};
