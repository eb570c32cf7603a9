import { lineSchema } from '@hallhub/shared/profile';
import { z } from 'zod';

const profileIdSchema = z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, 'a profile is vendor/model');

/** 0 is for broadcasts on a serial line; over TCP some devices are called so. */
const unitIdSchema = z.int().min(0).max(255);

/** One bus: `tcp://host:port`, `rtu-tcp://host:port` (RTU through a serial server), or the path of a serial line. */
export const modbusConfigSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'an id is kebab-case, 32 characters at most'),
    url: z
      .string()
      .regex(
        /^(?:(?:tcp|rtu-tcp):\/\/(?:\[[0-9a-fA-F:]+\]|[^/:\s]+)(?::\d{1,5})?|\/.+)$/,
        'tcp://host:port, rtu-tcp://host:port or the path of a serial line',
      ),
    line: lineSchema.optional(),
    /** Looked for by the profiles' probes. Left out: 1, or none where `devices` names some. */
    unitIds: z.array(unitIdSchema).max(247).optional(),
    /** Single slaves of a shared bus; with a profile the slave is taken for that and not probed. */
    devices: z
      .array(z.strictObject({ unitId: unitIdSchema, profile: profileIdSchema.optional() }))
      .max(247)
      .refine(
        (devices) => new Set(devices.map(({ unitId }) => unitId)).size === devices.length,
        'a unit id stands twice',
      )
      .default([]),
    discover: z.boolean().default(true),
    /** Pins every unit id of this bus to one profile. */
    profile: profileIdSchema.optional(),
    probeTimeoutMs: z.int().min(50).max(10_000).default(500),
    /** How often unit ids that did not answer are looked for again. */
    rediscoverEveryMs: z.int().min(1_000).max(86_400_000).default(60_000),
  })
  .refine((config) => !config.url.startsWith('/') || config.line, {
    message: 'a serial bus states its line: baudRate, parity …',
    path: ['line'],
  });
export type ModbusConfig = z.infer<typeof modbusConfigSchema>;

/** Every unit id that the unit looks for on this bus. */
export const unitIdsOf = ({ unitIds, devices }: ModbusConfig): number[] => {
  const named = devices.map(({ unitId }) => unitId);
  return [...new Set([...(unitIds ?? (named.length > 0 ? [] : [1])), ...named])];
};

/** The profile that the configuration pins a unit id to, if it does. */
export const pinnedProfileOf = ({ profile, devices }: ModbusConfig, unitId: number): string | undefined =>
  devices.find((one) => one.unitId === unitId)?.profile ?? profile;
