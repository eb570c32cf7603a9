import { type Clock, uuidv7 } from '@hallhub/shared';
import type { Value } from '@hallhub/shared/wire';
import { checkReading } from '../../devices/check-reading.js';
import { modelOf } from '../../devices/device-model.js';
import { matchIdentity } from '../../devices/match-identity.js';
import {
  type Adapter,
  type AdapterEvent,
  type AdapterHost,
  type DeviceView,
  type FoundDevice,
  type LastValue,
  type LoadedProfile,
  type Logger,
  type PresenceEvidence,
  type Reading,
  silentLogger,
} from '../../ports/index.js';

/** What a trial tells while it runs. */
export type TrialItem =
  | { readonly kind: 'found'; readonly at: number; readonly identity: DeviceView['identity']; readonly address: string }
  | {
      readonly kind: 'reading';
      readonly at: number;
      readonly values: Readonly<Record<string, Value>>;
      readonly quality: Readonly<Record<string, string>>;
      /** Values that do not fit the thing model, and derived ones that do not fit their property. */
      readonly problems: readonly string[];
    }
  | { readonly kind: 'event'; readonly at: number; readonly event: string; readonly data: AdapterEvent['data'] }
  | { readonly kind: 'presence'; readonly at: number; readonly ok: boolean; readonly reason: string }
  | { readonly kind: 'fault'; readonly at: number; readonly message: string };

/** The core as an adapter sees it, for one device and one draft: nothing is stored, registered or sent on. */
export class TrialHost implements AdapterHost {
  readonly logger: Logger = silentLogger;
  readonly broker = undefined;
  readonly #profile: LoadedProfile;
  readonly #tell: (item: TrialItem) => void;
  readonly #devices = new Map<string, DeviceView>();
  readonly #values = new Map<string, LastValue>();
  readonly #bad = new Set<string>();
  #lastPresence: string | undefined;
  /** What the device refuses to tell grows while its blocks are cut: told when that has come to rest. */
  #refused: TrialItem | undefined;
  adapter: Adapter | undefined;

  constructor(
    profile: LoadedProfile,
    readonly clock: Clock,
    tell: (item: TrialItem) => void,
  ) {
    this.#profile = profile;
    this.#tell = (item) => {
      this.flush();
      tell(item);
    };
  }

  readonly profiles = {
    list: () => [this.#profile],
    get: (id: string) => (id === this.#profile.id ? this.#profile : undefined),
  };

  readonly devices = {
    get: (id: string) => this.#devices.get(id),
    list: () => [...this.#devices.values()],
    findByAddress: (_adapterId: string, address: string) =>
      [...this.#devices.values()].find((one) => one.address === address),
    values: (): ReadonlyMap<string, LastValue> => this.#values,
    onChange: () => () => undefined,
  };

  /** Tells what is held back. */
  flush(): void {
    const held = this.#refused;
    this.#refused = undefined;
    if (held) this.#tell(held);
  }

  /** The last value of each property, derived ones too. */
  get values(): ReadonlyMap<string, LastValue> {
    return this.#values;
  }

  async found(found: FoundDevice): Promise<DeviceView | undefined> {
    const { adapter } = this;
    if (!adapter) return undefined;
    const known = this.devices.findByAddress(adapter.id, found.address);
    if (known) return known;
    const fits = found.profileId ?? matchIdentity(this.profiles, adapter.protocol, found.identity)?.id;
    const identity = { ...found.identity };
    this.#tell({ kind: 'found', at: this.clock.now(), identity, address: found.address });
    if (fits === undefined) this.fault('', 'the profile’s match does not fit this device; it is tried all the same');
    const view: DeviceView = {
      deviceId: uuidv7(this.clock.now()),
      revision: 1,
      state: 'active',
      identity,
      deviceClass: this.#profile.document.class,
      name: undefined,
      counterId: undefined,
      protocol: adapter.protocol,
      adapterId: adapter.id,
      address: found.address,
      profile: this.#profile,
      presence: 'online',
      reason: undefined,
    };
    this.#devices.set(view.deviceId, view);
    // As in the agent: the adapter is given the device after it has told of it.
    queueMicrotask(() => adapter.attach(view));
    return view;
  }

  async reading(reading: Reading): Promise<void> {
    const at = reading.at ?? this.clock.now();
    const { values, quality, reasons, misfits } = checkReading(reading, modelOf(this.#profile), this.#values);
    for (const [id, value] of Object.entries(values)) {
      this.#values.set(id, { value, at, quality: quality[id] ?? 'good' });
    }
    // That a value is bad is said once; good ones are told each time.
    const fresh = Object.entries(values).filter(([id]) => (quality[id] ?? 'good') === 'good' || !this.#bad.has(id));
    for (const id of Object.keys(values)) {
      if ((quality[id] ?? 'good') === 'good') this.#bad.delete(id);
      else this.#bad.add(id);
    }
    const problems = [...reasons, ...misfits.values()];
    if (fresh.length === 0 && problems.length === 0) return;
    const onlyBad = fresh.every(([id]) => (quality[id] ?? 'good') !== 'good');
    if (onlyBad && problems.length === 0) return;
    this.#tell({ kind: 'reading', at, values: Object.fromEntries(fresh), quality, problems });
  }

  async event({ event, data }: AdapterEvent): Promise<void> {
    this.#tell({ kind: 'event', at: this.clock.now(), event, data });
  }

  presence({ ok, reason, detail }: PresenceEvidence): void {
    const text = detail ? `${reason}, ${detail}` : reason;
    if (`${ok} ${text}` === this.#lastPresence) return;
    this.#lastPresence = `${ok} ${text}`;
    this.#tell({ kind: 'presence', at: this.clock.now(), ok, reason: text });
  }

  aside({ source, reason, payload }: { source: string; reason: string; payload: Uint8Array }): void {
    const bytes = Buffer.from(payload.subarray(0, 64)).toString('hex').replace(/../g, '$& ').trim();
    this.fault('', `${source}: ${reason} (${bytes})`);
  }

  fault(code: string, message: string): void {
    const item: TrialItem = { kind: 'fault', at: this.clock.now(), message };
    if (code === 'registers_refused') this.#refused = item;
    else this.#tell(item);
  }

  statusChanged(): void {
    const status = this.adapter?.status();
    if (status?.state === 'waiting' || status?.state === 'failed') {
      this.fault('', status.reason ?? `the adapter is ${status.state}`);
    } else if (status?.state === 'running' && status.reason) this.fault('', status.reason);
  }
}
