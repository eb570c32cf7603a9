import { z } from 'zod';

const address = z
  .string()
  .regex(
    /^(?:https?:\/\/)?(?:\[[0-9a-fA-F:]+\]|[^/:\s]+)(?::\d{1,5})?(?:\/\S*)?$/,
    'host, host:port or the address of the device service',
  );

/** The cameras of the hall's network: found by WS-Discovery, and named here. */
export const onvifConfigSchema = z.strictObject({
  discover: z.boolean().default(true),
  hosts: z
    .array(
      z.union([
        address,
        z.strictObject({
          host: address,
          username: z.string().max(100).optional(),
          password: z.string().max(200).optional(),
        }),
      ]),
    )
    .max(200)
    .default([]),
  username: z.string().max(100).optional(),
  password: z.string().max(200).optional(),
  /** Network interfaces to ask on; left out: all that are up, loopback excepted. */
  interfaces: z.array(z.string().max(32)).max(32).optional(),
  timeoutMs: z.int().min(100).max(60_000).default(4_000),
  /** How often a camera is asked whether it is there. */
  presenceEveryMs: z.int().min(500).max(600_000).default(10_000),
  rediscoverEveryMs: z.int().min(1_000).max(86_400_000).default(60_000),
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
  return url.href;
};

/** Whether a person named this device service; else it was found. */
export const isConfigured = (config: OnvifConfig, serviceUrl: string): boolean =>
  config.hosts.some(
    (one) => new URL(serviceAddress(typeof one === 'string' ? one : one.host)).host === new URL(serviceUrl).host,
  );

/** What to sign in with at a device service; undefined where nothing is configured. */
export const credentialsFor = (config: OnvifConfig, serviceUrl: string): Credentials | undefined => {
  const own = config.hosts.find(
    (one) => typeof one !== 'string' && new URL(serviceAddress(one.host)).host === new URL(serviceUrl).host,
  );
  const given = typeof own === 'object' && own.username !== undefined ? own : config;
  return given.username === undefined ? undefined : { username: given.username, password: given.password ?? '' };
};
