import { Backoff, HubError, isHubError, toHubError } from '@hallhub/shared';
import {
  buildFrame,
  type DecodedFrame,
  decodeFrame,
  type SerialBinding,
  type SerialStep,
  type TemplateValues,
} from '@hallhub/shared/profile';
import type { Value } from '@hallhub/shared/wire';
import type { AdapterHost, CommandRequest, DeviceView, Reading } from '../../ports/index.js';
import type { BusMember } from '../fair-bus.js';
import { PresenceReporter } from '../presence-reporter.js';
import type { Slot } from './config.js';
import { Dialogue } from './dialogue.js';
import { FrameReport } from './frame-report.js';
import { IdentityCheck, type IdentityCheckOptions, isDisplaced } from './identity-check.js';
import type { SerialCounters } from './serial-counters.js';
import type { SerialSession } from './serial-session.js';

interface Poll {
  readonly name: string;
  readonly everyMs: number;
  readonly steps: readonly SerialStep[];
  readonly quiet: boolean;
  nextDueMs: number;
}

export interface SerialDeviceOptions {
  readonly view: DeviceView & { readonly profile: NonNullable<DeviceView['profile']> };
  readonly binding: SerialBinding;
  readonly slot: Slot;
  readonly host: AdapterHost;
  readonly counters: SerialCounters;
  readonly check: Pick<IdentityCheckOptions, 'retryMs' | 'own' | 'others' | 'onOther'>;
  /** A frame of it was understood. */
  onHeard(): void;
}

/** How often an open port counts as evidence for a device that is never asked anything. */
const portCheckEveryMs = 10_000;
/** So many unanswered polls in a row, and somebody else may have taken its place. */
const doubtAfterFailures = 3;

/** A device on a port, as its profile describes it: polls, commands, and what it says by itself. */
export class SerialDevice implements BusMember<SerialSession> {
  readonly view: SerialDeviceOptions['view'];
  readonly binding: SerialBinding;
  readonly slot: Slot;
  readonly report: FrameReport;
  readonly #host: AdapterHost;
  readonly #counters: SerialCounters;
  readonly #params: TemplateValues;
  readonly #dialogue: Dialogue;
  readonly #check: IdentityCheck;
  readonly #polls: Poll[];
  readonly #presence: PresenceReporter;
  /** A device that is silent is asked ever more rarely, so that it does not slow its neighbours. */
  readonly #silence = new Backoff({ firstMs: 1_000, maxMs: 30_000, jitter: 0 });
  #failures = 0;
  #silentUntilMs = 0;
  #portCheckDueMs = 0;
  #hasLeft = false;

  constructor({ view, binding, slot, host, counters, check, onHeard }: SerialDeviceOptions) {
    this.view = view;
    this.binding = binding;
    this.slot = slot;
    this.#host = host;
    this.#counters = counters;
    this.#params = slot.params;
    this.report = new FrameReport(view, host, counters);
    this.#presence = new PresenceReporter(host, view.deviceId);
    this.#dialogue = new Dialogue(
      view.profile.document,
      binding,
      slot.params,
      host.clock,
      counters,
      (decoded, frame) => {
        onHeard();
        if (this.#hasLeft) return;
        this.#answered();
        this.report.tell(decoded, frame);
      },
    );
    this.#check = new IdentityCheck({
      ...check,
      view,
      slot,
      clock: host.clock,
      onOther: (found) => {
        this.#presence.reportGone(this.#mainCheck, {
          reason: 'silent',
          detail: isDisplaced(this.#check) ?? '',
          decisive: true,
        });
        check.onOther(found);
      },
      onSilent: () => {
        if (!this.#isByPort) this.#pollFailed('it does not say who it is');
      },
    });
    this.#polls = Object.entries(binding.polls).map(([name, poll]) => ({ name, ...poll, nextDueMs: 0 }));
  }

  get #isByPort(): boolean {
    return this.#polls.length === 0 || this.binding.idlePresence === 'port';
  }

  get #mainCheck(): string {
    return this.#isByPort ? 'port' : 'poll';
  }

  nextDueMs(): number {
    if (this.#check.state !== 'right') return this.#check.notBeforeMs;
    const polls = Math.max(this.#silentUntilMs, Math.min(...this.#polls.map((poll) => poll.nextDueMs)));
    return this.#isByPort ? Math.min(this.#portCheckDueMs, polls) : polls;
  }

  async work(session: SerialSession, signal: AbortSignal): Promise<void> {
    try {
      if (this.#check.state !== 'right') await this.#check.step(session, signal);
      else if (this.#isByPort && this.#portCheckDueMs <= this.#nowMs()) this.#portIsOpen();
      else await this.#poll(session, signal);
    } catch (error) {
      // The link is gone or the bus ends: whoever serves it says so.
      if (!signal.aborted && !isHubError(error, 'link_lost')) throw error;
    }
  }

  async execute(session: SerialSession, request: CommandRequest): Promise<Record<string, unknown> | undefined> {
    const command = this.binding.commands[request.command];
    if (!command) throw new HubError('unsupported', `the profile binds no command ${request.command}`);
    await this.#mustBeHere(session, request.signal);
    const output = await this.#dialogue.run(session, command.steps, {
      values: request.input as TemplateValues,
      signal: request.signal,
      command: request.command,
    });
    return Object.keys(output).length > 0 ? output : undefined;
  }

  async write(session: SerialSession, id: string, value: Value, signal: AbortSignal): Promise<void> {
    const write = this.binding.writes[id];
    if (!write) throw new HubError('unsupported', `the profile binds no write to ${id}`);
    if (value === null) throw new HubError('invalid_input', `${id} cannot be set to nothing`);
    await this.#mustBeHere(session, signal);
    await this.#dialogue.run(session, write.steps, { values: { value }, signal });
  }

  /** Polls whatever brings these properties, and gives what came. */
  async read(session: SerialSession, ids: readonly string[], signal: AbortSignal): Promise<Reading> {
    await this.#mustBeHere(session, signal);
    const values: Record<string, Value> = {};
    for (const poll of this.#polls) {
      const brings = poll.steps.flatMap((step) =>
        step.expect.flatMap((name) => Object.keys(this.binding.frames[name]?.properties ?? {})),
      );
      if (!ids.some((id) => brings.includes(id) && !(id in values))) continue;
      try {
        await this.#dialogue.run(session, poll.steps, { values: {}, signal, seen: values });
      } catch (error) {
        if (!(poll.quiet && isHubError(error, 'device_refused'))) throw error;
      }
    }
    const missing = ids.filter((id) => !(id in values));
    if (missing.length === ids.length) {
      throw new HubError('unsupported', `nothing that can be asked brings ${missing.join(', ')}`, {
        context: { missing },
      });
    }
    return {
      deviceId: this.view.deviceId,
      values: Object.fromEntries(ids.filter((id) => id in values).map((id) => [id, values[id] ?? null])),
    };
  }

  /** A frame that came by itself; what acknowledges it goes out by `send`. False: it is none of this device's. */
  unsolicited(frame: Uint8Array, send: (bytes: Uint8Array) => void): boolean {
    const decoded: DecodedFrame = decodeFrame(this.binding, this.view.profile.document.thing, frame, {
      params: this.#params,
    });
    if (decoded.frame === undefined) return false;
    if (this.#check.state !== 'right') {
      this.#counters.heldFrames++;
      return true;
    }
    this.#counters.framesIn++;
    const { acknowledge } = this.binding.frames[decoded.frame] ?? {};
    if (acknowledge) {
      try {
        send(buildFrame(this.binding, acknowledge.send, {}, { params: this.#params, raw: acknowledge.raw }));
      } catch (error) {
        // The frame counts all the same; a device that does not hear of it says it again.
        this.#host.logger.warn({ err: error, deviceId: this.view.deviceId }, 'a frame could not be acknowledged');
      }
    }
    this.#answered();
    this.report.tell(decoded, frame);
    return true;
  }

  /** It is served no longer: what still comes of it is nobody's, and nothing that waits is sent to it. */
  leave(): void {
    this.#hasLeft = true;
  }

  linkUp(): void {
    for (const poll of this.#polls) poll.nextDueMs = 0;
    this.#portCheckDueMs = 0;
    this.#failures = 0;
    this.#silentUntilMs = 0;
    this.#silence.reset();
    this.#check.restart();
  }

  /** `gone`: the port itself vanished, there is nothing to doubt. */
  linkDown(error: HubError, gone: boolean): void {
    this.#presence.reportGone(this.#mainCheck, { reason: 'link_down', detail: error.message, decisive: gone });
  }

  async #mustBeHere(session: SerialSession, signal: AbortSignal): Promise<void> {
    const { deviceId, address } = this.view;
    if (this.#hasLeft) {
      throw new HubError('unavailable', `${address} is no longer served as it was when this was asked for`, {
        context: { deviceId },
      });
    }
    await this.#check.hurry(session, signal);
    const why = isDisplaced(this.#check);
    if (why !== undefined) throw new HubError('unavailable', `the device is not on its line: ${why}`);
  }

  #portIsOpen(): void {
    this.#portCheckDueMs = this.#nowMs() + portCheckEveryMs;
    const detail = 'the port is open; the device is never asked';
    this.#presence.report({ check: 'port', ok: true, reason: 'poll_ok', detail });
  }

  async #poll(session: SerialSession, signal: AbortSignal): Promise<void> {
    const poll = this.#polls.reduce((best, one) => (one.nextDueMs < best.nextDueMs ? one : best));
    const startedMs = this.#nowMs();
    try {
      await this.#dialogue.run(session, poll.steps, { values: {}, signal, isOnce: this.#failures > 0 });
      if (this.#hasLeft) return;
      this.#presence.report({ check: 'poll', ok: true, reason: 'poll_ok' });
    } catch (error) {
      if (signal.aborted || isHubError(error, 'link_lost')) throw error;
      if (this.#hasLeft) return;
      this.#pollEnded(poll, toHubError(error));
    } finally {
      // A poll that took longer than its interval leaves the line to others before it comes again.
      poll.nextDueMs = Math.max(startedMs + poll.everyMs, this.#nowMs() + Math.min(poll.everyMs, 50));
    }
    if (this.#failures > 0) poll.nextDueMs = Math.min(poll.nextDueMs, this.#silentUntilMs);
  }

  #pollEnded(poll: Poll, error: HubError): void {
    if (error.code === 'bug') throw error;
    if (error.code !== 'device_refused') this.#pollFailed(error.message);
    else if (poll.quiet) this.#presence.report({ check: 'poll', ok: true, reason: 'poll_ok' });
    else this.#presence.report({ check: 'poll', ok: false, reason: 'refused', detail: error.message });
  }

  #pollFailed(detail: string): void {
    this.#failures++;
    this.#silentUntilMs = this.#nowMs() + this.#silence.nextMs();
    if (!this.#isByPort) this.#presence.report({ check: 'poll', ok: false, reason: 'poll_failed', detail });
    if (this.#failures === doubtAfterFailures) this.#check.doubt();
  }

  /** A device that is polled is judged by its polls, and a frame that it sends by itself answers them as well. */
  #answered(): void {
    this.#failures = 0;
    this.#silentUntilMs = 0;
    this.#silence.reset();
    this.#presence.report({ check: this.#polls.length > 0 ? 'poll' : 'traffic', ok: true, reason: 'traffic' });
  }

  #nowMs(): number {
    return this.#host.clock.monotonicMs();
  }
}
