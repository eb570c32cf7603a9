import { z } from '@hono/zod-openapi';

/** One spelling for one person: NFKC, lower case. */
export const normaliseUserName = (userName: string): string => userName.normalize('NFKC').trim().toLowerCase();

export const isUserName = (userName: string): boolean => /^[\p{L}\p{N}][\p{L}\p{N}._-]{1,63}$/u.test(userName);

/** Letters (Chinese too), digits, `.`, `_`, `-`; 2 to 64; stored in lower case. */
export const userNameSchema = z
  .string()
  .transform(normaliseUserName)
  .refine(isUserName, 'Letters, digits, ".", "_" and "-", 2 to 64 of them, starting with a letter or digit')
  .openapi({ type: 'string', minLength: 2, maxLength: 64 });
