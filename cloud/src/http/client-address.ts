/**
 * The caller's address. Behind N trusted proxies it is the Nth from the right of `X-Forwarded-For`;
 * with none that header is ignored, since anybody can write it.
 */
export const clientAddress = (
  remoteAddress: string | undefined,
  forwardedFor: string | undefined,
  trustedProxies: number,
): string | null => {
  const direct = remoteAddress?.replace(/^::ffff:/, '') ?? null;
  if (trustedProxies === 0 || forwardedFor === undefined) return direct;
  const hops = forwardedFor.split(',').map((hop) => hop.trim());
  return hops.at(-trustedProxies)?.slice(0, 45) || direct;
};

export const isLoopback = (address: string | null): boolean =>
  address === '::1' || (address?.startsWith('127.') ?? false);
