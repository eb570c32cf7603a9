import { lookup as dnsLookup } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { HubError } from '@hallhub/shared';

const blocks = (...ranges: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[]): BlockList => {
  const list = new BlockList();
  for (const [net, prefix, family] of ranges) list.addSubnet(net, prefix, family);
  return list;
};

/** Own machine and private networks: open only to installations that say so. */
const privateNets = blocks(
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
);

/** Cloud metadata services, link-local, multicast, reserved: never a sign-on provider. */
const neverNets = blocks(
  ['0.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['100.100.100.200', 32, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 128, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['fd00:ec2::254', 128, 'ipv6'],
  ['64:ff9b::', 96, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
);

/** Whether the cloud may call that address on behalf of sign-on. IPv4 inside IPv6 is judged as IPv4. */
export const isAllowedAddress = (address: string, allowPrivate: boolean): boolean => {
  const version = isIP(address);
  if (version === 0) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  // BlockList judges ::ffff:a.b.c.d by its IPv4 rules.
  if (neverNets.check(address, family)) return false;
  return allowPrivate || !privateNets.check(address, family);
};

/** Own machine and private networks: there alone nothing has to be encrypted. */
export const isPrivateAddress = (address: string): boolean => {
  const version = isIP(address);
  return version !== 0 && privateNets.check(address, version === 4 ? 'ipv4' : 'ipv6');
};

const refusedAddress = (host: string): HubError =>
  new HubError('link_refused', `The address of ${host} is not one that a sign-on provider may have`, {
    context: { reason: 'address' },
    hint: 'Providers on a private network need HALLHUB_ALLOW_PRIVATE_SIGNON=1, others https; link-local and metadata addresses are never called.',
  });

export interface GuardedFetchOptions {
  readonly allowPrivate: boolean;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
}

/**
 * `fetch` for what an administrator typed: the address is judged when the connection is made (a name that changes its
 * answer gains nothing), redirects are not followed, time and size are bounded, plain http only on private networks.
 */
export const makeGuardedFetch = (options: GuardedFetchOptions) => {
  const { allowPrivate, timeoutMs = 10_000, maxBytes = 1024 * 1024 } = options;
  const isFine = (address: string, isHttps: boolean): boolean =>
    isAllowedAddress(address, allowPrivate) && (isHttps || isPrivateAddress(address));
  const lookupFor =
    (isHttps: boolean): LookupFunction =>
    (hostname, lookupOptions, callback) => {
      dnsLookup(hostname, { ...lookupOptions, all: true }, (error, addresses) => {
        if (error) return callback(error, []);
        const found = addresses as { address: string; family: number }[];
        if (found.length === 0 || !found.every(({ address }) => isFine(address, isHttps))) {
          return callback(refusedAddress(hostname) as unknown as NodeJS.ErrnoException, []);
        }
        if (lookupOptions.all) return callback(null, found);
        const [first] = found;
        callback(null, first?.address ?? '', first?.family);
      });
    };
  return async (input: string | URL, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(input);
    const isHttps = url.protocol === 'https:';
    if (!isHttps && !(allowPrivate && url.protocol === 'http:')) throw refusedAddress(url.host);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !isFine(host, isHttps)) throw refusedAddress(url.host);
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
    const headers = Object.fromEntries(new Headers(init.headers));
    const body = bodyOf(init.body);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const send = isHttps ? httpsRequest : httpRequest;
      const sent = send(url, { method: init.method ?? 'GET', headers, lookup: lookupFor(isHttps), signal }, resolve);
      sent.on('error', reject);
      sent.end(body);
    });
    const status = answer.statusCode ?? 502;
    const bytes = await readAll(answer, maxBytes);
    return new Response(withoutBody.has(status) ? null : bytes, { status, headers: flat(answer.headers) });
  };
};

/** `Response` takes no body with these, not even an empty one. */
const withoutBody: ReadonlySet<number> = new Set([204, 205, 304]);

const bodyOf = (body: RequestInit['body']): string | undefined => {
  if (body === null || body === undefined) return undefined;
  return body instanceof URLSearchParams || typeof body === 'string' ? body.toString() : undefined;
};

const flat = (headers: IncomingMessage['headers']): Headers => {
  const made = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const one of [value ?? []].flat()) made.append(name, one);
  }
  return made;
};

const readAll = async (answer: IncomingMessage, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> => {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer) {
    size += (part as Buffer).length;
    if (size > maxBytes) {
      answer.destroy();
      throw new HubError('too_large', 'The provider answered more than is reasonable');
    }
    parts.push(part as Buffer);
  }
  return new Uint8Array(Buffer.concat(parts));
};
