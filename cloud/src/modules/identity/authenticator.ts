import { eq } from 'drizzle-orm';
import type { Authenticator } from '../../http/env.js';
import { loadActor } from '../access/load-actor.js';
import { users } from '../access/tables.js';
import { type Identity, sessionCookiePrefix } from './better-auth.js';

/** Session cookie → actor: one transaction, with the grants as they stand now. */
export const sessionAuthenticator = (identity: Identity): Authenticator => ({
  async authenticate(headers, options = {}) {
    const cookie = headers.get('cookie');
    if (!cookie?.includes(`${sessionCookiePrefix}.session_token=`)) return null;
    return identity.run(null, async (auth, tx) => {
      const found = await auth.getSession({
        headers: new Headers({ cookie }),
        query: { disableRefresh: options.prolong === false },
        returnHeaders: true,
      });
      if (!found.response) return null;
      const { session } = found.response;
      const [user] = await tx.select().from(users).where(eq(users.id, session.userId));
      if (user?.state !== 'active') return null;
      return {
        session: { id: session.id, userId: user.id },
        actor: await loadActor(tx, {
          userId: user.id,
          userName: user.userName,
          tenantId: user.tenantId,
          mustChangePassword: user.mustChangePassword,
        }),
        setCookies: found.headers.getSetCookie(),
      };
    });
  },
});
