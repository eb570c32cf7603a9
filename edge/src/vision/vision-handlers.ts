import type { z } from 'zod';
import type { Agent } from '../agent.js';
import { verifyFindings } from './verify-findings.js';
import type { VisionLocalResult, visionMethods } from './vision-contract.js';
import { visionRecordings } from './vision-recordings.js';
import { visionFindings, visionRules, visionStatus } from './vision-status.js';

type Methods = typeof visionMethods;
type Handlers = {
  [M in keyof Methods]: (
    params: z.output<Methods[M]['params']>,
  ) => Promise<VisionLocalResult<M>> | VisionLocalResult<M>;
};

export const visionHandlers = (agent: Agent): Handlers => ({
  vision: () => visionStatus(agent),
  'vision.rules': () => visionRules(agent),
  'vision.findings': ({ limit }) => visionFindings(agent, limit),
  'vision.export': () => ({ config: agent.vision.config.config ?? null }),
  'vision.import': async ({ config }) => {
    const { version, cameras } = await agent.vision.config.import(config);
    const rules = cameras.flatMap(({ views }) => views.flatMap((view) => view.rules)).length;
    return { version, cameras: cameras.length, rules };
  },
  'vision.recordings': (asked) => visionRecordings(agent, asked),
  'vision.saved': (what) => {
    agent.log.logger.info({ ...what }, 'a recording was saved to a file at the unit');
    return {};
  },
  'vision.verify': async (asked) => {
    const { evidence } = agent.files;
    const identity = () => agent.identity.identity;
    const { rows, ...rest } = await verifyFindings({ book: agent.vision.book, evidence, identity }, asked);
    return { ...rest, rows: rows.map(({ files, ...row }) => ({ ...row, files: files.map((one) => ({ ...one })) })) };
  },
});
