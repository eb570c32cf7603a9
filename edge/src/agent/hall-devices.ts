import os from 'node:os';
import type { Clock } from '@hallhub/shared';
import { AccountBus, type Broker, Gatekeeper } from '../broker/index.js';
import { CommandInbox, CommandRunner, prepareCommand } from '../commands/index.js';
import type { EdgeConfig, ProfileLibrary } from '../config/index.js';
import {
  AdapterBoard,
  AsideBook,
  AsideReport,
  CredentialRotation,
  DeviceDesk,
  DeviceRegistry,
  type FaultBook,
  Intake,
  JoinDesk,
  JoinPolicyBook,
  MqttChannel,
  ProfileKeeper,
  ValueStore,
} from '../devices/index.js';
import type { ClockSegments, Outbox } from '../outbox/index.js';
import type { Logger } from '../ports/index.js';
import type { Store } from '../store/index.js';
import type { AgentLink } from './agent-link.js';

export interface HallDevicesOptions {
  readonly config: EdgeConfig;
  readonly profiles: ProfileLibrary;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly segments: ClockSegments;
  readonly faults: FaultBook;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly report: AgentLink['report'];
  readonly broker: () => Broker | undefined;
  readonly onStatus: () => void;
}

/** The hall's side of the unit, joined: who its devices are, how they join, what they say, what they are told to do. */
export class HallDevices {
  readonly aside: AsideBook;
  readonly values: ValueStore;
  readonly registry: DeviceRegistry;
  readonly keeper: ProfileKeeper;
  readonly intake: Intake;
  readonly policy: JoinPolicyBook;
  readonly join: JoinDesk;
  readonly desk: DeviceDesk;
  readonly board: AdapterBoard;
  readonly channel: MqttChannel;
  readonly rotation: CredentialRotation;
  readonly gatekeeper: Gatekeeper;
  readonly inbox: CommandInbox;
  readonly runner: CommandRunner;
  readonly #logger: Logger;

  constructor(options: HallDevicesOptions) {
    const { config, profiles, store, outbox, segments, faults, clock, logger, report } = options;
    const part = (name: string): Logger => logger.child({ part: name });
    this.#logger = part('devices');
    this.aside = new AsideBook(store.hub, clock, part('aside'));
    this.values = new ValueStore(store.telemetry, clock);
    const { aside, values } = this;
    const devices = { store, outbox, profiles, values, faults, aside, clock, logger: this.#logger };
    this.registry = new DeviceRegistry(devices);
    const { registry } = this;
    this.keeper = new ProfileKeeper({ library: profiles, registry, faults, clock, logger: part('profiles') });
    const asideReport = new AsideReport({ registry, faults, clock });
    aside.onEntry((entry) => asideReport.tell(entry));
    this.intake = new Intake({
      ...{ ...devices, registry, report },
      clockOffsetMs: () => segments.offsetMs,
      onBack: (deviceId) => this.runner.look(deviceId),
    });
    const until = config.join.until === undefined ? {} : { until: Date.parse(config.join.until) };
    this.policy = new JoinPolicyBook(store, clock, { policy: config.join.policy, ...until });
    const { policy } = this;
    this.join = new JoinDesk({
      ...{ registry, profiles, policy, faults, clock },
      logger: part('join'),
      mayRedeliver: (deviceId) => this.rotation.mayRedeliver(deviceId),
      onDeliver: (deviceId) => this.rotation.forget(deviceId),
    });
    this.desk = new DeviceDesk({ registry, profiles, join: this.join, policy, logger: this.#logger });
    const bus = new AccountBus(options.broker);
    this.board = new AdapterBoard({
      ...{ registry, desk: this.desk, intake: this.intake, aside, faults, profiles, clock, logger },
      broker: config.broker.external ? undefined : bus,
      onStatus: options.onStatus,
    });
    this.channel = new MqttChannel(this.board.host('mqtt', 'mqtt'), (deviceId, firmware) =>
      this.#firmware(deviceId, firmware),
    );
    const { board, channel } = this;
    this.rotation = new CredentialRotation({ ...devices, registry, carrier: channel });
    this.gatekeeper = new Gatekeeper({
      ...{ registry, join: this.join, channel, rotation: this.rotation, bus, aside, faults, clock },
      accounts: config.broker.accounts,
      logger: part('broker'),
    });
    this.inbox = new CommandInbox({ store, outbox, clock });
    const prepare = prepareCommand({ registry, desk: this.desk, policy, adapterOf: (id) => board.get(id) });
    this.runner = new CommandRunner({
      ...{ inbox: this.inbox, clock, prepare },
      logger: part('commands'),
      elapsedMs: () => os.uptime() * 1_000,
      unknownForMs: (deviceId) => this.intake.presence.unknownForMs(deviceId),
    });
  }

  #firmware(deviceId: string, firmware: string): void {
    this.registry
      .change(deviceId, { firmware })
      .catch((error) => this.#logger.warn({ deviceId, error: String(error) }, 'firmware not stored'));
  }
}
