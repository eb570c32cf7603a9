import { z } from 'zod';

const rtspUrl = z
  .url({ protocol: /^rtsps?$/ })
  .max(2_048)
  .refine((text) => !URL.canParse(text) || !new URL(text).password, 'user name and password stand beside the address');

/** Where a camera's pictures come from. */
export const streamAddressSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('rtsp'),
    url: rtspUrl,
    userName: z.string().max(200).optional(),
    password: z.string().max(200).optional(),
    transport: z.enum(['tcp', 'udp']).default('tcp'),
  }),
  /** Played at its own speed, as a camera would; again and again with `loop`. */
  z.strictObject({ kind: z.literal('file'), path: z.string().min(1).max(4_096), loop: z.boolean().default(true) }),
  /** Video4Linux2. What it gives is no H.264: recording it has to encode. */
  z.strictObject({
    kind: z.literal('usb'),
    device: z.string().regex(/^\/dev\/[\w/.:-]{1,200}$/, 'a device such as /dev/video0'),
    width: z.number().int().min(16).max(7_680).default(1_280),
    height: z.number().int().min(16).max(4_320).default(720),
    fps: z.number().min(1).max(60).default(15),
  }),
]);
export type StreamAddress = z.infer<typeof streamAddressSchema>;
