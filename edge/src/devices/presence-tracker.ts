import type { Clock } from '@hallhub/shared';
import type { PresenceReason, PresenceRow, PresenceState } from '@hallhub/shared/wire';
import type { PresenceEvidence } from '../ports/index.js';

/** A check has failed when it did so this many times in a row. */
const failuresThatCount = 3;
/** After a start the last known presence stands this long without evidence: what is there has said so by then, mostly. */
const doubtAfterMs = 15_000;
/** After this long in doubt it is offline. */
const startGraceMs = 60_000;
/** A device that just came back has to listen before it can be told anything. */
const settleMs = 500;

interface Check {
  ok: boolean;
  failures: number;
  at: number;
  reason: PresenceReason;
  detail: string | undefined;
}

interface Watched {
  state: PresenceState;
  reason: PresenceReason;
  since: number;
  lastHeardAt: number | undefined;
  checks: Map<string, Check>;
  heardSinceStart: boolean;
  /** Monotonic: its first success since the start. */
  firstGoodMs: number | undefined;
}

export interface PresenceView {
  readonly state: PresenceState;
  readonly reason: PresenceReason;
  readonly since: number;
  readonly lastHeardAt: number | undefined;
  readonly evidence: PresenceRow['evidence'];
}

/**
 * Presence out of evidence: online at the first success, a check counts as failed at its third failure in a row (at once where
 * the evidence is decisive), offline when every check failed, degraded when some did. A restart of the agent changes nothing by itself.
 */
export class PresenceTracker {
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #devices = new Map<string, Watched>();
  readonly #onChange: (deviceId: string, presence: PresenceView & { readonly detail: string | undefined }) => void;

  readonly #onBack: ((deviceId: string) => void) | undefined;

  /** `onBack`: the first success of a device since the start. */
  constructor(
    clock: Clock,
    onChange: (deviceId: string, presence: PresenceView & { readonly detail: string | undefined }) => void,
    onBack?: (deviceId: string) => void,
  ) {
    this.#clock = clock;
    this.#onBack = onBack;
    this.#startedMs = clock.monotonicMs();
    this.#onChange = onChange;
  }

  /** Begins with what was known at the last run. */
  watch(deviceId: string, known: { state: PresenceState; reason: PresenceReason; since: number }): void {
    if (this.#devices.has(deviceId)) return;
    this.#devices.set(deviceId, {
      ...known,
      lastHeardAt: undefined,
      checks: new Map(),
      heardSinceStart: false,
      firstGoodMs: undefined,
    });
  }

  forget(deviceId: string): void {
    this.#devices.delete(deviceId);
  }

  get(deviceId: string): PresenceView | undefined {
    const watched = this.#devices.get(deviceId);
    if (!watched) return undefined;
    const { state, reason, since, lastHeardAt } = watched;
    return { state, reason, since, lastHeardAt, evidence: evidenceOf(watched) };
  }

  /** For how long after the start it may still show whether the device is there, ms; 0: that is known. */
  unknownForMs(deviceId: string): number {
    const watched = this.#devices.get(deviceId);
    const sinceStartMs = this.#clock.monotonicMs() - this.#startedMs;
    if (!watched || sinceStartMs >= startGraceMs) return 0;
    const { firstGoodMs } = watched;
    const until = firstGoodMs === undefined ? startGraceMs : firstGoodMs - this.#startedMs + settleMs;
    return Math.max(0, Math.min(until, startGraceMs) - sinceStartMs);
  }

  evidence(evidence: PresenceEvidence): void {
    const watched = this.#devices.get(evidence.deviceId);
    if (!watched) return;
    const at = this.#clock.now();
    watched.heardSinceStart = true;
    const check = watched.checks.get(evidence.check) ?? {
      ok: false,
      failures: 0,
      at,
      reason: evidence.reason,
      detail: undefined,
    };
    check.at = at;
    check.reason = evidence.reason;
    check.detail = evidence.detail?.slice(0, 500);
    if (evidence.ok) {
      check.ok = true;
      check.failures = 0;
      watched.lastHeardAt = at;
      // One success anywhere: what failed only once or twice elsewhere starts to count anew.
      for (const other of watched.checks.values()) if (other.failures < failuresThatCount) other.failures = 0;
    } else {
      check.failures = evidence.decisive ? failuresThatCount : check.failures + 1;
      check.ok = check.failures < failuresThatCount && check.ok;
    }
    watched.checks.set(evidence.check, check);
    this.#judge(evidence.deviceId, watched, check);
    if (!evidence.ok || watched.firstGoodMs !== undefined) return;
    watched.firstGoodMs = this.#clock.monotonicMs();
    this.#onBack?.(evidence.deviceId);
  }

  /** Looks for devices that nothing was heard of since the start: in doubt first, then offline. Call it every few seconds. */
  tick(): void {
    const sinceStartMs = this.#clock.monotonicMs() - this.#startedMs;
    if (sinceStartMs < doubtAfterMs) return;
    for (const [deviceId, watched] of this.#devices) {
      if (watched.heardSinceStart || watched.state === 'offline') continue;
      const state = sinceStartMs < startGraceMs ? 'degraded' : 'offline';
      this.#set(deviceId, watched, state, 'agent_started', 'nothing was heard since the agent started');
    }
  }

  #judge(deviceId: string, watched: Watched, last: Check): void {
    const checks = [...watched.checks.values()];
    const failed = checks.filter((check) => check.failures >= failuresThatCount);
    const good = checks.filter((check) => check.ok);
    if (good.length > 0 && failed.length > 0) {
      this.#set(deviceId, watched, 'degraded', 'partial', failed[0]?.detail);
    } else if (good.length > 0) {
      this.#set(
        deviceId,
        watched,
        'online',
        last.ok ? last.reason : (good[0]?.reason ?? last.reason),
        last.ok ? last.detail : undefined,
      );
    } else if (failed.length > 0) {
      this.#set(deviceId, watched, 'offline', last.reason, last.detail);
    }
  }

  #set(
    deviceId: string,
    watched: Watched,
    state: PresenceState,
    reason: PresenceReason,
    detail: string | undefined,
  ): void {
    if (state === watched.state) return;
    Object.assign(watched, { state, reason, since: this.#clock.now() });
    this.#onChange(deviceId, {
      state,
      reason,
      since: watched.since,
      lastHeardAt: watched.lastHeardAt,
      evidence: evidenceOf(watched),
      detail,
    });
  }
}

const evidenceOf = (watched: Watched): PresenceRow['evidence'] =>
  [...watched.checks].slice(0, 16).map(([check, { ok, at, detail }]) => ({
    check: check.slice(0, 64),
    ok,
    at,
    ...(detail === undefined ? {} : { detail }),
  }));
