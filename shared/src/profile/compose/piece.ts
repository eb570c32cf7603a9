import type { Locate, Place } from '../profile-issue.js';
import type { YamlSource } from './yaml-source.js';

/** The file and the path in it that a piece was written at. */
export interface Origin {
  source: Pick<YamlSource, 'file' | 'place'>;
  path: readonly PropertyKey[];
}

/** Plain data in which every part remembers where it was written, so that merged files still name their faults. */
export type Piece = { origin: Origin } & (
  | { kind: 'scalar'; value: unknown }
  | { kind: 'map'; entries: ReadonlyMap<string, Piece> }
  | { kind: 'list'; items: readonly Piece[] }
);
export type MapPiece = Extract<Piece, { kind: 'map' }>;
export type ListPiece = Extract<Piece, { kind: 'list' }>;

/** Plain data as a piece; by default all of it stands at the same path of its source. */
export function pieceOf(
  plain: unknown,
  source: Origin['source'],
  path: readonly PropertyKey[] = [],
  originAt: (path: readonly PropertyKey[]) => Origin = (at) => ({ source, path: at }),
): Piece {
  const origin = originAt(path);
  if (Array.isArray(plain)) {
    const items = plain.map((item, index) => pieceOf(item, source, [...path, index], originAt));
    return { origin, kind: 'list', items };
  }
  if (plain !== null && typeof plain === 'object') {
    const given = Object.entries(plain).filter(([, value]) => value !== undefined);
    const entries = given.map(([key, value]) => [key, pieceOf(value, source, [...path, key], originAt)] as const);
    return { origin, kind: 'map', entries: new Map(entries) };
  }
  return { origin, kind: 'scalar', value: plain };
}

export function plainOf(piece: Piece): unknown {
  switch (piece.kind) {
    case 'scalar':
      return piece.value;
    case 'list':
      return piece.items.map(plainOf);
    case 'map':
      return Object.fromEntries([...piece.entries].map(([key, one]) => [key, plainOf(one)]));
  }
}

export function childOf(piece: Piece | undefined, step: PropertyKey): Piece | undefined {
  if (piece?.kind === 'map') return piece.entries.get(String(step));
  return piece?.kind === 'list' ? piece.items[Number(step)] : undefined;
}

/** Where a path of the piece was written; of a part that is missing, where the nearest one above it was. */
export function originOf(root: Piece, path: readonly PropertyKey[]): Origin {
  let piece: Piece = root;
  for (const [depth, step] of path.entries()) {
    const next = childOf(piece, step);
    if (!next) return { source: piece.origin.source, path: [...piece.origin.path, ...path.slice(depth)] };
    piece = next;
  }
  return piece.origin;
}

export function placeOf({ source, path }: Origin): Place {
  return { file: source.file, ...source.place(path), path: path.map(String).join('.') };
}

export function locatorOf(root: Piece): Locate {
  return (path) => placeOf(originOf(root, path));
}

/** The id of an entry in a list of things, events, alarms, values or fields. */
export function idOf(piece: Piece): string | undefined {
  const id = childOf(piece, 'id');
  return id?.kind === 'scalar' && typeof id.value === 'string' ? id.value : undefined;
}
