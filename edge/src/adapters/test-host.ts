import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Clock, systemClock, uuidv7 } from '@hallhub/shared';
import { loadCorpus, type Profile, parseProfile, profileHash, profileId } from '@hallhub/shared/profile';
import type {
  AdapterEvent,
  AdapterHost,
  BrokerClientChange,
  BrokerMessage,
  BrokerPort,
  DeviceView,
  FoundDevice,
  LastValue,
  LoadedProfile,
  PresenceEvidence,
  Reading,
} from '../ports/index.js';
import { silentLogger } from '../ports/index.js';

const profileFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../firmware-profiles');

export const loadedProfile = (document: Profile, file = 'test.yaml'): LoadedProfile => ({
  id: profileId(document),
  version: document.version,
  hash: profileHash(document),
  document,
  file,
});

/** A profile written in a test. */
export const profileOf = (yaml: string): LoadedProfile => {
  const parsed = parseProfile(yaml, 'test.yaml');
  if (!parsed.ok)
    throw new Error(parsed.issues.map((issue) => `${issue.line}: ${issue.path}: ${issue.message}`).join('\n'));
  return loadedProfile(parsed.profile);
};

/** The profiles of the repository. */
export const corpus = (): LoadedProfile[] => {
  const files = readdirSync(profileFolder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => ({ path: name, text: readFileSync(path.join(profileFolder, name), 'utf8') }));
  return loadCorpus(files).entries.map(({ profile, path: file }) => loadedProfile(profile, file));
};

const sameIdentity = (a: DeviceView['identity'], b: DeviceView['identity']): boolean =>
  a.vendor === b.vendor && a.model === b.model && a.serial === b.serial;

/** What the core is to an adapter, remembering everything that the adapter said. */
export class TestHost implements AdapterHost {
  readonly logger = silentLogger;
  readonly readings: Reading[] = [];
  readonly events: AdapterEvent[] = [];
  readonly evidence: PresenceEvidence[] = [];
  readonly foundDevices: FoundDevice[] = [];
  readonly asides: { source: string; reason: string; payload: Uint8Array }[] = [];
  readonly faults: { code: string; message: string; context: unknown }[] = [];
  readonly broker: MemoryBroker = new MemoryBroker();
  readonly #devices = new Map<string, DeviceView>();
  readonly #waiters = new Set<() => void>();
  readonly #known = new Map<string, Map<string, LastValue>>();
  onFound: ((view: DeviceView) => void) | undefined;

  constructor(
    readonly list: readonly LoadedProfile[],
    private readonly adapterId: string,
    readonly clock: Clock = systemClock,
  ) {}

  readonly profiles = {
    list: () => this.list,
    get: (id: string) => this.list.find((one) => one.id === id),
  };

  readonly devices = {
    get: (id: string) => this.#devices.get(id),
    list: () => [...this.#devices.values()],
    findByAddress: (_adapterId: string, address: string) =>
      [...this.#devices.values()].find((one) => one.address === address),
    values: (id: string): ReadonlyMap<string, LastValue> => this.#known.get(id) ?? new Map(),
    onChange: () => () => undefined,
  };

  /** Registers a device as active, as if a person had approved it. */
  device(
    address: string,
    profile: LoadedProfile,
    protocol: DeviceView['protocol'],
    known: Record<string, LastValue> = {},
  ): DeviceView {
    const { document } = profile;
    const view: DeviceView = {
      deviceId: uuidv7(),
      revision: 1,
      state: 'active',
      identity: { vendor: document.vendor, model: document.model, serial: address },
      deviceClass: document.class,
      name: undefined,
      counterId: undefined,
      protocol,
      adapterId: this.adapterId,
      address,
      profile,
      presence: 'offline',
      reason: undefined,
    };
    this.#devices.set(view.deviceId, view);
    this.#known.set(view.deviceId, new Map(Object.entries(known)));
    return view;
  }

  async found(found: FoundDevice): Promise<DeviceView> {
    this.foundDevices.push(found);
    const profile = this.list.find((one) => one.id === found.profileId);
    const known =
      this.devices.findByAddress(this.adapterId, found.address) ??
      this.devices.list().find(({ identity }) => sameIdentity(identity, found.identity));
    const made = !known && profile ? this.device(found.address, profile, 'modbus') : known;
    if (!made) {
      this.#changed();
      throw new Error(`no profile for ${found.address}`);
    }
    const isNew = !known || !sameIdentity(known.identity, found.identity) || known.address !== found.address;
    const view = { ...made, identity: found.identity, address: found.address };
    this.#devices.set(view.deviceId, view);
    this.#changed();
    if (isNew) this.onFound?.(view);
    return view;
  }

  async reading(reading: Reading): Promise<void> {
    this.readings.push(reading);
    this.#changed();
  }

  async event(event: AdapterEvent): Promise<void> {
    this.events.push(event);
    this.#changed();
  }

  presence(evidence: PresenceEvidence): void {
    this.evidence.push(evidence);
    this.#changed();
  }

  aside(entry: { source: string; reason: string; payload: Uint8Array }): void {
    this.asides.push(entry);
    this.#changed();
  }

  fault(code: string, message: string, context?: unknown): void {
    this.faults.push({ code, message, context });
    this.#changed();
  }

  statusChanged(): void {
    this.#changed();
  }

  /** The last value reported of a property. */
  value(id: string): unknown {
    return this.readings.findLast((reading) => id in reading.values)?.values[id];
  }

  lastEvidence(check: string): PresenceEvidence | undefined {
    return this.evidence.findLast((one) => one.check === check);
  }

  /** Resolves when the condition holds; rejects after `deadlineMs`, saying what was awaited. */
  until(what: string, condition: () => boolean, deadlineMs = 60_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (!condition()) return;
        end();
        resolve();
      };
      const end = () => {
        clearTimeout(late);
        clearInterval(tick);
        this.#waiters.delete(check);
      };
      const late = setTimeout(() => {
        end();
        reject(new Error(`waited ${deadlineMs} ms for: ${what}`));
      }, deadlineMs);
      // Some conditions (counters) change without a report.
      const tick = setInterval(check, 20);
      this.#waiters.add(check);
      check();
    });
  }

  #changed(): void {
    for (const check of [...this.#waiters]) check();
  }
}

/** A broker without a network: what tests publish reaches the adapter, what the adapter publishes is kept. */
export class MemoryBroker implements BrokerPort {
  readonly published: { topic: string; payload: string; qos: number; retain: boolean }[] = [];
  readonly #handlers = new Set<{ filter: string; handler: (message: BrokerMessage) => void | Promise<void> }>();
  onPublish: ((topic: string, payload: string) => void) | undefined;

  get listeners(): number {
    return this.#handlers.size;
  }

  onMessage(filter: string, handler: (message: BrokerMessage) => void | Promise<void>): () => void {
    const entry = { filter, handler };
    this.#handlers.add(entry);
    return () => this.#handlers.delete(entry);
  }

  onClient(_handler: (change: BrokerClientChange) => void): () => void {
    return () => undefined;
  }

  async publish(
    topic: string,
    payload: string | Uint8Array,
    { qos = 0, retain = false }: { qos?: 0 | 1; retain?: boolean } = {},
  ): Promise<void> {
    const text = Buffer.from(payload as Uint8Array).toString('utf8');
    this.published.push({ topic, payload: text, qos, retain });
    this.onPublish?.(topic, text);
  }

  /** As a device would: rejects with what a handler throws. */
  async deliver(topic: string, payload: string, retain = false): Promise<void> {
    const message: BrokerMessage = {
      topic,
      payload: Buffer.from(payload),
      qos: 1,
      retain,
      clientId: 'test',
      userName: 'test',
    };
    const matching = [...this.#handlers].filter(({ filter }) => fits(filter, topic));
    await Promise.all(matching.map(({ handler }) => handler(message)));
  }
}

const fits = (filter: string, topic: string): boolean => {
  const levels = topic.split('/');
  const wanted = filter.split('/');
  return wanted.length === levels.length && wanted.every((level, at) => level === '+' || level === levels[at]);
};
