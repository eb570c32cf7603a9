import { type Clock, isHubError, uuidv7 } from '@hallhub/shared';
import { checkEvent, maskPersonalFields } from '@hallhub/shared/thing';
import type { PresenceRow, SampleRow, Severity, Value } from '@hallhub/shared/wire';
import type { Outbox } from '../outbox/index.js';
import type { AdapterEvent, DeviceView, Logger, PresenceEvidence, Reading } from '../ports/index.js';
import type { Store } from '../store/index.js';
import type { AsideBook } from './aside-book.js';
import { asideValues } from './aside-payload.js';
import { type CheckedReading, checkReading, reasonOf } from './check-reading.js';
import { modelOf } from './device-model.js';
import type { DeviceRegistry } from './device-registry.js';
import { PresenceTracker } from './presence-tracker.js';
import { readingTime } from './reading-time.js';
import { type Quality, Reporter, type ReportLimits } from './reporter.js';
import type { ValueStore } from './value-store.js';

const eventMemoryMs = 7 * 86_400_000;
/** A polled device is not waiting for an acknowledgement, as one on MQTT is: fewer and larger commits cost less. */
const polledPatienceMs = 250;

export type IntakeItem =
  | {
      readonly kind: 'reading';
      readonly at: number;
      readonly deviceId: string;
      readonly values: Readonly<Record<string, Value>>;
      readonly quality: Readonly<Record<string, 'uncertain' | 'bad'>>;
      readonly reported: boolean;
    }
  | {
      readonly kind: 'event';
      readonly at: number;
      readonly deviceId: string;
      readonly event: string;
      readonly severity: Severity;
      readonly data: Record<string, unknown>;
    }
  | {
      readonly kind: 'presence';
      readonly at: number;
      readonly deviceId: string;
      readonly state: PresenceRow['state'];
      readonly reason: PresenceRow['reason'];
      readonly detail: string | undefined;
    };

export interface IntakeOptions {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly registry: DeviceRegistry;
  readonly values: ValueStore;
  readonly aside: AsideBook;
  readonly clock: Clock;
  /** What the unit's clock is off, as far as it is known: true time less the unit's. */
  readonly clockOffsetMs: () => number | null;
  readonly logger: Logger;
  readonly report: ReportLimits;
  /** The first that is heard of a device since the start. */
  readonly onBack?: (deviceId: string) => void;
}

/** Of one reading what is to be told. */
interface News {
  readonly values: CheckedReading['values'];
  readonly quality: CheckedReading['quality'] | undefined;
  readonly count: number;
}

/** Where everything that devices say comes in: checked against the thing model, thinned by dead bands, put into the outbox. */
export class Intake {
  readonly presence: PresenceTracker;
  readonly #options: IntakeOptions;
  readonly #reporter = new Reporter();
  /** Derived values that do not fit, by device and property: told once, not with every reading. */
  readonly #misfits = new Map<string, ReadonlyMap<string, string>>();
  readonly #listeners = new Set<(item: IntakeItem) => void>();
  #dropped = 0;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.presence = new PresenceTracker(
      options.clock,
      (deviceId, change) => this.#presenceChanged(deviceId, change),
      options.onBack,
    );
    const { registry } = options;
    for (const device of registry.list()) this.#watch(device);
    registry.onChange(({ device }) => this.#watch(device));
  }

  /** Reports about devices that are not active. */
  get dropped(): number {
    return this.#dropped;
  }

  onItem(listener: (item: IntakeItem) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves after the group commit of what is to be told of it. */
  async reading(reading: Reading): Promise<void> {
    const { registry, clock, values, store, outbox } = this.#options;
    const device = registry.get(reading.deviceId);
    if (device?.state !== 'active') {
      this.#dropped += 1;
      return;
    }
    const { deviceId } = device;
    const now = clock.now();
    const at = reading.at === undefined ? now : readingTime(reading.at, now, this.#options.clockOffsetMs());
    const model = device.profile && modelOf(device.profile);
    const checked = checkReading(reading, model, values.of(deviceId));
    if (checked.reasons.length > 0) void this.#aside(device, 'telemetry', checked.reasons.join('; '), reading.values);
    this.#tellMisfits(device, checked.misfits, checked.values);
    this.#noteFirmware(device, checked.values);
    const news = this.#news(device, checked, { at, now });
    if (!news) return;
    const reported = news.count > 0;
    if (this.#listeners.size > 0) {
      this.#emit({ kind: 'reading', at, deviceId, values: checked.values, quality: checked.quality, reported });
    }
    if (!reported) return;
    const row: SampleRow = {
      kind: 'sample',
      at,
      deviceId,
      values: model?.personal.length === 0 ? news.values : maskPersonalFields(model?.personal ?? [], news.values),
      ...(news.quality ? { quality: news.quality } : {}),
    };
    try {
      const patienceMs = device.protocol === 'mqtt' ? 0 : polledPatienceMs;
      await store.telemetry.commit.write((tx) => outbox.append(tx, outbox.telemetryLane(), row), { patienceMs });
    } catch (error) {
      this.#reporter.of(deviceId).takeBack(Object.keys(news.values));
      if (!isHubError(error, 'too_large')) throw error;
      // It would come again and again: no batch could ever carry it.
      await this.#aside(device, 'telemetry', error.message, news.values);
    }
  }

  /** Takes values up as the last ones and picks those worth telling; undefined where there is none at all. */
  #news(device: DeviceView, checked: CheckedReading, time: { at: number; now: number }): News | undefined {
    const { deviceId, profile, protocol } = device;
    const { clock, values, report } = this.#options;
    const model = profile && modelOf(profile);
    const last = values.device(deviceId);
    const told = this.#reporter.of(deviceId);
    const monoMs = clock.monotonicMs();
    const news: string[] = [];
    let newsQuality: Record<string, 'uncertain' | 'bad'> | undefined;
    let [seen, soon] = [0, false];
    const isAllGood = Object.keys(checked.quality).length === 0;
    // Few models have these: a value costs a look-up in each, and there are thousands a second.
    const internal = model?.internal.size ? model.internal : undefined;
    const deadBands = model?.deadBands.size ? model.deadBands : undefined;
    const now = { value: null as Value, quality: 'good' as Quality, monoMs };
    for (const id in checked.values) {
      const value = checked.values[id] as Value;
      const said = isAllGood || !Object.hasOwn(checked.quality, id) ? undefined : checked.quality[id];
      const quality: Quality = said ?? 'good';
      seen += 1;
      const changed = last.put(id, value, quality, time);
      // A number that is polled is there again a moment after a restart, unless an event goes by what it was.
      if (changed && !(protocol === 'modbus' && typeof value === 'number' && !model?.watched.has(id))) soon = true;
      if (internal?.has(id)) continue;
      now.value = value;
      now.quality = quality;
      if (!told.offer(id, now, report, deadBands?.get(id))) continue;
      news.push(id);
      if (said) {
        newsQuality ??= {};
        newsQuality[id] = said;
      }
    }
    if (seen === 0) return undefined;
    last.mark(soon ? 'soon' : 'later');
    return {
      values: news.length === seen ? checked.values : pick(checked.values, news),
      quality: newsQuality,
      count: news.length,
    };
  }

  async event(event: AdapterEvent): Promise<void> {
    const { registry, clock, store, outbox } = this.#options;
    const device = registry.get(event.deviceId);
    if (device?.state !== 'active') {
      this.#dropped += 1;
      return;
    }
    const model = device.profile?.document.thing.events.find(({ id }) => id === event.event);
    const checked = model ? checkEvent(model, event.data) : undefined;
    if ((device.profile && !model) || (checked && !checked.ok)) {
      const reason =
        checked && !checked.ok ? reasonOf(checked.errors, model?.fields ?? []) : `there is no event ${event.event}`;
      await this.#aside(device, `event ${event.event}`, reason, event.data);
      return;
    }
    const at = clock.now();
    const id = event.id ?? uuidv7(at);
    const severity = event.severity ?? model?.severity ?? 'info';
    const data = (checked?.ok ? checked.value : event.data) as Record<string, never>;
    const write = store.hub.commit.write((tx) => {
      if (event.id !== undefined) {
        const seen = tx.db.prepare('INSERT OR IGNORE INTO event_seen (device_id, event_id, at) VALUES (?, ?, ?)');
        if (seen.run(device.deviceId, event.id, at).changes === 0) return false;
      }
      const deviceAt = event.deviceAt === undefined ? {} : { deviceAt: event.deviceAt };
      outbox.append(tx, 'events', {
        kind: 'event',
        at,
        id,
        deviceId: device.deviceId,
        event: event.event,
        severity,
        // What is about a person stays in the hall; the cloud gets enough to recognise it.
        data: maskPersonalFields(model?.fields ?? [], data),
        ...deviceAt,
      });
      return true;
    });
    const isNew = await write.catch(async (error) => {
      if (!isHubError(error, 'too_large')) throw error;
      await this.#aside(device, `event ${event.event}`, error.message, event.data);
      return false;
    });
    if (isNew) this.#emit({ kind: 'event', at, deviceId: device.deviceId, event: event.event, severity, data });
  }

  evidence(evidence: PresenceEvidence): void {
    this.presence.evidence(evidence);
  }

  /** What only has to be done now and then. */
  async tidy(): Promise<void> {
    const { store, clock } = this.#options;
    await store.hub.commit.write(
      (tx) => void tx.db.prepare('DELETE FROM event_seen WHERE at < ?').run(clock.now() - eventMemoryMs),
    );
  }

  #watch(device: DeviceView): void {
    if (device.state === 'active') {
      const record = this.#options.registry.record(device.deviceId);
      if (record) {
        this.presence.watch(device.deviceId, {
          state: record.presence,
          reason: record.presenceReason,
          since: record.presenceSince,
        });
      }
    } else {
      this.presence.forget(device.deviceId);
      this.#reporter.forget(device.deviceId);
      this.#misfits.delete(device.deviceId);
    }
  }

  #tellMisfits(device: DeviceView, misfits: ReadonlyMap<string, string>, values: CheckedReading['values']): void {
    const told = this.#misfits.get(device.deviceId);
    if (misfits.size === 0 && !told) return;
    const fresh = [...misfits].filter(([id]) => !told?.has(id));
    // Told again once it has fitted in between.
    const still = [...(told ?? []), ...misfits].filter(([id]) => misfits.has(id) || !(id in values));
    if (still.length > 0) this.#misfits.set(device.deviceId, new Map(still));
    else this.#misfits.delete(device.deviceId);
    if (fresh.length > 0) void this.#aside(device, 'derived', fresh.map(([, message]) => message).join('; '), values);
  }

  /** On a bus the version in use is known by reading it; the parts of the profile that go by it follow. */
  #noteFirmware(device: DeviceView, values: CheckedReading['values']): void {
    const { profile, protocol, identity, deviceId } = device;
    const value = values[profile?.document.firmware?.versionProperty ?? ''];
    if (value === undefined || value === null || value === '' || protocol === 'mqtt' || protocol === 'onvif') return;
    const firmware = String(value).slice(0, 100);
    if (firmware === identity.firmware) return;
    const { registry, logger } = this.#options;
    registry
      .change(deviceId, { firmware })
      .catch((error) => logger.warn({ deviceId, error: String(error) }, 'firmware not stored'));
  }

  #aside(device: DeviceView, source: string, reason: string, values: Readonly<Record<string, unknown>>): Promise<void> {
    return this.#options.aside.put({
      deviceId: device.deviceId,
      source,
      reason,
      payload: Buffer.from(JSON.stringify(asideValues(device, values))),
    });
  }

  #presenceChanged(
    deviceId: string,
    change: {
      state: PresenceRow['state'];
      reason: PresenceRow['reason'];
      since: number;
      evidence: PresenceRow['evidence'];
      detail: string | undefined;
    },
  ): void {
    const { store, outbox, registry, logger } = this.#options;
    const { state, reason, since, evidence, detail } = change;
    store.hub.commit
      .write((tx) => {
        registry.setPresence(tx, deviceId, { presence: state, presenceReason: reason, presenceSince: since });
        outbox.append(tx, 'events', {
          kind: 'presence',
          at: since,
          deviceId,
          state,
          reason,
          evidence,
          ...(detail === undefined ? {} : { detail }),
        });
      })
      .catch((error) => logger.error({ deviceId, error: String(error) }, 'presence could not be stored'));
    logger.info({ deviceId, state, reason, detail }, 'presence changed');
    this.#emit({ kind: 'presence', at: since, deviceId, state, reason, detail });
  }

  #emit(item: IntakeItem): void {
    for (const listener of this.#listeners) listener(item);
  }
}

const pick = (values: CheckedReading['values'], ids: readonly string[]): CheckedReading['values'] => {
  const picked: Record<string, Value> = {};
  for (const id of ids) picked[id] = values[id] as Value;
  return picked;
};
