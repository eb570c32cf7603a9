import { type Clock, HubError, type Timer, toHubError } from '@hallhub/shared';
import { isZone } from '@hallhub/shared/hall-time';
import { type VisionConfig, visionConfigSchema } from '@hallhub/shared/vision';
import { gatewayPaths } from '@hallhub/shared/wire';
import { z } from 'zod';
import { type GatewayAnswer, type GatewayRequest, gatewayError } from '../identity/index.js';
import type { Logger } from '../ports/index.js';
import type { Store } from '../store/index.js';

export interface VisionConfigBookOptions {
  readonly hub: Store['hub'];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Undefined: this unit has no gateway. */
  readonly gateway: () => URL | undefined;
  readonly request: (request: GatewayRequest) => Promise<GatewayAnswer>;
  readonly online: () => boolean;
  readonly onChange: () => void;
  readonly onFault: (code: string, message: string, context: Record<string, unknown>) => void;
}

const keptSchema = z.object({
  source: z.enum(['cloud', 'file']),
  /** Of the cloud's answer. */
  etag: z.string().optional(),
  /** When it came, epoch ms. */
  at: z.number(),
  config: visionConfigSchema,
});
type Kept = z.infer<typeof keptSchema>;

const key = 'vision.config';
const lookEveryMs = 60_000;
const onlineLookMs = 1_000;
const maxBytes = 8 * 1_048_576;

/**
 * What this unit is to watch (docs/protocol.md 8.1): the cloud's word, kept on disk for when the line is down. A hall without a line takes it from a file,
 * which holds until the cloud has something to say.
 */
export class VisionConfigBook {
  readonly #options: VisionConfigBookOptions;
  readonly #stopping = new AbortController();
  #kept: Kept | undefined;
  #problem: string | undefined;
  #askedAt: number | undefined;
  #timer: Timer | undefined;
  #asking: Promise<void> | undefined;
  #nextMonoMs = 0;
  #wasOnline = false;
  #soon = false;

  constructor(options: VisionConfigBookOptions) {
    this.#options = options;
    this.#kept = this.#read();
  }

  get config(): VisionConfig | undefined {
    return this.#kept?.config;
  }

  get status() {
    return {
      source: this.#kept?.source ?? null,
      version: this.#kept?.config.version ?? null,
      at: this.#kept?.at ?? null,
      /** When the cloud last answered. */
      askedAt: this.#askedAt ?? null,
      problem: this.#problem ?? null,
    };
  }

  start(): void {
    this.#plan();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new HubError('cancelled', 'stopped'));
    this.#timer?.cancel();
    await this.#asking;
  }

  /** Of a file. Throws `invalid_input`, and `conflict` where the cloud's word holds. */
  async import(given: unknown): Promise<VisionConfig> {
    const parsed = visionConfigSchema.safeParse(given);
    if (!parsed.success) {
      const lines = parsed.error.issues.slice(0, 10).map(({ path, message }) => `${path.join('.')}: ${message}`);
      throw new HubError('invalid_input', `this is no configuration of vision:\n${lines.join('\n')}`);
    }
    if (!isZone(parsed.data.zone))
      throw new HubError('invalid_input', `zone: there is no time zone ${parsed.data.zone}`);
    const twice = givenTwice(parsed.data);
    if (twice) throw new HubError('invalid_input', `${twice} stands in this file twice`);
    if (this.#options.online() && this.#kept?.source === 'cloud' && this.#kept.config.cameras.length > 0) {
      throw new HubError('conflict', 'the cloud says what this unit watches, and it is connected', {
        hint: 'Change it in the console. A file is for a hall without a line.',
      });
    }
    await this.#keep({ source: 'file', at: this.#options.clock.now(), config: parsed.data });
    return parsed.data;
  }

  /** The cloud says that there is something new. */
  askSoon(): void {
    this.#soon = true;
  }

  #plan(): void {
    if (this.#stopping.signal.aborted) return;
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#look();
      this.#plan();
    }, onlineLookMs);
  }

  /** At each connect, then every minute. */
  #look(): void {
    const { online, clock } = this.#options;
    const isOnline = online();
    const isNew = isOnline && !this.#wasOnline;
    this.#wasOnline = isOnline;
    if (!isOnline || this.#asking || (!isNew && !this.#soon && clock.monotonicMs() < this.#nextMonoMs)) return;
    this.#soon = false;
    this.#nextMonoMs = clock.monotonicMs() + lookEveryMs;
    this.#asking = this.#ask().finally(() => {
      this.#asking = undefined;
    });
  }

  async #ask(): Promise<void> {
    const { gateway, request, clock, logger, onFault } = this.#options;
    const url = gateway();
    if (!url) return;
    try {
      const { etag } = this.#kept ?? {};
      const answer = await request({
        ...{ method: 'GET', path: gatewayPaths.vision, maxAnswerBytes: maxBytes, signal: this.#stopping.signal },
        headers: etag === undefined ? {} : { 'if-none-match': etag },
      });
      if (answer.status !== 304) await this.#take(answer, url);
      this.#askedAt = clock.now();
      this.#problem = undefined;
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      const { message, code } = toHubError(error);
      if (this.#problem !== message) {
        logger.warn({ error: message }, 'what to watch could not be asked for');
        if (code === 'protocol_violation') onFault('vision_config_refused', message, {});
      }
      this.#problem = message;
    }
  }

  async #take(answer: GatewayAnswer, url: URL): Promise<void> {
    if (answer.status !== 200) throw gatewayError(answer, url);
    const parsed = visionConfigSchema.safeParse(parse(answer.body));
    const issue = parsed.error?.issues[0];
    if (!parsed.success || !isZone(parsed.data.zone)) {
      const what = issue ? `${issue.path.join('.')}: ${issue.message}` : 'a time zone that does not exist';
      throw new HubError('protocol_violation', `the cloud’s word on what to watch is not understood: ${what}`, {
        hint: 'What held before goes on.',
      });
    }
    const { etag } = answer.headers;
    // A cloud that has nothing to say leaves a hall's own file in its place.
    if (parsed.data.cameras.length === 0 && this.#kept?.source === 'file') return;
    if (this.#kept?.source === 'cloud' && this.#kept.config.version === parsed.data.version) return;
    await this.#keep({
      source: 'cloud',
      at: this.#options.clock.now(),
      config: parsed.data,
      ...(etag ? { etag } : {}),
    });
  }

  async #keep(kept: Kept): Promise<void> {
    const { hub, onChange, logger } = this.#options;
    await hub.commit.write((tx) =>
      tx.db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(key, JSON.stringify(kept)),
    );
    this.#kept = kept;
    logger.info({ source: kept.source, cameras: kept.config.cameras.length }, 'what to watch has changed');
    onChange();
  }

  #read(): Kept | undefined {
    const text = this.#options.hub.commit.db.prepare('SELECT value FROM meta WHERE key = ?').pluck().get(key);
    const parsed = keptSchema.safeParse(typeof text === 'string' ? parse(text) : undefined);
    return parsed.success && isZone(parsed.data.config.zone) ? parsed.data : undefined;
  }
}

/** A camera, or a view or rule of one: what was told of the one would be taken for the other's. */
const givenTwice = ({ cameras }: VisionConfig): string | undefined => {
  const repeated = (ids: readonly string[]) => ids.find((id, i) => ids.indexOf(id) !== i);
  const own = cameras.map(({ views }) =>
    repeated(views.flatMap(({ id, rules }) => [id, ...rules.map((rule) => rule.id)])),
  );
  return repeated(cameras.map(({ deviceId }) => deviceId)) ?? own.find((id) => id !== undefined);
};

const parse = (text: string | Buffer): unknown => {
  try {
    return JSON.parse(text.toString());
  } catch {
    return undefined;
  }
};
