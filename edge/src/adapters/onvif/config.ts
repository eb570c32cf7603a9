import { z } from 'zod';

const address = z
  .string()
  .regex(
    /^(?:https?:\/\/)?(?:\[[0-9a-fA-F:]+\]|[^/:\s#]+)(?::\d{1,5})?(?:\/[^\s#]*)?$/,
    'host, host:port or the address of the device service',
  );
const account = {
  username: z.string().max(100).optional(),
  password: z.string().max(200).optional(),
} as const;
const durationMs = (least: number, most: number) => z.int().min(least).max(most);

/** The cameras of the hall's network: found by WS-Discovery, and named here. */
export const onvifConfigSchema = z.strictObject({
  /** Search by WS-Discovery and listen to Hello and Bye. `hosts` are looked at either way. */
  discover: z.boolean().default(true),
  /** Network interfaces to search on; left out: all that are up, loopback excepted. */
  interfaces: z.array(z.string().max(32)).max(32).optional(),
  /** Take only cameras with all of these scopes, such as onvif://www.onvif.org/location/hall-12: halls that share a network. */
  scopes: z
    .array(
      z
        .string()
        .regex(/^[!-~]+$/, 'a scope is a URI without blanks')
        .max(200),
    )
    .max(16)
    .default([]),
  hosts: z
    .array(
      z.union([
        address,
        z.strictObject({
          host: address,
          ...account,
          /** SHA-256 of the camera's HTTPS certificate: this one and no other. */
          fingerprint: z
            .string()
            .regex(/^(?:[0-9a-fA-F]{2}:?){32}$/, 'a SHA-256 fingerprint has 64 hex digits')
            .optional(),
        }),
      ]),
    )
    .max(200)
    .default([]),
  ...account,
  tls: z
    .strictObject({
      /** PEM file of the authorities that issued the cameras' certificates; left out: the first certificate seen is kept. */
      ca: z.string().min(1).max(500).optional(),
    })
    .prefault({}),
  timeoutMs: durationMs(100, 60_000).default(4_000),
  /** How often a camera is asked whether it is there. */
  presenceEveryMs: durationMs(500, 600_000).default(10_000),
  rediscoverEveryMs: durationMs(1_000, 86_400_000).default(60_000),
  /** After a refused password nothing is tried for this long, then twice as long, one hour at most: cameras lock accounts. */
  signInRetryMs: durationMs(10_000, 3_600_000).default(600_000),
  /** A camera whose clock is off by more is set right by itself, once an hour at most; left out: never. */
  setClockAboveMs: durationMs(1_000, 86_400_000).optional(),
});
export type OnvifConfig = z.infer<typeof onvifConfigSchema>;

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** `127.0.0.1:8081` -> `http://127.0.0.1:8081/onvif/device_service`. */
export const serviceAddress = (host: string): string => {
  const url = new URL(/^https?:\/\//.test(host) ? host : `http://${host}`);
  if (url.pathname === '/') url.pathname = '/onvif/device_service';
  url.username = '';
  url.password = '';
  url.hash = '';
  return url.href;
};

/** A camera as edge.yaml names it. */
export interface NamedHost {
  readonly serviceUrl: string;
  readonly credentials: Credentials | undefined;
  readonly fingerprint: string | undefined;
}

export const namedHosts = (config: OnvifConfig): NamedHost[] =>
  config.hosts.map((one) => {
    const own = typeof one === 'string' ? { host: one } : one;
    return {
      serviceUrl: serviceAddress(own.host),
      credentials: 'username' in own && own.username !== undefined ? credentialsOf(own) : credentialsOf(config),
      fingerprint: 'fingerprint' in own ? own.fingerprint : undefined,
    };
  });

export const credentialsOf = (account: {
  username?: string | undefined;
  password?: string | undefined;
}): Credentials | undefined =>
  account.username === undefined ? undefined : { username: account.username, password: account.password ?? '' };
