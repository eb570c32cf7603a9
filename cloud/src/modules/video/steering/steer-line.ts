import { type Clock, toHubError } from '@hallhub/shared';
import { type SteerAction, steerActionSchema } from '@hallhub/shared/vision';
import type { Logger } from 'pino';
import { z } from 'zod';
import { type Database, withSystem } from '../../../db/index.js';
import { mayStill } from '../may-still-watch.js';
import { auditPreset, isPresetAction, type PresetAction } from './audit-preset.js';
import { readHold, writeHold } from './hold-rows.js';
import { extendHold, holdMs } from './judge-hold.js';
import type { SteerTicket, SteerTickets } from './steer-ticket.js';
import { type Tell, tellUnit } from './tell-unit.js';

export interface SteeringOptions {
  readonly database: Database;
  readonly tickets: SteerTickets;
  readonly tell: Tell;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface SteerLineOptions extends SteeringOptions {
  /** Of the socket's ticket, in their order. */
  readonly cameras: readonly string[];
  readonly personId: string;
  readonly tenantId: string;
  readonly apiKeyId: string | undefined;
  /** A text message to the browser. */
  readonly say: (text: string) => void;
}

export const steerMessageSchema = z.union([
  z.strictObject({ steer: z.string().max(4_096) }),
  z.strictObject({ camera: z.number().int().min(0).max(15), do: steerActionSchema }),
]);

interface Session {
  readonly ticket: SteerTicket;
  seq: number;
  /** Monotonic: when the row was last seen to be theirs. */
  heldMs: number;
  extending: Promise<boolean> | undefined;
}

const extendEveryMs = 5_000;
/** A key that is held says four a second. */
const mostASecond = 30;
/** A stop goes through after all those; but a unit's line is not for one browser to fill. */
const mostStopsASecond = 60;

/** What one browser's socket does with cameras that it has in hand. When the socket goes, they stand still and are free. */
export class SteerLine {
  readonly #options: SteerLineOptions;
  readonly #sessions = new Map<string, Session>();
  #second = { atMs: 0, count: 0 };

  constructor(options: SteerLineOptions) {
    this.#options = options;
  }

  take(message: z.infer<typeof steerMessageSchema>): void {
    if ('steer' in message) this.#begin(message.steer);
    else void this.#act(message.camera, message.do);
  }

  /** The socket is gone. */
  end(): void {
    for (const session of this.#sessions.values()) {
      this.#tell(session, { what: 'release' });
      void this.#free(session.ticket);
    }
    this.#sessions.clear();
  }

  #begin(text: string): void {
    const { tickets, clock, cameras, personId } = this.#options;
    const ticket = tickets.read(text);
    const camera = cameras.indexOf(ticket?.deviceId ?? '');
    if (!ticket || camera < 0 || ticket.personId !== personId || ticket.endsAt <= clock.now()) return;
    const known = this.#sessions.get(ticket.deviceId);
    const seq = known?.ticket.session === ticket.session ? known.seq : 0;
    this.#sessions.set(ticket.deviceId, { ticket, seq, heldMs: clock.monotonicMs(), extending: undefined });
    this.#say(camera, 'held');
  }

  async #act(camera: number, action: SteerAction): Promise<void> {
    const { cameras, clock } = this.#options;
    const session = this.#sessions.get(cameras[camera] ?? '');
    if (!session || session.ticket.endsAt <= clock.now()) return this.#say(camera, 'lost');
    if (this.#isTooMuch(action)) return;
    if (action.what === 'release') {
      this.#sessions.delete(session.ticket.deviceId);
      this.#tell(session, action);
      await this.#free(session.ticket);
      return;
    }
    const sinceMs = clock.monotonicMs() - session.heldMs;
    // After a pause somebody else may have it: that is looked up before anything turns. A stop harms nobody.
    if (sinceMs > holdMs - extendEveryMs && action.what !== 'stop' && !(await this.#extend(session))) {
      this.#lose(session, camera);
      return;
    }
    this.#tell(session, action);
    if (isPresetAction(action)) await this.#writeDown(session.ticket, action);
    if (sinceMs > extendEveryMs && !(await this.#extend(session))) this.#lose(session, camera);
  }

  #lose(session: Session, camera: number): void {
    if (this.#sessions.get(session.ticket.deviceId) !== session) return;
    this.#sessions.delete(session.ticket.deviceId);
    this.#say(camera, 'lost');
  }

  #isTooMuch({ what }: SteerAction): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#second.atMs >= 1_000) this.#second = { atMs: nowMs, count: 0 };
    this.#second.count += 1;
    return this.#second.count > (what === 'stop' ? mostStopsASecond : mostASecond) && what !== 'release';
  }

  #tell(session: Session, action: SteerAction): void {
    session.seq += 1;
    const { tell, clock } = this.#options;
    tellUnit(tell, session.ticket, { seq: session.seq, action, at: clock.now() });
  }

  #say(camera: number, state: 'held' | 'lost'): void {
    this.#options.say(JSON.stringify({ steer: { camera, state } }));
  }

  /** False: somebody else has it, or the right is gone. */
  #extend(session: Session): Promise<boolean> {
    session.extending ??= this.#look(session).finally(() => {
      session.extending = undefined;
    });
    return session.extending;
  }

  async #look(session: Session): Promise<boolean> {
    const { database, clock, log, tenantId, personId, apiKeyId } = this.#options;
    const { deviceId, unitId } = session.ticket;
    try {
      const who = { tenantId, userId: personId, ...(apiKeyId ? { apiKeyId } : {}), cameras: [{ deviceId, unitId }] };
      if (!(await mayStill(database, 'camera.steer')(who))) return false;
      const held = await withSystem(database, async (tx) => {
        const known = await readHold(tx, tenantId, deviceId);
        // The browser may have gone in the meantime: it was set free.
        const isHere = this.#sessions.get(deviceId)?.ticket.session === session.ticket.session;
        const hold = isHere ? extendHold(known, session.ticket.session, clock.now()) : undefined;
        if (hold) await writeHold(tx, tenantId, deviceId, hold);
        return hold;
      });
      if (held) session.heldMs = clock.monotonicMs();
      return held !== undefined;
    } catch (error) {
      log.warn({ err: toHubError(error) }, 'whose hand a camera is in could not be looked up');
      return false;
    }
  }

  /** After the word: one that waited would be overtaken by the next, and keep another place. */
  async #writeDown(ticket: SteerTicket, action: PresetAction): Promise<void> {
    const { database, log, apiKeyId } = this.#options;
    try {
      await withSystem(database, (tx) => auditPreset(tx, ticket, { action, apiKeyId }));
    } catch (error) {
      log.error({ err: toHubError(error), ...action }, 'a change of a camera’s presets is not in the audit trail');
    }
  }

  async #free({ tenantId, deviceId, session }: SteerTicket): Promise<void> {
    const { database, clock, log } = this.#options;
    try {
      await withSystem(database, async (tx) => {
        const held = await readHold(tx, tenantId, deviceId);
        if (held?.session === session) await writeHold(tx, tenantId, deviceId, { ...held, until: clock.now() });
      });
    } catch (error) {
      log.debug({ err: toHubError(error) }, 'a camera that nobody steers is free only later');
    }
  }
}
