import type { DeviceState, JoinReply } from '@hallhub/shared/wire';

export type JoinRefusal = Extract<JoinReply, { status: 'refused' }>['reason'];

export interface JoinFacts {
  /** `window` after its time is given as `closed`. */
  readonly policy: 'closed' | 'approve' | 'window';
  /** Exactly one profile fits what the device says of itself. */
  readonly profileCertain: boolean;
  readonly tooMany: boolean;
  readonly known?: {
    readonly state: DeviceState;
    readonly claim: 'same' | 'other' | 'none';
    readonly deliveredAt: number | null;
    readonly usedAt: number | null;
  };
  readonly now: number;
}

export type JoinDecision =
  | { readonly act: 'refuse'; readonly reason: JoinRefusal; readonly conflict?: true }
  /** Registered, or left, in quarantine: waits for a person. */
  | { readonly act: 'wait' }
  /** Active from now on, and given a credential. */
  | { readonly act: 'accept' };

/** A device that lost its credential in a power cut may have another one this long. */
export const redeliveryMs = 600_000;

/** docs/protocol.md 3.1 as a table: who may come in, given what is known. */
export const decideJoin = (facts: JoinFacts): JoinDecision => {
  const { known, policy, profileCertain } = facts;
  if (known?.claim === 'other') return { act: 'refuse', reason: 'claim_mismatch', conflict: true };
  if (known?.state === 'refused') return { act: 'refuse', reason: 'refused' };
  if (known?.state === 'active') return deliver(known, facts.now);
  if (!known && facts.tooMany) return { act: 'refuse', reason: 'too_many' };
  // A retired device was taken out by a person: only a person lets it in again.
  if (known?.state === 'retired') return policy === 'closed' ? { act: 'refuse', reason: 'closed' } : { act: 'wait' };
  if (!known && policy === 'closed') return { act: 'refuse', reason: 'closed' };
  return policy === 'window' && profileCertain ? { act: 'accept' } : { act: 'wait' };
};

const deliver = (known: NonNullable<JoinFacts['known']>, now: number): JoinDecision => {
  if (known.deliveredAt === null) return { act: 'accept' };
  const again = known.usedAt === null && now - known.deliveredAt <= redeliveryMs && now >= known.deliveredAt;
  return again ? { act: 'accept' } : { act: 'refuse', reason: 'delivered' };
};
