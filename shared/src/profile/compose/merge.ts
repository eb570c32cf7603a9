import { childOf, idOf, type ListPiece, type MapPiece, type Origin, type Piece } from './piece.js';

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
  return mergeAt([], base, patch, problems);
}

function mergeAt(path: readonly string[], base: Piece, patch: Piece, problems: MergeProblems): Piece {
  if (isOfAnotherKind(path, base, patch)) return patch;
  if (base.kind === 'map' && patch.kind === 'map') return mergeMaps(path, base, patch, problems);
  if (base.kind === 'list' && patch.kind === 'list' && areThings(base.items) && areThings(patch.items)) {
    return { origin: patch.origin, kind: 'list', items: mergeThings(path, base, patch, problems) };
  }
  return patch;
}

/** What says its kind is replaced as a whole when the kind changes: the keys of the old one mean nothing to the new. */
function isOfAnotherKind(path: readonly string[], base: Piece, patch: Piece): boolean {
  const [first, second] = path;
  // A hint's kind is told by its keys.
  if (first === 'simulation') return second === 'values' && path.length === 3;
  const key =
    path.at(-1) === 'framing' ? 'type' : path.at(-1) === 'checksum' || first === 'alarms' ? 'kind' : undefined;
  if (key === undefined) return false;
  const [old, now] = [childOf(base, key), childOf(patch, key)];
  return now?.kind === 'scalar' && old?.kind === 'scalar' && now.value !== old.value;
}

function mergeMaps(path: readonly string[], base: MapPiece, patch: MapPiece, problems: MergeProblems): Piece {
  const entries = new Map(base.entries);
  for (const [key, one] of patch.entries) {
    const before = base.entries.get(key);
    if (one.kind === 'scalar' && one.value === null) {
      if (!before) problems.push({ origin: one.origin, message: `${key} is to be deleted and is not there` });
      entries.delete(key);
    } else entries.set(key, before ? mergeAt([...path, key], before, one, problems) : one);
  }
  return { origin: patch.origin, kind: 'map', entries };
}

function mergeThings(path: readonly string[], base: ListPiece, patch: ListPiece, problems: MergeProblems): Piece[] {
  const merged = new Map(base.items.map((piece) => [idOf(piece), piece]));
  const seen = new Set<string | undefined>();
  for (const piece of patch.items) {
    const id = idOf(piece);
    const before = merged.get(id);
    if (seen.has(id)) problems.push({ origin: piece.origin, message: `the id "${id}" is used twice` });
    else if (isRemoval(piece)) {
      if (!merged.delete(id))
        problems.push({ origin: piece.origin, message: `${id} is to be removed and is not there` });
    } else merged.set(id, before ? mergeAt([...path, id ?? ''], before, piece, problems) : piece);
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
