import { withSystem } from '../../../db/index.js';
import type { Identity } from '../better-auth.js';
import { rememberBrowser } from '../known-browsers.js';
import { userAccounts } from '../tables.js';
import { credentialOf } from './change-password.js';

/** The browser's cookie after that person signed in with it, or chose a new password. */
export const knowBrowser = async (
  { db, keys }: Identity,
  input: { readonly userId: string; readonly cookie: string | undefined },
): Promise<string> => {
  const { userId, cookie } = input;
  const [account] = await withSystem(db, (tx) =>
    tx.select({ credential: userAccounts.password }).from(userAccounts).where(credentialOf(userId)),
  );
  return rememberBrowser(keys, cookie, { userId, credential: account?.credential ?? null });
};
