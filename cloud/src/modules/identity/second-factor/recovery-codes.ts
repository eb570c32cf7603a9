import { randomInt } from 'node:crypto';

export const recoveryCodeCount = 10;
/** Without characters that are mistaken for one another on paper. */
const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';

/** Three groups of four: 60 bits each, on top of the limits on guessing. */
export const makeRecoveryCode = (): string =>
  Array.from({ length: 3 }, () => Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join('')).join(
    '-',
  );

/** As typed from paper: case, blanks and dashes do not matter. */
export const normaliseRecoveryCode = (code: string): string => code.toLowerCase().replace(/[^a-z0-9]/g, '');

export const isOneTimeCode = (code: string): boolean => /^\d{6}$/.test(code.replace(/\s/g, ''));
