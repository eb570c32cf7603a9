import { useNavigate, useSearch } from '@tanstack/react-router';
import * as z from 'zod/mini';

type SearchRecord = Record<string, string | undefined>;

/** Search parameters are plain strings, so that `?q=007` stays what was typed. */
export const parseSearch = (text: string): SearchRecord => Object.fromEntries(new URLSearchParams(text));

export const stringifySearch = (search: Record<string, unknown>): string => {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== '') params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `?${text}` : '';
};

/** A parameter of any text. */
export const anyText = z.optional(z.string());

/** A parameter of a closed list; anything else counts as left out. */
export const oneOf = <const T extends readonly string[]>(values: T) =>
  z.catch(z.optional(z.enum(values as unknown as readonly [T[number], ...T[number][]])), undefined);

/** A parameter of a form; anything else counts as left out. */
export const like = (pattern: RegExp) => z.catch(z.optional(z.string().check(z.regex(pattern))), undefined);

interface SetOptions {
  /** A new step for the back button; typing in a filter is not one. */
  push?: boolean;
}

/** A page's state in its address. What does not fit the schema falls back, it never breaks the page. */
export function useSearchState<S extends z.ZodMiniType<Record<string, unknown>>>(
  schema: S,
): [z.infer<S>, (patch: Partial<z.infer<S>>, options?: SetOptions) => void] {
  const raw = useSearch({ strict: false }) as SearchRecord;
  const navigate = useNavigate();
  const parsed = schema.safeParse(raw);
  const state = parsed.success ? parsed.data : schema.parse({});
  const set = (patch: Partial<z.infer<S>>, options: SetOptions = {}) => {
    void navigate({
      to: '.',
      search: ((was: SearchRecord) => ({ ...was, ...patch })) as never,
      replace: !options.push,
    });
  };
  return [state, set];
}
