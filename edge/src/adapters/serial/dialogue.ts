import { HubError, isHubError } from '@hallhub/shared';
import {
  buildFrame,
  type DecodedFrame,
  decodeFrame,
  type Profile,
  type SerialBinding,
  type SerialStep,
  type TemplateValues,
} from '@hallhub/shared/profile';
import type { Value } from '@hallhub/shared/wire';
import type { Clock } from '../../ports/index.js';
import type { SerialCounters } from './serial-counters.js';
import type { SerialSession } from './serial-session.js';

export interface DialogueRun {
  readonly values: TemplateValues;
  readonly signal: AbortSignal;
  /** The command whose output is wanted. */
  readonly command?: string;
  /** Collects the properties that came. */
  readonly seen?: Record<string, Value>;
  /** Every step is tried once, whatever it says: for a device that has long been silent. */
  readonly isOnce?: boolean;
}

/** Runs the steps of a poll, a command or a write with one device. */
export class Dialogue {
  constructor(
    private readonly profile: Profile,
    private readonly binding: SerialBinding,
    private readonly params: TemplateValues,
    private readonly clock: Clock,
    private readonly counters: SerialCounters,
    /** A frame of the device that answered a step. */
    private readonly onAnswer: (decoded: DecodedFrame, frame: Uint8Array) => void,
  ) {}

  /** The output of the command. Throws `timeout`, `device_refused`, `invalid_input`, `link_lost`. */
  async run(session: SerialSession, steps: readonly SerialStep[], run: DialogueRun): Promise<Record<string, unknown>> {
    const output: Record<string, unknown> = {};
    for (const step of steps) {
      const decoded = await this.#step(session, step, run);
      if (decoded) {
        Object.assign(output, decoded.output);
        Object.assign(run.seen ?? {}, decoded.values);
      }
      if (step.pauseMs > 0) await this.clock.sleep(step.pauseMs, run.signal);
    }
    return output;
  }

  async #step(session: SerialSession, step: SerialStep, run: DialogueRun): Promise<DecodedFrame | undefined> {
    const frame = buildFrame(this.binding, step.send, run.values, { params: this.params, raw: step.raw });
    for (let tries = 1; ; tries++) {
      await session.quiet(this.binding, run.signal);
      this.counters.framesOut++;
      if (step.expect.length === 0) {
        session.send(frame);
        return undefined;
      }
      try {
        return await session.exchange(
          session.channel(this.binding),
          frame,
          (received) => this.#answer(received, step, run.command),
          { timeoutMs: step.timeoutMs, signal: run.signal },
        );
      } catch (error) {
        if (!isHubError(error, 'timeout')) throw error;
        this.counters.timeouts++;
        if (tries >= (run.isOnce ? 1 : step.tries)) throw error;
      }
    }
  }

  #answer(received: Uint8Array, step: SerialStep, command: string | undefined): DecodedFrame | undefined {
    const decoded = decodeFrame(this.binding, this.profile.thing, received, {
      expect: step.expect,
      params: this.params,
      ...(command === undefined ? {} : { command }),
    });
    if (decoded.frame === undefined || !step.expect.includes(decoded.frame)) return undefined;
    this.counters.framesIn++;
    this.onAnswer(decoded, received);
    if (!decoded.refused) return decoded;
    this.counters.refusals++;
    throw new HubError('device_refused', `the device answered ${decoded.frame}`, {
      context: { frame: decoded.frame, bytes: Buffer.from(received.subarray(0, 64)).toString('hex') },
    });
  }
}
