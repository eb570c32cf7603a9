import { randomInt } from 'node:crypto';
import { HubError } from '@hallhub/shared';

export const minPasswordLength = 10;
export const maxPasswordLength = 128;
const minClasses = 3;

/** What attackers try first, whatever the classes; compared in plain letters, without digits and symbols at the ends. */
const common = new Set(
  `password passwort passwd pass qwerty qwertyuiop asdf asdfgh asdfghjkl zxcvbn zxcvbnm admin administrator root super
  superuser system sysadmin manager operator service support default guest user test tester testing welcome letmein
  iloveyou woaini woaiwojia hallhub changeme change secret master dragon monkey sunshine princess football baseball
  login abc abcd abcde abcdef qq wechat weixin alibaba taobao baidu huawei hikvision dahua tencent xiaomi china beijing
  shanghai guangzhou shenzhen zhongguo power stategrid grid dianwang guowang yingyeting company office server database
  oracle mysql postgres postgresql cisco router internet computer windows linux android iphone apple google microsoft
  spring summer autumn winter january february march april june july august september october november december monday
  friday hello helloworld mima woshishui nihao aini`.split(/\s+/),
);

/** Rows of keys, and what people count along. */
const walks = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn',
  '!@#$%^&*()',
];
const shortestWalk = 4;

const classes = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{Ll}\p{Lu}\p{N}]/u];

/** `p@ssw0rd` reads as `password`. */
const asLetters = (text: string): string =>
  text.replace(
    /[@$!013457]/g,
    (sign) =>
      ({ '@': 'a', $: 's', '!': 'i', '0': 'o', '1': 'l', '3': 'e', '4': 'a', '5': 's', '7': 't' })[sign] ?? sign,
  );

const trimmed = (text: string): string => text.replace(/^[\d\W_]+|[\d\W_]+$/gu, '');

/** What is left when runs along the keyboard, the alphabet or the digits are taken out, either way. */
const withoutWalks = (text: string): string => {
  const rows = walks.flatMap((row) => [row, [...row].reverse().join('')]);
  let rest = '';
  for (let at = 0; at < text.length; ) {
    let length = shortestWalk - 1;
    const isWalk = (size: number) =>
      at + size <= text.length && rows.some((row) => row.includes(text.slice(at, at + size)));
    while (isWalk(length + 1)) length++;
    if (length >= shortestWalk) at += length;
    else rest += text[at++];
  }
  return rest;
};

export interface PasswordContext {
  readonly userName: string;
  /** Names that everybody around knows: the person's, the organisation's. */
  readonly names?: readonly string[];
  /** By the organisation's rules; never less than ten. */
  readonly minLength?: number;
}

/** Throws `invalid_input` with one entry for each rule broken; never echoes the password. */
export const checkPassword = (password: string, context: PasswordContext, path = 'body.next'): void => {
  const broken: string[] = [];
  const lower = password.toLowerCase();
  const minLength = Math.max(context.minLength ?? minPasswordLength, minPasswordLength);
  if (password.length < minLength) broken.push(`At least ${minLength} characters`);
  if (password.length > maxPasswordLength) broken.push(`At most ${maxPasswordLength} characters`);
  if (classes.filter((pattern) => pattern.test(password)).length < minClasses) {
    broken.push('At least three of: small letters, capitals, digits, other characters');
  }
  const known = [context.userName, ...(context.names ?? [])].map((name) => name.toLowerCase());
  if (known.some((name) => name.length >= 3 && (lower.includes(name) || asLetters(lower).includes(name)))) {
    broken.push('Must not contain the user name, or the name of the person or the organisation');
  }
  const cores = [lower, trimmed(lower), asLetters(trimmed(lower)), trimmed(asLetters(lower))];
  if (cores.some((core) => common.has(core))) broken.push('Is one of the passwords that are tried first');
  else if (lower.length >= minPasswordLength && withoutWalks(lower).length < 4)
    broken.push('Is little more than a row of keys or digits');
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
