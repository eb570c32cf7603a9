import { z } from 'zod';

/** What a model is for; each is interchangeable. */
export const modelRoles = ['detector', 'pose', 'face', 'face-embedding'] as const;
export type ModelRole = (typeof modelRoles)[number];

const idText = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'lower-case letters, digits, dots and dashes');
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hex');
const relativePath = z
  .string()
  .max(200)
  .regex(/^(?!.*\.\.)[\w.@-]+(\/[\w.@-]+)*$/, 'a path inside the package, without ..');
const outputName = z.string().min(1).max(200);
const share = z.number().min(0).max(1);
const triple = z.tuple([z.number(), z.number(), z.number()]);

const labelSchema = z.object({
  id: z.string().regex(/^[a-z][a-z0-9 _-]{0,63}$/, 'a label in lower case'),
  zh: z.string().min(1).max(64).optional(),
  en: z.string().min(1).max(64).optional(),
});

/** How a picture is handed to the model: value = (byte - mean) / std, by channel in the order of `colours`. */
const inputSchema = z.strictObject({
  name: z.string().min(1).max(200),
  width: z.int().min(16).max(4096),
  height: z.int().min(16).max(4096),
  layout: z.enum(['nchw', 'nhwc']),
  type: z.enum(['float32', 'int32', 'uint8']).default('float32'),
  colours: z.enum(['rgb', 'bgr']).default('rgb'),
  mean: triple.default([0, 0, 0]),
  std: triple.refine((std) => std.every((one) => one !== 0), 'no divisor is 0').default([1, 1, 1]),
  /** letterbox keeps the shape and fills what is left; stretch does not. */
  fit: z.enum(['letterbox', 'stretch']).default('letterbox'),
  place: z.enum(['centre', 'corner']).default('centre'),
  fill: z.int().min(0).max(255).default(0),
});

/** Across and down. */
const point = z.tuple([share, share]);
const strideSchema = z.int().min(1).max(256);

/** How the model's numbers become boxes: the family of the model, and the names of its outputs. */
const outputSchema = z.discriminatedUnion('decoder', [
  z.strictObject({
    decoder: z.literal('nanodet'),
    /** Distances to the four sides, each as `bins` weights; 11 in NanoDet-g, 8 in NanoDet-Plus. */
    bins: z.int().min(2).max(64),
    /** Where in its cell a point stands: 0.5 in NanoDet, 0 in NanoDet-Plus. */
    centre: z.number().min(0).max(1).default(0.5),
    levels: z
      .array(z.strictObject({ stride: strideSchema, scores: outputName, boxes: outputName }))
      .min(1)
      .max(8),
  }),
  z.strictObject({
    decoder: z.literal('nanodet-joined'),
    bins: z.int().min(2).max(64),
    centre: z.number().min(0).max(1).default(0),
    output: outputName,
    strides: z.array(strideSchema).min(1).max(8),
  }),
  z.strictObject({
    decoder: z.literal('yolo'),
    output: outputName,
    /** YOLOv5 and v7 have one number before the classes that says whether anything is there; v8 and later have not. */
    objectness: z.boolean(),
    /** Rows are boxes (v5), or columns are (v8). */
    rows: z.enum(['boxes', 'values']),
    units: z.enum(['pixels', 'fractions']).default('pixels'),
  }),
  z.strictObject({
    decoder: z.literal('yolox'),
    output: outputName,
    strides: z.array(strideSchema).min(1).max(8).default([8, 16, 32]),
  }),
  z.strictObject({
    decoder: z.literal('ssd'),
    boxes: outputName,
    /** One score a box beside `classes`, or one for each box and class. */
    scores: outputName,
    classes: outputName.optional(),
    corners: z.enum(['yxyx', 'xyxy']).default('yxyx'),
    units: z.enum(['pixels', 'fractions']).default('fractions'),
    /** Class number of the first label: 1 where 0 is the background. */
    firstClass: z.int().min(0).max(1).default(0),
  }),
  z.strictObject({
    /** Repeats already taken out by the model: each row is left, top, right, bottom, score, class (YOLOv10, CenterNet). */
    decoder: z.literal('rows'),
    output: outputName,
    units: z.enum(['pixels', 'fractions']).default('pixels'),
    firstClass: z.int().min(0).max(1).default(0),
  }),
  z.strictObject({
    decoder: z.literal('blazeface'),
    levels: z
      .array(
        z.strictObject({
          stride: strideSchema,
          anchors: z.int().min(1).max(16),
          scores: outputName,
          boxes: outputName,
        }),
      )
      .min(1)
      .max(4),
  }),
  z.strictObject({
    decoder: z.literal('movenet-multipose'),
    output: outputName,
    keypoints: z.array(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/)).length(17),
  }),
  z.strictObject({
    /** Numbers that are near each other where two faces are one person's. */
    decoder: z.literal('embedding'),
    output: outputName,
    numbers: z.int().min(8).max(4_096),
    /** Where the face's points lie in the input, fractions of it: who is seen stands upright and always as large. */
    points: z.strictObject({ rightEye: point, leftEye: point, nose: point, mouth: point }),
    /** How alike: the cosine between two; or 1 - distance / `apart`, which is 0 where they are `apart` from each other. */
    measure: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('cosine') }),
      z.strictObject({ kind: z.literal('distance'), apart: z.number().positive() }),
    ]),
  }),
]);

export type ModelInput = z.infer<typeof inputSchema>;
export type ModelOutput = z.infer<typeof outputSchema>;
export type ModelLabel = z.infer<typeof labelSchema>;

/** What each decoder gives. */
const roleOf: Record<ModelOutput['decoder'], ModelRole> = {
  nanodet: 'detector',
  'nanodet-joined': 'detector',
  yolo: 'detector',
  yolox: 'detector',
  ssd: 'detector',
  rows: 'detector',
  blazeface: 'face',
  'movenet-multipose': 'pose',
  embedding: 'face-embedding',
};

const noteSchema = z.object({ zh: z.string().min(1).max(500), en: z.string().min(1).max(500) });

const described = {
  version: z.literal(1),
  id: idText,
  name: z.string().min(1).max(100),
  role: z.enum(modelRoles),
  licence: z.string().min(1).max(200),
  input: inputSchema,
  output: outputSchema,
  /** In the order of the model's classes; null: a class nobody is told of. */
  labels: z.array(labelSchema.nullable()).max(2_000).default([]),
  thresholds: z
    .strictObject({
      sure: share,
      least: share,
      /** Two boxes of a label that cover each other by more than this (intersection over union) are one. */
      overlap: share.default(0.5),
      most: z.int().min(1).max(1_000).default(100),
    })
    .refine(({ sure, least }) => least <= sure, 'least is not above sure'),
  goodAt: noteSchema.optional(),
  weakAt: noteSchema.optional(),
  /** What the thresholds were measured with. */
  measured: noteSchema.optional(),
};

interface Described {
  readonly role: ModelRole;
  readonly output: ModelOutput;
  readonly labels: readonly (ModelLabel | null)[];
}

const fitting = <T extends z.ZodType<Described>>(schema: T) =>
  schema
    .refine(({ role, output }) => roleOf[output.decoder] === role, {
      path: ['output', 'decoder'],
      message: 'this decoder is for another role',
    })
    .refine(({ role, labels }) => (role === 'detector') === labels.some(Boolean), {
      path: ['labels'],
      message: 'a detector names its labels; other roles have none',
    });

const fileSchema = z.strictObject({ path: relativePath, sha256 });

/** A model of the catalogue: where its files come from, and what the conversion gives. */
export const catalogueCardSchema = fitting(
  z.strictObject({
    ...described,
    source: z.strictObject({
      package: z.string().regex(/^(@[a-z0-9-][\w.-]*\/)?[a-z0-9-][\w.-]*$/),
      packageVersion: z.string().regex(/^\d+\.\d+\.\d+[\w.-]*$/),
      /** Of the packed file, as npm writes it. */
      integrity: z.string().regex(/^sha512-[A-Za-z0-9+/]{86}==$/),
      bytes: z.int().min(1).max(4e9),
      graph: fileSchema,
      weights: fileSchema,
      /** Where `graph` only lists the weights: the network they are of. */
      network: z.enum(['residual-face']).optional(),
    }),
    onnx: z.strictObject({ sha256, bytes: z.int().min(1).max(2e9) }),
    /** Lower comes first where several models of a role are there and nobody chose. */
    rank: z.int().min(0).max(1_000),
    /** Brought only where somebody names it. */
    optional: z.boolean().default(false),
  }),
);
export type CatalogueCard = z.infer<typeof catalogueCardSchema>;

/** A model that the operator brings: an ONNX file and what it is. `hub models add` reckons `file` out. */
export const ownCardSchema = fitting(
  z.strictObject({ ...described, file: z.strictObject({ sha256, bytes: z.int().min(1).max(2e9) }).optional() }),
);
export type OwnCard = z.infer<typeof ownCardSchema>;

/** Other names or thresholds for a model of the catalogue, in DATA/models/<id>.settings.yaml. */
export const modelSettingsSchema = z.strictObject({
  version: z.literal(1),
  /** From the catalogue's label to the unit's; null: no longer told. */
  labels: z.record(z.string(), labelSchema.nullable()).optional(),
  thresholds: z
    .strictObject({ sure: share, least: share, overlap: share, most: z.int().min(1).max(1_000) })
    .partial()
    .optional(),
});
export type ModelSettings = z.infer<typeof modelSettingsSchema>;

/** A model as it is used: from the catalogue or the operator, with the unit's settings. */
export interface ModelCard extends Described {
  readonly id: string;
  readonly name: string;
  readonly licence: string;
  readonly input: ModelInput;
  readonly thresholds: {
    readonly sure: number;
    readonly least: number;
    readonly overlap: number;
    readonly most: number;
  };
  readonly onnx: { readonly sha256: string; readonly bytes: number };
  readonly rank: number;
  readonly goodAt?: { readonly zh: string; readonly en: string } | undefined;
  readonly weakAt?: { readonly zh: string; readonly en: string } | undefined;
  readonly measured?: { readonly zh: string; readonly en: string } | undefined;
}
