import { type HubError, toHubError } from '@hallhub/shared';
import { deriveModbusEvents, type ModbusBinding, type RegisterOrders } from '@hallhub/shared/profile';
import type { ThingValue } from '@hallhub/shared/thing';
import type { AdapterHost, DeviceView, Reading } from '../../ports/index.js';
import type { BusMember, FairBus } from '../fair-bus.js';
import { PresenceReporter } from '../presence-reporter.js';
import type { PlanOptions } from './block-planner.js';
import { decodeBlock } from './decode-block.js';
import type { ModbusClient, RequestOptions } from './modbus-client.js';
import * as exceptions from './modbus-exception.js';
import type { PduRequest } from './pdu.js';
import { ordersOf, type Point, pointsOf } from './point.js';
import type { PollCounters } from './poll-counters.js';
import { PollPlan, type PollRead } from './poll-plan.js';
import type { ProbeBudget } from './probe-budget.js';
import { Slave } from './slave.js';

export interface ModbusDeviceContext {
  readonly host: AdapterHost;
  readonly bus: FairBus<ModbusClient>;
  readonly budget: ProbeBudget;
  readonly counters: PollCounters;
  /** The bus carries RTU frames, which have no transaction id. */
  readonly isRtu: boolean;
}

/** Refusals in a row that could pass, after which they are taken for lasting. */
const lastingAfter = 3;
const firstBusyMs = 200;
const longestBusyMs = 10_000;

/** One slave as a device: what is polled when, its values and events. All its requests go through `ask`. */
export class ModbusDevice implements BusMember<ModbusClient> {
  readonly orders: RegisterOrders;
  readonly points: readonly Point[];
  /** False once the device has refused function code 22. */
  knowsMaskWrite = true;
  readonly slave: Slave;
  readonly #plan: PollPlan;
  readonly #presence: PresenceReporter;
  readonly #last: Record<string, ThingValue> = {};
  readonly #hasEvents: boolean;
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
    const holes = binding.holes.map(({ table, from, to }) => ({ table, address: from, count: to - from + 1 }));
    this.#plan = new PollPlan(this.points, { maxGap: binding.maxGap, maxBlock: binding.maxBlock, holes });
    this.#plan.restart(host.clock.monotonicMs());
    this.#presence = new PresenceReporter(host, view.deviceId);
    this.#hasEvents = Object.keys(binding.events).length > 0;
    // A restart of the unit raises no event again.
    for (const [id, { value }] of host.devices.values(view.deviceId)) if (value !== null) this.#last[id] = value;
    this.slave = new Slave({
      unitId,
      timeoutMs: binding.timeoutMs,
      pauseMs: binding.pauseMs,
      leaveTimeForLateReplies: context.isRtu,
      clock: host.clock,
      bus: context.bus,
      budget: context.budget,
      counters: context.counters,
      onSilence: (error) => {
        if (!this.slave.hasLeft) this.#presence.reportGone('poll', { reason: 'poll_failed', detail: told(error) });
      },
    });
  }

  /** How reads are joined, as far as is known of this device now. */
  get planOptions(): PlanOptions {
    return this.#plan.planOptions;
  }

  nextDueMs(): number {
    return Math.max(this.#plan.nextDueMs(), this.slave.notBeforeMs);
  }

  async work(client: ModbusClient): Promise<void> {
    const read = this.#plan.next(this.#nowMs());
    if (!read) return;
    const wasSilent = this.slave.isSilent;
    try {
      const words = await this.slave.tracked(client, (one, options) =>
        one.read(read.table, read.address, read.count, options),
      );
      if (this.slave.hasLeft) return;
      // Whatever came due while it was away is due now, and not late.
      if (wasSilent) this.#plan.restart(this.#nowMs());
      if (this.#plan.done(read, this.#nowMs())) this.context.counters.latePolls++;
      this.#take(read, words);
      this.#presence.report({ check: 'poll', ok: true, reason: 'poll_ok' });
    } catch (error) {
      if (!this.slave.hasLeft) this.#failed(read, toHubError(error));
    }
  }

  /** One request of this slave as soon as the bus is free, ahead of polls. */
  ask<T>(request: (client: ModbusClient, options: RequestOptions) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.slave.ask(request, signal);
  }

  /** The device's pause, between two requests of one turn on the bus. */
  async pause(signal: AbortSignal): Promise<void> {
    const { pauseMs } = this.binding;
    if (pauseMs > 0) await this.context.host.clock.sleep(pauseMs, signal);
  }

  /** One write to every device on the bus; the bus rests behind it. */
  broadcast(request: PduRequest<unknown>, signal: AbortSignal): Promise<void> {
    const { turnaroundMs } = this.binding;
    const send = async (client: ModbusClient) => {
      this.slave.mustBeHere();
      await client.broadcast(request, { turnaroundMs, signal });
    };
    return this.context.bus.request(send, { signal, owner: this.slave });
  }

  /** Passes values on, and the events that they make. */
  report(reading: Omit<Reading, 'deviceId'>): void {
    if (this.slave.hasLeft) return;
    const { host } = this.context;
    const { deviceId } = this.view;
    const failed = (error: unknown) => host.logger.warn({ err: error, deviceId }, 'a reading was not stored');
    host.reading({ ...reading, deviceId }).catch(failed);
    if (!this.#hasEvents) return;
    const values: Record<string, ThingValue> = {};
    for (const [id, value] of Object.entries(reading.values)) if (value !== null) values[id] = value;
    const events = deriveModbusEvents(this.binding, this.#last, values);
    Object.assign(this.#last, values);
    for (const { event, data } of events) host.event({ deviceId, event, data }).catch(failed);
  }

  linkDown(error: HubError): void {
    this.#presence.reportGone('poll', { reason: 'link_down', detail: error.message });
  }

  linkUp(): void {
    this.#plan.restart(this.#nowMs());
    this.slave.linkUp();
  }

  leave(): void {
    this.slave.leave();
  }

  #take(read: PollRead, words: Uint16Array): void {
    const { counters } = this.context;
    for (const block of read.blocks) {
      const from = block.address - read.address;
      const own = read.blocks.length === 1 ? words : words.subarray(from, from + block.count);
      block.decoded = decodeBlock(block, own, this.orders, block.decoded);
      const { values, quality } = block.decoded;
      counters.pointsRead += block.points.length;
      if (quality) counters.badValues += Object.keys(quality).length;
      this.report(quality ? { values, quality } : { values });
    }
  }

  #failed(read: PollRead, error: HubError): void {
    const nowMs = this.#nowMs();
    if (error.code === 'bug') throw error;
    // A silent slave is looked for again with the same block; how soon is its health's matter.
    if (exceptions.isSilence(error) || error.code === 'link_lost') return;
    const exception = exceptions.exceptionOf(error);
    if (exception === exceptions.illegalFunction) this.#plan.refuseTable(read, nowMs);
    else if (exception === exceptions.illegalDataAddress) this.#plan.refuse(read, nowMs);
    else if (exception === exceptions.illegalDataValue) this.#plan.refuse(read, nowMs, 'length');
    else {
      this.#refusedForNow(read, error, exception);
      return;
    }
    this.#reportRefused(told(error));
  }

  /** Busy, failing or unreadable: the next round may be better; if it is not, the values are no longer to be trusted. */
  #refusedForNow(read: PollRead, error: HubError, exception: number | undefined): void {
    const nowMs = this.#nowMs();
    let refusals = 0;
    for (const block of read.blocks) refusals = Math.max(refusals, ++block.refusals);
    const busyMs = Math.min(longestBusyMs, firstBusyMs * 2 ** Math.min(refusals - 1, 10));
    const everyMs = Math.min(...read.blocks.map((block) => block.everyMs));
    this.#plan.postpone(read, nowMs + (exceptions.isPassing(exception) ? busyMs : everyMs));
    if (refusals % lastingAfter === 0) {
      this.#reportBad(read.points);
      const failing = exception === exceptions.deviceFailure || exception === exceptions.memoryParityError;
      // One register may be what fails: its neighbours are read without it.
      if (failing && read.points.length > 1) this.#plan.refuse(read, nowMs);
    }
    const reason = exception === undefined ? 'poll_failed' : 'refused';
    this.#presence.report({ check: 'poll', ok: false, reason, detail: told(error) });
  }

  #reportRefused(why: string): void {
    const { refused } = this.#plan;
    if (refused.length === 0) return;
    this.#reportBad(refused);
    const ids = refused.map((point) => point.property.id).join(', ');
    const detail = `the device refuses to tell ${ids}: ${why}`;
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

  #nowMs(): number {
    return this.context.host.clock.monotonicMs();
  }
}

const told = (error: HubError): string => (error.hint ? `${error.message} (${error.hint})` : error.message);
