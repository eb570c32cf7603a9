/** One spelling for one person: NFKC, lower case. */
export const normaliseUserName = (userName: string): string => userName.normalize('NFKC').trim().toLowerCase();

/** Letters (Chinese too), digits, `.`, `_`, `-`; 2 to 64. */
export const isUserName = (userName: string): boolean => /^[\p{L}\p{N}][\p{L}\p{N}._-]{1,63}$/u.test(userName);
