import { lineSchema, literalSchema } from '@hallhub/shared/profile';
import { z } from 'zod';

const profileIdSchema = z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, 'a profile is vendor/model');
const paramsSchema = z.record(z.string(), literalSchema);

/** One serial port and the device, or the devices, on it. */
export const serialConfigSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'an id is kebab-case, 32 characters at most'),
    path: z.string().startsWith('/', 'the path of the port, such as /dev/serial/by-id/…'),
    discover: z.boolean().default(true),
    /** Pins the port to one profile: nothing is probed. */
    profile: profileIdSchema.optional(),
    /** Instead of the profile's line settings. */
    line: lineSchema.optional(),
    /** Parameters of the device, such as its bus address. */
    params: paramsSchema.default({}),
    /** Several devices on the line, told apart by their parameters. */
    devices: z
      .array(z.strictObject({ profile: profileIdSchema.optional(), params: paramsSchema.default({}) }))
      .min(1)
      .max(64)
      .optional(),
    /** Looks for devices whose parameter is one of these. */
    scan: z
      .strictObject({
        profile: profileIdSchema.optional(),
        param: z.string().regex(/^[a-z][a-zA-Z0-9]*$/, 'a parameter is camelCase'),
        from: z.int().min(0).max(65_535),
        to: z.int().min(0).max(65_535),
      })
      .refine(({ from, to }) => to >= from && to - from < 256, 'a scan goes from the lower to the higher, 256 at most')
      .optional(),
    rediscoverEveryMs: z.int().min(500).max(86_400_000).default(10_000),
  })
  .refine(({ devices = [] }) => new Set(devices.map((one) => slotKey(one.params))).size === devices.length, {
    message: 'two devices have the same params',
    path: ['devices'],
  });
export type SerialConfig = z.infer<typeof serialConfigSchema>;

/** A place for a device on the line. */
export interface Slot {
  /** `<path>`, or `<path>#address=2` where several devices share the line. */
  readonly address: string;
  readonly params: Readonly<Record<string, string | number | boolean>>;
  /** The profile that edge.yaml pins it to. */
  readonly profile: string | undefined;
  /** edge.yaml names this very device: it is registered without being asked. */
  readonly isNamed: boolean;
  /** For a device that tells no serial number of its own. */
  readonly fallbackSerial: string;
}

export const slotsOf = (config: SerialConfig): Slot[] => {
  const { devices = [], scan } = config;
  const slot = (params: Slot['params'], profile: string | undefined, isNamed: boolean): Slot => ({
    address: `${config.path}#${slotKey(params)}`,
    params: { ...config.params, ...params },
    profile: profile ?? config.profile,
    isNamed: isNamed && (profile ?? config.profile) !== undefined,
    fallbackSerial: `${config.id}-${slotKey(params).replace(/[^A-Za-z0-9]+/g, '-')}`,
  });
  const slots = devices.map((one) => slot(one.params, one.profile, true));
  if (scan) {
    for (let value = scan.from; value <= scan.to; value++) {
      const scanned = slot({ [scan.param]: value }, scan.profile, false);
      if (!slots.some((one) => one.address === scanned.address)) slots.push(scanned);
    }
  }
  if (slots.length > 0) return slots;
  const { path, params, profile, id } = config;
  return [{ address: path, params, profile, isNamed: profile !== undefined, fallbackSerial: id }];
};

const slotKey = (params: Slot['params']): string =>
  Object.keys(params)
    .sort()
    .map((name) => `${name}=${params[name]}`)
    .join('&');
