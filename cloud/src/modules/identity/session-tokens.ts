import { sessionCookiePrefix } from './better-auth.js';

const mostKept = 5_000;
/** A signed cookie has some 120; what else is sent under its name is looked at each time, and not kept. */
const mostChars = 512;
const name = new RegExp(`^(?:__Secure-)?${sessionCookiePrefix.replace('.', '\\.')}\\.session_token=`);

/** The signed cookies of a session as a browser sent them; undefined: none. */
export const signedSessionOf = (cookies: string | null): string | undefined => {
  const signed = cookies?.split(';').flatMap((one) => (name.test(one.trim()) ? [one.trim()] : [])) ?? [];
  return signed.length === 0 ? undefined : signed.join(';');
};

/**
 * Whose signature was found right keeps being right: the token of a signed cookie, for those that came last. What the token is
 * worth is asked for each request.
 */
export class SessionTokens {
  readonly #kept = new Map<string, string>();

  tokenOf(signed: string): string | undefined {
    return this.#kept.get(signed);
  }

  keep(signed: string, token: string): void {
    if (signed.length > mostChars) return;
    this.#kept.delete(signed);
    this.#kept.set(signed, token);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > mostKept && oldest !== undefined) this.#kept.delete(oldest);
  }

  forget(signed: string): void {
    this.#kept.delete(signed);
  }
}
