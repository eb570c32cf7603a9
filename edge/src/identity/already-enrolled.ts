import { HubError } from '@hallhub/shared';
import type { Enrolment, EnrolOptions } from './enrol-unit.js';
import { codeHashOf } from './identity-files.js';

/**
 * What a unit is that has an identity of use: the answer to the same code once more. Undefined where enrolling may begin. Throws
 * `conflict` for another code, before a key is made: a slip must not make it another hall's unit.
 */
export const alreadyEnrolled = (options: EnrolOptions): Enrolment | undefined => {
  const { files, code, clock, anew = false, refusal } = options;
  const state = files.read();
  if (anew || state.state !== 'ready') return undefined;
  const { identity } = state;
  const note = files.enrolment;
  const since = note?.at ?? identity.issuedAt;
  const who = `enrolled already as ${note ? `${note.hallName} ${note.name} (${identity.unitId})` : identity.unitId} since ${minute(since)}`;
  const isSame = note?.codeHash === codeHashOf(code.secret);
  const isOver = identity.endsAt < clock.now();
  if (!isSame && (refusal !== undefined || isOver)) return undefined;
  files.forgetKey();
  if (!isSame) {
    throw new HubError('conflict', `this unit is ${who}`, {
      hint: 'Is it the right box, and the right code? To make it another unit all the same: hub enrol CODE --anew',
    });
  }
  if (refusal !== undefined || isOver) {
    throw new HubError('conflict', `${who} by this code, and ${refusal ?? 'the certificate is over'}`, {
      hint: 'Ask for a new code in the console (the unit’s page) and run: hub enrol CODE',
    });
  }
  const { name, hallName, timeZone } = note;
  return {
    ...{ unitId: identity.unitId, name, hallName, timeZone, since, endsAt: identity.endsAt },
    ...{ gateway: options.gateway.origin, replacement: false, snapshot: 'none', clockOffsetMs: 0 },
  };
};

export const minute = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
