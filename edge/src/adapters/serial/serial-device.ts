import { HubError, isHubError, toHubError } from '@hallhub/shared';
import {
  buildFrame,
  type DecodedFrame,
  decodeFrame,
  type FrameFault,
  type Profile,
  type SerialBinding,
  type SerialStep,
  type TemplateValues,
} from '@hallhub/shared/profile';
import type { Value } from '@hallhub/shared/wire';
import type { AdapterHost, CommandRequest, DeviceView, Reading } from '../../ports/index.js';
import type { BusMember } from '../fair-bus.js';
import { PresenceReporter } from '../presence-reporter.js';
import type { SerialSession } from './serial-session.js';

export interface SerialCounters {
  framesIn: number;
  framesOut: number;
  unknownFrames: number;
  corruptFrames: number;
  noiseBytes: number;
  timeouts: number;
  refusals: number;
  badValues: number;
}

export const newSerialCounters = (): SerialCounters => ({
  framesIn: 0,
  framesOut: 0,
  unknownFrames: 0,
  corruptFrames: 0,
  noiseBytes: 0,
  timeouts: 0,
  refusals: 0,
  badValues: 0,
});

interface Poll {
  readonly name: string;
  readonly everyMs: number;
  readonly steps: readonly SerialStep[];
  readonly quiet: boolean;
  nextDueMs: number;
}

/** Start, length and command of any frame, and nothing of what follows. */
const maxPersonalBytes = 12;

/** How often an open port counts as evidence for a device that is never asked anything. */
const portCheckEveryMs = 10_000;

/** The device on a port, as its profile describes it: polls, commands, and what it says by itself. */
export class SerialDevice implements BusMember<SerialSession> {
  readonly #polls: Poll[];
  readonly #presence: PresenceReporter;
  readonly #profile: Profile;
  readonly #isPersonal: boolean;
  #portCheckDueMs = 0;

  constructor(
    readonly view: DeviceView & { readonly profile: NonNullable<DeviceView['profile']> },
    readonly binding: SerialBinding,
    private readonly params: TemplateValues,
    private readonly host: AdapterHost,
    private readonly counters: SerialCounters,
  ) {
    this.#profile = view.profile.document;
    this.#presence = new PresenceReporter(host, view.deviceId);
    const { properties, events } = this.#profile.thing;
    this.#isPersonal = [...properties, ...events.flatMap((event) => event.fields)].some((one) => one.personal);
    this.#polls = Object.entries(binding.polls).map(([name, poll]) => ({ name, ...poll, nextDueMs: 0 }));
  }

  nextDueMs(): number {
    return this.#polls.length === 0 ? this.#portCheckDueMs : Math.min(...this.#polls.map((poll) => poll.nextDueMs));
  }

  async work(session: SerialSession, signal: AbortSignal): Promise<void> {
    const [first, ...others] = this.#polls;
    if (!first) {
      this.#portCheckDueMs = this.#nowMs() + portCheckEveryMs;
      this.#presence.report({
        check: 'port',
        ok: true,
        reason: 'poll_ok',
        detail: 'the port is open; the device is never asked',
      });
      return;
    }
    const poll = others.reduce((best, one) => (one.nextDueMs < best.nextDueMs ? one : best), first);
    const startedMs = this.#nowMs();
    try {
      await this.#runSteps(session, poll.steps, { values: {}, signal });
      this.#presence.report({ check: 'poll', ok: true, reason: 'poll_ok' });
    } catch (error) {
      this.#pollFailed(poll, toHubError(error), signal);
    } finally {
      // A poll that took longer than its interval leaves the line to others before it comes again.
      poll.nextDueMs = Math.max(startedMs + poll.everyMs, this.#nowMs() + Math.min(poll.everyMs, 50));
    }
  }

  async execute(session: SerialSession, request: CommandRequest): Promise<Record<string, unknown> | undefined> {
    const command = this.binding.commands[request.command];
    if (!command) throw new HubError('unsupported', `the profile binds no command ${request.command}`);
    const values = request.input as TemplateValues;
    const output = await this.#runSteps(session, command.steps, {
      values,
      signal: request.signal,
      command: request.command,
    });
    return Object.keys(output).length > 0 ? output : undefined;
  }

  async write(session: SerialSession, id: string, value: Value, signal: AbortSignal): Promise<void> {
    const write = this.binding.writes[id];
    if (!write) throw new HubError('unsupported', `the profile binds no write to ${id}`);
    if (value === null) throw new HubError('invalid_input', `${id} cannot be set to nothing`);
    await this.#runSteps(session, write.steps, { values: { value }, signal });
  }

  /** Polls whatever brings these properties, and gives what came. */
  async read(session: SerialSession, ids: readonly string[], signal: AbortSignal): Promise<Reading> {
    const values: Record<string, Value> = {};
    for (const poll of this.#polls) {
      const brings = poll.steps.flatMap((step) =>
        step.expect.flatMap((name) => Object.keys(this.binding.frames[name]?.properties ?? {})),
      );
      if (!ids.some((id) => brings.includes(id) && !(id in values))) continue;
      try {
        await this.#runSteps(session, poll.steps, { values: {}, signal, seen: values });
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

  /** A frame that came by itself. */
  unsolicited(frame: Uint8Array): void {
    this.counters.framesIn++;
    const decoded = decodeFrame(this.binding, this.#profile.thing, frame);
    if (decoded.frame === undefined) {
      this.counters.unknownFrames++;
      this.#aside('no frame of the profile fits', frame);
      return;
    }
    this.#heard();
    this.#report(decoded, frame);
  }

  fault(fault: FrameFault): void {
    if (fault.kind === 'noise') {
      this.counters.noiseBytes += fault.bytes.length;
      return;
    }
    this.counters.corruptFrames++;
    this.#aside(`broken frame: ${fault.kind}`, fault.bytes);
  }

  linkUp(): void {
    for (const poll of this.#polls) poll.nextDueMs = 0;
    this.#portCheckDueMs = 0;
  }

  /** `gone`: the port itself vanished, there is nothing to doubt. */
  linkDown(error: HubError, gone: boolean): void {
    this.#presence.reportGone(this.#polls.length > 0 ? 'poll' : 'port', {
      reason: 'link_down',
      detail: error.message,
      decisive: gone,
    });
  }

  async #runSteps(
    session: SerialSession,
    steps: readonly SerialStep[],
    run: { values: TemplateValues; signal: AbortSignal; command?: string; seen?: Record<string, Value> },
  ): Promise<Record<string, unknown>> {
    const output: Record<string, unknown> = {};
    for (const step of steps) {
      const decoded = await this.#runStep(session, step, run);
      if (decoded) {
        Object.assign(output, decoded.output);
        Object.assign(run.seen ?? {}, decoded.values);
      }
      if (step.pauseMs > 0) await this.host.clock.sleep(step.pauseMs, run.signal);
    }
    return output;
  }

  async #runStep(
    session: SerialSession,
    step: SerialStep,
    run: { values: TemplateValues; signal: AbortSignal; command?: string },
  ): Promise<DecodedFrame | undefined> {
    const frame = buildFrame(this.binding, step.send, run.values, { params: this.params, raw: step.raw });
    for (let tries = 1; ; tries++) {
      this.counters.framesOut++;
      if (step.expect.length === 0) {
        session.send(frame);
        return undefined;
      }
      try {
        return await session.exchange(frame, (received) => this.#answer(received, step, run.command), {
          timeoutMs: step.timeoutMs,
          signal: run.signal,
        });
      } catch (error) {
        if (!isHubError(error, 'timeout')) throw error;
        this.counters.timeouts++;
        if (tries >= step.tries) throw error;
      }
    }
  }

  #answer(received: Uint8Array, step: SerialStep, command: string | undefined): DecodedFrame | undefined {
    const decoded = decodeFrame(this.binding, this.#profile.thing, received, {
      expect: step.expect,
      ...(command === undefined ? {} : { command }),
    });
    if (decoded.frame === undefined || !step.expect.includes(decoded.frame)) return undefined;
    this.counters.framesIn++;
    this.#heard();
    this.#report(decoded, received);
    if (!decoded.refused) return decoded;
    this.counters.refusals++;
    throw new HubError('device_refused', `the device answered ${decoded.frame}`, {
      context: { frame: decoded.frame, bytes: Buffer.from(received.subarray(0, 64)).toString('hex') },
    });
  }

  #report(decoded: DecodedFrame, frame: Uint8Array): void {
    const { deviceId } = this.view;
    const failed = (error: unknown) => this.host.logger.warn({ err: error, deviceId }, 'a reading was not stored');
    const quality: Record<string, 'bad'> = {};
    const values: Record<string, Value> = { ...decoded.values };
    if (decoded.problems.length > 0) {
      this.counters.badValues += decoded.problems.length;
      const reason = decoded.problems.map((problem) => `${problem.path}: ${problem.message}`).join('; ');
      this.#aside(reason, frame);
      for (const { path } of decoded.problems) {
        if (!this.#profile.thing.properties.some((property) => property.id === path)) continue;
        values[path] = null;
        quality[path] = 'bad';
      }
    }
    if (Object.keys(values).length > 0) {
      this.host.reading({ deviceId, values, ...(Object.keys(quality).length > 0 ? { quality } : {}) }).catch(failed);
    }
    for (const { event, data } of decoded.events) this.host.event({ deviceId, event, data }).catch(failed);
  }

  /** A device that is polled is judged by its polls, and a frame that it sends by itself answers them as well. */
  #heard(): void {
    this.#presence.report({ check: this.#polls.length > 0 ? 'poll' : 'traffic', ok: true, reason: 'traffic' });
  }

  /** Where frames can carry data about a person, only their head is kept. */
  #aside(reason: string, bytes: Uint8Array): void {
    const { deviceId, address: source } = this.view;
    const payload = this.#isPersonal ? bytes.subarray(0, maxPersonalBytes) : bytes;
    this.host.aside({ deviceId, source, reason, payload });
  }

  #pollFailed(poll: Poll, error: HubError, signal: AbortSignal): void {
    if (signal.aborted || error.code === 'link_lost') return;
    if (error.code === 'bug') throw error;
    if (error.code === 'device_refused') {
      this.#presence.report(
        poll.quiet
          ? { check: 'poll', ok: true, reason: 'poll_ok' }
          : { check: 'poll', ok: false, reason: 'refused', detail: error.message },
      );
      return;
    }
    this.#presence.report({ check: 'poll', ok: false, reason: 'poll_failed', detail: error.message });
  }

  #nowMs(): number {
    return this.host.clock.monotonicMs();
  }
}
