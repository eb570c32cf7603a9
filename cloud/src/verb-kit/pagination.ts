import { HubError } from '@hallhub/shared';
import { z } from '@hono/zod-openapi';

export const defaultPageSize = 50;
export const maxPageSize = 200;

/** Query part of every list route: merge with `.extend({...})`. */
export const pageQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(maxPageSize).default(defaultPageSize),
  cursor: z.string().max(500).optional().describe('`nextCursor` of the page before'),
});
export type PageQuery = z.output<typeof pageQuerySchema>;

/** `{items, nextCursor}`; `nextCursor` is null on the last page. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

export interface Page<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

/** A cursor holds the sort key of the last row seen, opaque to the client: `encodeCursor([row.createdAt, row.id])`. */
export const encodeCursor = (key: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(key)).toString('base64url');

/** Parses with the key's schema, so that a tampered cursor is a 400 and never reaches SQL untyped. */
export const decodeCursor = <T extends z.ZodType>(cursor: string | undefined, key: T): z.output<T> | null => {
  if (cursor === undefined) return null;
  let raw: unknown;
  try {
    raw = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch (cause) {
    throw badCursor(cause);
  }
  const parsed = key.safeParse(raw);
  if (!parsed.success) throw badCursor(parsed.error);
  return parsed.data;
};

const badCursor = (cause: unknown): HubError =>
  new HubError('invalid_input', 'The cursor is not one that this list gave out', {
    cause,
    hint: 'Ask for the first page again, without a cursor.',
  });

/** Ask the database for `limit + 1` rows; this cuts the page and makes the next cursor from its last row. */
export const toPage = <Row, T>(
  rows: readonly Row[],
  limit: number,
  map: { readonly item: (row: Row) => T; readonly key: (row: Row) => readonly (string | number)[] },
): Page<T> => {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(map.item),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(map.key(last)) : null,
  };
};
