import { z } from 'zod';
import { clipPolicies } from './evidence/clip-policy.js';
import { faceSettingsSchema } from './faces/face-settings.js';

const gibibyte = 1_073_741_824;

/** A camera without ONVIF: an address, a file that plays again and again, or a device of this machine. */
const cameraSchema = z
  .strictObject({
    /** Its address in the registry: stays the same for ever. */
    id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'lower-case letters, digits, -'),
    name: z.string().trim().min(1).max(100).optional(),
    url: z
      .url({ protocol: /^rtsps?$/ })
      .max(2_048)
      .optional(),
    /** Its smaller stream, for viewers on a slow line; same account. */
    subUrl: z
      .url({ protocol: /^rtsps?$/ })
      .max(2_048)
      .optional(),
    file: z.string().min(1).max(4_096).optional(),
    usb: z
      .string()
      .regex(/^\/dev\/[\w/.:-]{1,200}$/, 'a device such as /dev/video0')
      .optional(),
    userName: z.string().max(200).optional(),
    password: z.string().max(200).optional(),
    transport: z.enum(['tcp', 'udp']).default('tcp'),
  })
  .refine(({ url, file, usb }) => [url, file, usb].filter((one) => one !== undefined).length === 1, {
    message: 'a camera has a url, a file or a usb device',
    path: ['url'],
  });
export type ConfiguredCamera = z.infer<typeof cameraSchema>;

/** The section `vision` of edge.yaml. */
export const visionSectionSchema = z
  .strictObject({
    cameras: z
      .array(cameraSchema)
      .max(64)
      .refine((cameras) => new Set(cameras.map(({ id }) => id)).size === cameras.length, 'two cameras have one id')
      .default([]),
    /** Of an ONVIF camera with several streams: what is looked at, recorded and shown. */
    stream: z.enum(['main', 'sub']).default('main'),
    /** Clips for which no rule says why faces may be seen: encoded anew so small that nobody can be told, not sent at all, or as recorded. */
    clips: z.enum(clipPolicies).default('reduced'),
    /** Live pictures: streams that are encoded anew at one time for browsers that cannot play what a camera sends; 0: none. */
    live: z.strictObject({ conversions: z.number().int().min(0).max(8).default(2) }).prefault({}),
    recording: z
      .strictObject({
        maxBytes: z
          .number()
          .int()
          .min(0)
          .default(32 * gibibyte),
        minFreeBytes: z.number().int().min(0).default(gibibyte),
      })
      .prefault({}),
    /** What the cloud may be sent of recordings, all viewers and downloads together. */
    playback: z
      .strictObject({
        maxBytesPerSecond: z
          .number()
          .int()
          .min(16_384)
          .max(gibibyte)
          .default(4 * 1_048_576),
      })
      .prefault({}),
    /** Comparing somebody with the picture on a document; left out: never. */
    faces: faceSettingsSchema.optional(),
    /** The program, by name or path. */
    ffmpeg: z.string().min(1).max(4_096).default('ffmpeg'),
  })
  .prefault({});
export type VisionSection = z.infer<typeof visionSectionSchema>;
