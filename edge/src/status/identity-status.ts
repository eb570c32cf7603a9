import type { Agent } from '../agent.js';
import { caSummaries } from '../identity/ca-summary.js';
import type { IdentityStatus } from './status-contract.js';

/** For status, doctor and whoever has to say how long the unit is still somebody to the cloud. */
export const identityStatus = (agent: Agent): IdentityStatus => {
  const { identity: keeper, credential, snapshots, replaced } = agent;
  const { identity, refusal } = keeper;
  const note = keeper.enrolment;
  const shared = {
    gateway: credential?.cloud.gateway,
    ...(note ? { enrolledAs: { name: note.name, hallName: note.hallName, at: note.at } } : {}),
    snapshotAt: snapshots.toldAt,
    snapshotFailure: snapshots.failure,
    replaced,
  };
  if (keeper.state.state === 'damaged') {
    const { reason, hint } = keeper.state;
    return { state: 'damaged', reason, hint, cas: [], ...shared };
  }
  if (!identity) return { state: credential ? 'secret' : 'absent', cas: [], ...shared };
  const { issuedAt, endsAt, trust } = identity;
  const ended = endsAt < agent.trustedNow();
  return {
    state: refusal ? 'refused' : ended ? 'expired' : 'ready',
    ...(refusal ? { reason: refusal.message, hint: refusal.hint, nextTryAt: refusal.nextTryAt } : {}),
    ...(ended && !refusal ? { reason: 'the certificate is over', hint: 'hub enrol CODE' } : {}),
    ...{ issuedAt, endsAt, renewAt: keeper.renewAt, renewFailure: keeper.renewFailure?.reason },
    cas: caSummaries(trust),
    trustVersion: trust.version,
    ...shared,
  };
};
