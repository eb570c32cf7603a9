import type { Clock } from '@hallhub/shared';
import type { Store, Transaction } from '../store/index.js';

export interface JoinPolicy {
  readonly policy: 'closed' | 'approve' | 'window';
  readonly until?: number;
}

const key = 'join_policy';

/** The hall's join policy: from edge.yaml until somebody changes it, and again when edge.yaml is changed. */
export class JoinPolicyBook {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #configured: JoinPolicy;
  #current: JoinPolicy;

  constructor(store: Store, clock: Clock, configured: JoinPolicy) {
    this.#store = store;
    this.#clock = clock;
    this.#configured = configured;
    const kept = store.hub.commit.db.prepare('SELECT value FROM meta WHERE key = ?').pluck().get(key) as
      | string
      | undefined;
    const parsed = kept ? (JSON.parse(kept) as { configured: JoinPolicy; current: JoinPolicy }) : undefined;
    const stillConfigured = parsed && JSON.stringify(parsed.configured) === JSON.stringify(configured);
    this.#current = stillConfigured ? parsed.current : configured;
  }

  get current(): JoinPolicy {
    return this.#current;
  }

  /** What holds now: a window that is over is closed. */
  get effective(): JoinPolicy['policy'] {
    const { policy, until } = this.#current;
    return policy === 'window' && (until === undefined || this.#clock.now() >= until) ? 'closed' : policy;
  }

  set(policy: JoinPolicy, alongside?: (tx: Transaction) => void): Promise<void> {
    return this.#store.hub.commit.write((tx) => {
      const value = JSON.stringify({ configured: this.#configured, current: policy });
      tx.db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(key, value);
      alongside?.(tx);
      tx.onCommit(() => {
        this.#current = policy;
      });
    });
  }
}
