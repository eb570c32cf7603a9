import { HubError } from '../../errors/index.js';
import { profileHash } from '../profile-hash.js';
import { type Profile, profileId, profileSchema } from '../profile-schema.js';
import { inVersionRange } from '../version-range.js';
import { mergePieces } from './merge.js';
import { type Piece, pieceOf, plainOf } from './piece.js';

/** A profile as it holds for one firmware: plain, without variants, with the hash of exactly this document. */
export interface EffectiveProfile {
  profile: Profile;
  hash: string;
  /** Indices of the variants that were merged in, in order. */
  variants: readonly number[];
}

/** Indices of the variants that a firmware gets. A firmware that is not known gets none. */
export function fittingVariants(profile: Profile, firmware: string | undefined): number[] {
  return (profile.variants ?? []).flatMap((variant, index) =>
    firmware !== undefined && inVersionRange(firmware, variant.firmware) ? [index] : [],
  );
}

/**
 * The effective profile of a device. Throws `configuration` only for a profile that `parseProfile` has not accepted: there
 * every combination of variants that a firmware can get has been checked.
 */
export function resolveForFirmware(profile: Profile, firmware: string | undefined): EffectiveProfile {
  const variants = fittingVariants(profile, firmware);
  const { variants: patches = [], ...plain } = profile;
  if (variants.length === 0) return { profile: plain, hash: profileHash(plain), variants };
  const source = { file: profileId(profile), place: () => ({ line: 1, column: 1 }) };
  const merged = variants.reduce<Piece>(
    (piece, index) => mergePieces(piece, variantPatch(pieceOf(patches[index], source)), []),
    pieceOf(plain, source),
  );
  const parsed = profileSchema.safeParse(plainOf(merged));
  if (!parsed.success) {
    throw new HubError('configuration', `${profileId(profile)} has a variant that breaks it`, { cause: parsed.error });
  }
  return { profile: parsed.data, hash: profileHash(parsed.data), variants };
}

/** A variant without its range: what is merged. */
export function variantPatch(variant: Piece): Piece {
  if (variant.kind !== 'map') return variant;
  return { ...variant, entries: new Map([...variant.entries].filter(([key]) => key !== 'firmware')) };
}
