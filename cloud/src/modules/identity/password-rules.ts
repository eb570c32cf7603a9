import { randomInt } from 'node:crypto';
import { HubError } from '@hallhub/shared';

export const minPasswordLength = 10;
export const maxPasswordLength = 128;
const minClasses = 3;

/** What attackers try first, whatever the classes; compared without digits and symbols at the ends. */
const common = [
  'password',
  'passw0rd',
  'p@ssw0rd',
  'p@ssword',
  'qwerty',
  'qwertyuiop',
  'admin',
  'administrator',
  'welcome',
  'letmein',
  'iloveyou',
  'hallhub',
  '1qaz2wsx',
  'abc123',
];

const classes = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{Ll}\p{Lu}\p{N}]/u];

/** Throws `invalid_input` with one entry for each rule broken; never echoes the password. */
export const checkPassword = (password: string, userName: string, path = 'body.next'): void => {
  const broken: string[] = [];
  const lower = password.toLowerCase();
  if (password.length < minPasswordLength) broken.push(`At least ${minPasswordLength} characters`);
  if (password.length > maxPasswordLength) broken.push(`At most ${maxPasswordLength} characters`);
  if (classes.filter((pattern) => pattern.test(password)).length < minClasses) {
    broken.push('At least three of: small letters, capitals, digits, other characters');
  }
  if (userName.length >= 3 && lower.includes(userName.toLowerCase())) broken.push('Must not contain the user name');
  if (common.includes(lower.replace(/^[\d\W_]+|[\d\W_]+$/g, '')) || common.includes(lower)) {
    broken.push('Is one of the passwords that are tried first');
  }
  if (new Set(lower).size < 5) broken.push('Too few different characters');
  if (broken.length === 0) return;
  throw new HubError('invalid_input', 'The password breaks the password rules', {
    context: { errors: broken.map((message) => ({ path, message })) },
  });
};

/** Without characters that are mistaken for one another on paper. */
const alphabet = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** Four groups of four, 93 bits: read out or printed once, replaced at the first sign-in. */
export const makeOneTimePassword = (): string =>
  Array.from({ length: 4 }, () => Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join('')).join(
    '-',
  );
