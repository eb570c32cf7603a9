import type { z } from 'zod';
import { explainIssue } from '../explain-issue.js';
import { issueAt, type ProfileIssue } from '../profile-issue.js';
import { type Profile, profileSchema } from '../profile-schema.js';
import { findReferenceIssues } from '../references.js';
import { firmwareSets } from './firmware-sets.js';
import { type MergeProblem, mergePieces } from './merge.js';
import { childOf, locatorOf, originOf, type Piece, pieceOf, placeOf, plainOf } from './piece.js';
import { variantPatch } from './resolve-firmware.js';

/** Checks every combination of variants that a firmware can get, as if it were a profile of its own. */
export function checkVariants(profile: Profile, composed: Piece): ProfileIssue[] {
  const patches = profile.variants ?? [];
  const list = childOf(composed, 'variants');
  const { variants: _, ...plain } = profile;
  // Defaults have been filled in: what stands nowhere is shown where the nearest part stands.
  const base = pieceOf(plain, composed.origin.source, [], (path) => originOf(composed, path));
  return firmwareSets(patches.map(({ firmware }) => firmware)).flatMap(({ fits, firmware }) => {
    if (fits.length === 0) return [];
    const problems: MergeProblem[] = [];
    const merged = fits.reduce<Piece>((piece, index) => {
      const patch = childOf(list, index);
      return patch ? mergePieces(piece, variantPatch(patch), problems) : piece;
    }, base);
    const locate = locatorOf(merged);
    const say = (message: string) => `${message} (firmware ${firmware})`;
    const value = plainOf(merged);
    const parsed = profileSchema.safeParse(value);
    const faults = parsed.success
      ? findReferenceIssues(parsed.data).map((one) => ({ ...one, rule: 'reference' }))
      : parsed.error.issues
          .flatMap((issue) => explainIssue(issue as z.core.$ZodIssue, value))
          .map((one) => ({ ...one, rule: 'schema' }));
    return [
      ...problems.map(({ origin, message }) => issueAt(placeOf(origin), 'composition', say(message))),
      ...faults.map(({ path, message, rule }) => issueAt(locate(path), rule, say(message))),
    ];
  });
}
