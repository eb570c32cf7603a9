import type { Logger } from 'pino';
import type { Actor } from '../modules/access/actor.js';

/** The session behind a request. */
export interface Session {
  readonly id: string;
  readonly userId: string;
}

export interface SignedIn {
  /** Null for a program with an API key. */
  readonly session: Session | null;
  readonly actor: Actor;
  /** The session's cookie, made anew when the session was prolonged. */
  readonly setCookies: readonly string[];
}

/** Finds who is calling. Implemented by identity and access; null: nobody is signed in. */
export interface Authenticator {
  /** `prolong: false` where nobody is acting (a stream's heartbeat): such a look-up keeps no session alive. */
  authenticate(
    headers: Headers,
    options?: { readonly prolong?: boolean /** For keys that are bound to addresses. */; readonly ip?: string | null },
  ): Promise<SignedIn | null>;
}

export interface HttpVariables {
  requestId: string;
  ip: string | null;
  log: Logger;
  authenticator: Authenticator;
  signedIn: SignedIn | null | undefined;
  /** The route's pattern, for logs and metrics: ids never become labels. */
  routePattern: string | undefined;
}

export interface HttpEnv {
  Variables: HttpVariables;
  /** From the Node server; absent where a test calls the app in-process. */
  Bindings: { incoming?: { socket?: { remoteAddress?: string } } };
}
