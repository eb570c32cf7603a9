import { experimentalAlgorithms, findingNumber } from '@hallhub/shared/vision';
import type { Agent } from '../agent.js';
import type { VisionLocalResult } from './vision-contract.js';

/** How vision is, for the local API and the figures. */
export const visionStatus = ({
  vision,
  turning,
  loaded,
}: Pick<Agent, 'vision' | 'turning' | 'loaded'>): VisionLocalResult<'vision'> => {
  const { status } = vision.worker;
  const figures = new Map(status.cameras.map((one) => [one.cameraId, one]));
  const { inference } = status;
  return {
    config: vision.config.status,
    process: {
      ...{ state: status.state, restarts: status.restarts, pid: status.pid ?? null },
      ...{ memoryBytes: status.memoryBytes ?? null, reason: status.reason ?? null, hint: status.hint ?? null },
    },
    inference: inference ? { ...inference } : null,
    hasChineseFont: vision.hasFont ?? null,
    clips: loaded.config.vision.clips,
    waiting: vision.book.waiting().length,
    cameras: vision.standings().map(({ reason, hint, ...standing }) => {
      const seen = figures.get(standing.cameraId);
      const { recording } = seen ?? {};
      return {
        ...standing,
        ...{ reason: reason ?? null, hint: hint ?? null },
        ...{
          fps: seen?.fps ?? 0,
          skipped: seen?.skipped ?? 0,
          people: seen?.people ?? 0,
          health: seen?.health ?? null,
        },
        sight: sightOf(turning, standing.cameraId),
        recording: recording
          ? {
              ...{ bytes: recording.bytes, oldestAt: recording.oldestMs ?? null, newestAt: recording.newestMs ?? null },
              ...{ droppedFragments: recording.droppedFragments, problem: recording.problem ?? null },
            }
          : null,
      };
    }),
  };
};

const sightOf = (
  turning: Agent['turning'],
  cameraId: string,
): VisionLocalResult<'vision'>['cameras'][number]['sight'] => {
  const standing = turning.standing(cameraId);
  if (!standing?.sight) return null;
  const { sight, since, patrol, hand, problem } = standing;
  return {
    ...{ state: sight.state, preset: sight.state === 'at' ? sight.preset : null, since },
    ...{ patrol: patrol?.state ?? null, by: hand?.by ?? null, problem: problem ?? null },
  };
};

export const visionRules = ({
  vision,
  registry,
}: Pick<Agent, 'vision' | 'registry'>): VisionLocalResult<'vision.rules'> => ({
  rules: (vision.config.config?.cameras ?? []).flatMap(({ deviceId, views, enabled }) =>
    views.flatMap((view) =>
      view.rules.map((rule) => ({
        ...{ cameraId: deviceId, camera: registry.get(deviceId)?.name ?? deviceId, view: view.name },
        ...{ ruleId: rule.id, name: rule.name, algorithm: rule.algorithm, severity: rule.severity },
        ...{ enabled: enabled && rule.enabled, experimental: experimentalAlgorithms.has(rule.algorithm) },
        ...{ minConfidence: rule.minConfidence, forMs: rule.forMs, coolDownMs: rule.coolDownMs, clip: !!rule.clip },
        facesClearBecause: rule.facesClearBecause ?? null,
      })),
    ),
  ),
});

export const visionFindings = (
  { vision, registry }: Pick<Agent, 'vision' | 'registry'>,
  limit: number,
): VisionLocalResult<'vision.findings'> => ({
  findings: vision.book.latest(limit).map(({ finding, cameraId, at }) => ({
    ...{ episodeId: finding.episodeId, number: findingNumber(finding.episodeId), at, cameraId },
    ...{ camera: registry.get(cameraId)?.name ?? cameraId, rule: finding.rule.name, phase: finding.phase },
    ...{ startedAt: finding.startedAt, endedAt: finding.endedAt ?? null, files: finding.evidence.length },
    faces: finding.faces,
  })),
});
