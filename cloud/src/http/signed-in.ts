import type { Context } from 'hono';
import type { HttpEnv, SignedIn } from './env.js';

/** Who is calling: looked up only where a route needs it, and once a request. */
export const signedInOf = async (c: Context<HttpEnv>): Promise<SignedIn | null> => {
  const known = c.get('signedIn');
  if (known !== undefined) return known;
  const found = await c.get('authenticator').authenticate(c.req.raw.headers, { ip: c.get('ip') });
  c.set('signedIn', found);
  return found;
};
