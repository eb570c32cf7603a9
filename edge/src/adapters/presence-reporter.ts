import type { AdapterHost, PresenceEvidence } from '../ports/index.js';

/** Good evidence is repeated this rarely while nothing changes; bad evidence is always reported, as the core counts it. */
const repeatMs = 5_000;

/** Reports evidence without flooding the core from every poll. */
export class PresenceReporter {
  readonly #last = new Map<string, { ok: boolean; atMs: number }>();

  constructor(
    private readonly host: AdapterHost,
    private readonly deviceId: string,
  ) {}

  report(evidence: Omit<PresenceEvidence, 'deviceId'>): void {
    const nowMs = this.host.clock.monotonicMs();
    const last = this.#last.get(evidence.check);
    if (evidence.ok && last?.ok && nowMs - last.atMs < repeatMs) return;
    this.#last.set(evidence.check, { ok: evidence.ok, atMs: nowMs });
    this.host.presence({
      ...evidence,
      deviceId: this.deviceId,
      ...(evidence.detail ? { detail: evidence.detail.slice(0, 500) } : {}),
    });
  }

  /** Nothing comes from the device at all: no earlier success of any check stands for it any more. */
  reportGone(check: string, evidence: Omit<PresenceEvidence, 'deviceId' | 'check' | 'ok'>): void {
    for (const one of new Set([check, ...this.#last.keys()])) this.report({ ...evidence, check: one, ok: false });
  }
}
