import { type HubError, isHubError, toHubError } from '@hallhub/shared';
import type { ModbusBinding, RegisterOrders } from '@hallhub/shared/profile';
import type { AdapterHost, DeviceView, Reading } from '../../ports/index.js';
import { ChangeWatch } from '../change-watch.js';
import type { BusMember, FairBus } from '../fair-bus.js';
import { PresenceReporter } from '../presence-reporter.js';
import { decodeBlock } from './decode-block.js';
import type { ModbusClient, RequestOptions } from './modbus-client.js';
import { exceptionOf, illegalDataAddress, illegalFunction, isSilence } from './modbus-exception.js';
import { ordersOf, type Point, pointsOf } from './point.js';
import { type PollBlock, PollPlan } from './poll-plan.js';
import { SlaveHealth } from './slave-health.js';

export interface PollCounters {
  requests: number;
  timeouts: number;
  exceptions: number;
  badReplies: number;
  badValues: number;
  latePolls: number;
  pointsRead: number;
}

export const newPollCounters = (): PollCounters => ({
  requests: 0,
  timeouts: 0,
  exceptions: 0,
  badReplies: 0,
  badValues: 0,
  latePolls: 0,
  pointsRead: 0,
});

export interface ModbusDeviceContext {
  readonly host: AdapterHost;
  readonly bus: FairBus<ModbusClient>;
  readonly counters: PollCounters;
}

/** One slave: its poll plan, its health, its values. All its requests go through `ask`. */
export class ModbusDevice implements BusMember<ModbusClient> {
  readonly orders: RegisterOrders;
  readonly points: readonly Point[];
  readonly #plan: PollPlan;
  readonly #health = new SlaveHealth();
  readonly #presence: PresenceReporter;
  readonly #watch: ChangeWatch;
  #pausedUntilMs = 0;
  #refusedBefore = '';

  constructor(
    readonly view: DeviceView,
    readonly binding: ModbusBinding,
    readonly unitId: number,
    private readonly context: ModbusDeviceContext,
  ) {
    const { host } = context;
    this.orders = ordersOf(binding);
    this.points = view.profile ? pointsOf(view.profile.document, binding) : [];
    this.#plan = new PollPlan(this.points, { maxGap: binding.maxGap, maxBlock: binding.maxBlock });
    this.#plan.restart(host.clock.monotonicMs());
    this.#presence = new PresenceReporter(host, view.deviceId);
    this.#watch = new ChangeWatch(
      binding.events,
      [...host.devices.values(view.deviceId)].map(([id, last]) => [id, last.value] as const),
    );
  }

  nextDueMs(): number {
    return Math.max(this.#plan.nextDueMs(), this.#health.notBeforeMs, this.#pausedUntilMs);
  }

  async work(client: ModbusClient): Promise<void> {
    const block = this.#plan.mostDue();
    if (!block) return;
    try {
      const result = await this.#tracked(() => client.read(block.table, block.address, block.count, this.#options()));
      if (this.#plan.done(block, this.#nowMs())) this.context.counters.latePolls++;
      block.decoded = decodeBlock(block, result, this.orders, block.decoded);
      const { values, quality } = block.decoded;
      this.context.counters.pointsRead += block.points.length;
      if (quality) this.context.counters.badValues += Object.keys(quality).length;
      this.report(quality ? { values, quality } : { values });
      this.#presence.report({ check: 'poll', ok: true, reason: 'poll_ok' });
    } catch (error) {
      this.#failed(block, toHubError(error));
    }
  }

  /** One request of this slave as soon as the bus is free, ahead of polls. */
  ask<T>(request: (client: ModbusClient, options: RequestOptions) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.context.bus.request((client) => this.#tracked(() => request(client, this.#options(signal))), {
      ...(signal ? { signal } : {}),
      notBeforeMs: this.#pausedUntilMs,
    });
  }

  /** Passes values on, and the events that they make. */
  report(reading: Omit<Reading, 'deviceId'>): void {
    const { host } = this.context;
    const failed = (error: unknown) =>
      host.logger.warn({ err: error, deviceId: this.view.deviceId }, 'a reading was not stored');
    host.reading({ ...reading, deviceId: this.view.deviceId }).catch(failed);
    for (const { event, data } of this.#watch.changed(reading.values)) {
      host.event({ deviceId: this.view.deviceId, event, data }).catch(failed);
    }
  }

  linkDown(error: HubError): void {
    this.#presence.reportGone('poll', { reason: 'link_down', detail: error.message });
  }

  linkUp(): void {
    this.#plan.restart(this.#nowMs());
    this.#health.answered();
  }

  /** Runs a request and learns from how it ended whether the slave is there. */
  async #tracked<T>(request: () => Promise<T>): Promise<T> {
    const { counters } = this.context;
    counters.requests++;
    try {
      const result = await request();
      this.#health.answered();
      return result;
    } catch (error) {
      if (isSilence(error)) this.#silent(error as HubError);
      else if (exceptionOf(error) !== undefined) {
        counters.exceptions++;
        this.#health.answered();
      } else if (isHubError(error, 'protocol_violation')) counters.badReplies++;
      throw error;
    } finally {
      this.#pausedUntilMs = this.#nowMs() + this.binding.pauseMs;
    }
  }

  #silent(error: HubError): void {
    this.context.counters.timeouts++;
    this.#health.silent(this.#nowMs());
    this.#presence.reportGone('poll', { reason: 'poll_failed', detail: error.message });
  }

  #failed(block: PollBlock, error: HubError): void {
    const nowMs = this.#nowMs();
    // A silent slave is looked for again with the same block; how soon is the health's matter.
    if (isSilence(error) || error.code === 'link_lost') return;
    if (error.code === 'bug') throw error;
    const exception = exceptionOf(error);
    if (exception === illegalDataAddress || exception === illegalFunction) {
      this.#plan.illegalAddress(block, nowMs);
      this.#reportRefused();
      return;
    }
    // Broken replies and passing refusals: the next round may be better, the values meanwhile are not to be trusted.
    this.#plan.postpone(block, nowMs + block.everyMs);
    if (++block.refusals === 3) this.#reportBad(block.points);
    const reason = exception === undefined ? 'poll_failed' : 'refused';
    this.#presence.report({ check: 'poll', ok: false, reason, detail: error.message });
  }

  #reportRefused(): void {
    const refused = [...this.#plan.refused];
    if (refused.length === 0) return;
    this.#reportBad(refused);
    const ids = refused.map((point) => point.property.id).join(', ');
    const detail = `the device has no such registers: ${ids}`;
    if (refused.length === this.points.length)
      this.#presence.report({ check: 'poll', ok: false, reason: 'refused', detail });
    if (this.#refusedBefore === ids) return;
    this.#refusedBefore = ids;
    this.context.host.fault('registers_refused', detail, { deviceId: this.view.deviceId });
  }

  #reportBad(points: readonly Point[]): void {
    const ids = points.map((point) => point.property.id);
    this.report({
      values: Object.fromEntries(ids.map((id) => [id, null])),
      quality: Object.fromEntries(ids.map((id) => [id, 'bad' as const])),
    });
  }

  #options(signal?: AbortSignal): RequestOptions {
    return { unitId: this.unitId, timeoutMs: this.binding.timeoutMs, ...(signal ? { signal } : {}) };
  }

  #nowMs(): number {
    return this.context.host.clock.monotonicMs();
  }
}
