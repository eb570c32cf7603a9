import { HubError } from '@hallhub/shared';
import { type deviceReplySchema, deviceTopics } from '@hallhub/shared/wire';
import type { z } from 'zod';
import type { BrokerClient } from '../broker/index.js';

type Reply = z.infer<typeof deviceReplySchema>;

interface Waiting {
  readonly deviceId: string;
  readonly resolve: (output: Record<string, unknown> | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Questions to devices on their command topic, and the replies that are waited for. */
export class MqttDialogue {
  readonly #waiting = new Map<string, Waiting>();

  /** Rejects with `link_lost`, `device_refused`, `unsupported`, or the signal's reason. */
  async ask(
    line: BrokerClient,
    message: { id: string; command: string; input: object; remainingMs: number },
    signal: AbortSignal,
  ): Promise<Record<string, unknown> | undefined> {
    signal.throwIfAborted();
    const { principal } = line;
    if (principal.kind !== 'device') throw new HubError('link_lost', 'the device is not connected');
    const { deviceId } = principal;
    const { id } = message;
    const answer = new Promise<Record<string, unknown> | undefined>((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.delete(id);
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          signal.removeEventListener('abort', onAbort);
          then(value);
        };
      this.#waiting.set(id, { deviceId, resolve: settle(resolve), reject: settle(reject) });
    });
    // QoS 0 on a live connection: a broker that repeats it would break "at most once".
    line.send(deviceTopics.command(deviceId), JSON.stringify(message), 0).catch((error) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      waiting?.reject(new HubError('link_lost', 'the device went away', { cause: error }));
    });
    return answer;
  }

  /** False where nobody waits for it, or another device said it. */
  reply(deviceId: string, reply: Reply): boolean {
    const waiting = this.#waiting.get(reply.id);
    if (waiting?.deviceId !== deviceId) return false;
    this.#waiting.delete(reply.id);
    if (reply.ok) waiting.resolve(reply.output);
    else {
      const { code, message } = reply.error;
      waiting.reject(
        new HubError(code === 'unsupported' ? 'unsupported' : 'device_refused', message, { context: { code } }),
      );
    }
    return true;
  }

  lost(deviceId: string): void {
    for (const [id, waiting] of this.#waiting) {
      if (waiting.deviceId !== deviceId) continue;
      this.#waiting.delete(id);
      waiting.reject(new HubError('link_lost', 'the device went away before it answered'));
    }
  }

  stop(): void {
    for (const { reject } of this.#waiting.values()) reject(new HubError('cancelled', 'the agent stops'));
    this.#waiting.clear();
  }
}
