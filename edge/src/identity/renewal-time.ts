import { createHash } from 'node:crypto';
import type { UnitIdentity } from './unit-identity.js';

/** Renewing begins at two thirds of the life, spread over this part of it. */
const renewAfter = 2 / 3;
const renewSpread = 0.05;
const warnBeforeMs = 7 * 86_400_000;
const longestPauseMs = 3_600_000;

/** When its certificate is to be renewed, epoch ms. */
export const renewalTime = (identity: UnitIdentity): number =>
  identity.issuedAt + lifeMs(identity) * (renewAfter + renewSpread * shareOf(identity));

/** The least time between two certificates: a wrong clock may make each of them look due. */
export const renewalPauseMs = (identity: UnitIdentity): number => Math.min(longestPauseMs, lifeMs(identity) / 20);

/** From when on its end is a matter for people, epoch ms. */
export const warningTime = (identity: UnitIdentity): number =>
  identity.endsAt - Math.min(warnBeforeMs, lifeMs(identity) / 6);

const lifeMs = ({ issuedAt, endsAt }: UnitIdentity): number => endsAt - issuedAt;

/** 0..1, the same for the same certificate: a restart draws no new lot. */
const shareOf = ({ certificates }: UnitIdentity): number =>
  createHash('sha256')
    .update(certificates[0] ?? '')
    .digest()
    .readUInt32BE() / 0xffff_ffff;
