import { uuidv7 } from '@hallhub/shared';
import type { Fact, Point, VisionRule } from '@hallhub/shared/vision';
import { z } from 'zod';
import { type CameraDocument, cameraDocumentSchema } from '../modules/vision/contract.js';

export const demoScenes = ['counter', 'street'] as const;
export type DemoScene = (typeof demoScenes)[number];

/** What a simulated camera films, and by which serial number it is known: sent by the launcher once its pictures are made. */
export const demoCameraSchema = z.object({ serial: z.string().min(1).max(100), scene: z.enum(demoScenes) });
export type DemoCamera = z.infer<typeof demoCameraSchema>;

export const demoCameraNames: Readonly<Record<DemoScene, string>> = {
  counter: '营业厅柜台摄像机',
  street: '厅外人行道摄像机',
};

const box = (left: number, top: number, right: number, bottom: number): Point[] => [
  [left, top],
  [right, top],
  [right, bottom],
  [left, bottom],
];

const coolDownMs = 300_000;
const clip = { beforeMs: 10_000, afterMs: 10_000 };
const staged = '演示画面：人物取自公开的示例素材，不是真实顾客';

type RuleWish = Record<string, unknown> & Pick<VisionRule, 'name' | 'algorithm'>;

const documentOf = (given: {
  readonly purpose: string;
  readonly view: string;
  readonly rules: readonly RuleWish[];
}): CameraDocument =>
  cameraDocumentSchema.parse({
    purpose: given.purpose,
    // Enough for both scenes, and the machine stays free for the rest of the hall.
    analysisFps: 4,
    recordHours: 1,
    views: [{ id: uuidv7(), name: given.view, rules: given.rules.map((rule) => ({ id: uuidv7(), ...rule })) }],
  });

const pictureFails: RuleWish = { name: '画面异常', algorithm: 'tamper', severity: 'warning', coolDownMs };

/** Zones and lines stand where things are in the simulator's scene (simulators/src/peers/camera/footage/scenes.ts). */
const counter = (signedOn: Fact | undefined): CameraDocument =>
  documentOf({
    purpose: '窗口服务规范与排队秩序（演示：公开素材中的人物合成的画面）',
    view: '柜台全景',
    rules: [
      {
        name: signedOn ? '1 号窗口签到后无人' : '1 号窗口无人',
        algorithm: 'absence',
        zone: box(0.27, 0.24, 0.46, 0.45),
        facts: signedOn ? [signedOn] : [],
        severity: 'warning',
        forMs: 15_000,
        coolDownMs,
        ...{ clip, facesClearBecause: staged },
      },
      {
        name: '等候排队过长',
        algorithm: 'queue_length',
        zone: box(0.3, 0.6, 0.72, 0.9),
        most: 2,
        forMs: 5_000,
        coolDownMs,
        clip,
      },
      {
        name: '大门进出人数',
        algorithm: 'line_count',
        line: [
          [0.14, 0.99],
          [0.14, 0.5],
        ],
      },
      { name: '大厅停留', algorithm: 'dwell', zone: box(0.02, 0.54, 0.98, 0.99), forMs: 5_000 },
      pictureFails,
    ],
  });

const pavement: Point[] = [
  [0.01, 0.3],
  [0.35, 0.36],
  [0.55, 0.3],
  [0.8, 0.2],
  [0.99, 0.2],
  [0.99, 0.82],
  [0.45, 0.58],
  [0.01, 0.42],
];

const street = (): CameraDocument =>
  documentOf({
    purpose: '厅外人流统计与聚集（演示：公开的示例素材）',
    view: '人行道',
    rules: [
      {
        name: '人行道过往人数',
        algorithm: 'line_count',
        line: [
          [0.63, 0.28],
          [0.63, 0.74],
        ],
      },
      {
        name: '厅外人员聚集',
        algorithm: 'crowding',
        zone: pavement,
        most: 5,
        forMs: 3_000,
        coolDownMs,
        clip,
      },
      { name: '厅外停留', algorithm: 'dwell', zone: pavement, forMs: 5_000 },
      pictureFails,
    ],
  });

/** What a scene is watched for. `signedOn`: what says that the first counter is open. */
export const demoDocument = (scene: DemoScene, signedOn: Fact | undefined): CameraDocument =>
  scene === 'counter' ? counter(signedOn) : street();
