import { childOf, idOf, type MapPiece, type Origin, type Piece } from './piece.js';

export interface MergeProblem {
  origin: Origin;
  message: string;
}

/** Where what cannot be merged is told; a list does. */
export interface MergeProblems {
  push(problem: MergeProblem): unknown;
}

/**
 * A patch laid over a base. Maps merge deeply; lists of things with an `id` merge by id, new ones follow; every other
 * list and scalar is replaced; `null`, or `remove: true` beside an id, deletes. Neither side is changed.
 */
export function mergePieces(base: Piece, patch: Piece, problems: MergeProblems): Piece {
  if (base.kind === 'map' && patch.kind === 'map') return mergeMaps(base, patch, problems);
  if (base.kind === 'list' && patch.kind === 'list' && areThings(base.items) && areThings(patch.items)) {
    return { origin: patch.origin, kind: 'list', items: mergeThings(base.items, patch.items, problems) };
  }
  return patch;
}

function mergeMaps(base: MapPiece, patch: MapPiece, problems: MergeProblems): Piece {
  const entries = new Map(base.entries);
  for (const [key, one] of patch.entries) {
    const before = base.entries.get(key);
    if (one.kind === 'scalar' && one.value === null) {
      if (!before) problems.push({ origin: one.origin, message: `${key} is to be deleted and is not there` });
      entries.delete(key);
    } else entries.set(key, before ? mergePieces(before, one, problems) : one);
  }
  return { origin: patch.origin, kind: 'map', entries };
}

function mergeThings(base: readonly Piece[], patch: readonly Piece[], problems: MergeProblems): Piece[] {
  const merged = new Map(base.map((piece) => [idOf(piece), piece]));
  const seen = new Set<string | undefined>();
  for (const piece of patch) {
    const id = idOf(piece);
    const before = merged.get(id);
    if (seen.has(id)) problems.push({ origin: piece.origin, message: `the id "${id}" is used twice` });
    else if (isRemoval(piece)) {
      if (!merged.delete(id))
        problems.push({ origin: piece.origin, message: `${id} is to be removed and is not there` });
    } else merged.set(id, before ? mergePieces(before, piece, problems) : piece);
    seen.add(id);
  }
  return [...merged.values()];
}

function areThings(items: readonly Piece[]): boolean {
  return items.length > 0 && items.every((item) => idOf(item) !== undefined);
}

function isRemoval(piece: Piece): boolean {
  const flag = childOf(piece, 'remove');
  return flag?.kind === 'scalar' && flag.value === true;
}
