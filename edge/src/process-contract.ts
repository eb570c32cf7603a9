import { HubError } from '@hallhub/shared';
import { laneNames } from '@hallhub/shared/wire';
import type { Agent, AgentOptions } from './agent.js';
import { glanceAtVision, type VisionGlance } from './vision/vision-glance.js';

/** Something that started must be able to stop; a stop that hangs must not. */
const stopLimitMs = 9_000;
const statusEveryMs = 1_000;

type Hooks = Pick<AgentOptions, 'onStatus' | 'onFatal' | 'onRestart' | 'strict'> & {
  readonly progress: (text: string) => void;
  /** Aborted when the process is told to stop. */
  readonly signal: AbortSignal;
};

export interface Supervised {
  /** Also asked when the agent is to be made anew in the same process. */
  readonly make: (hooks: Hooks) => Promise<Agent>;
  readonly describeError: (error: unknown) => HubError;
}

/** 2: something a person has to correct; 1: a crash. */
const exitCodeOf = ({ code }: HubError): number =>
  ['configuration', 'store_unwritable', 'store_busy', 'store_full', 'unsupported'].includes(code) ? 2 : 1;

/**
 * The process around the agent: ready, status and fatal to the parent where there is one, a line on standard output where not;
 * a clean stop on `{type:'stop'}`, SIGINT, SIGTERM, and when the parent is gone.
 */
export const supervise = async ({ make, describeError }: Supervised): Promise<void> => {
  const hasParent = process.send !== undefined;
  const tell = (message: object): void => {
    if (process.connected) process.send?.(message);
  };
  let agent: Agent | undefined;
  let glance: () => VisionGlance | undefined = () => undefined;
  let stopping = false;
  let restarting = false;
  let dirty = true;
  const stopped = new AbortController();

  const fail = (error: unknown): void => {
    const failure = describeError(error);
    const { code, message, hint } = failure;
    tell({ type: 'fatal', code, message, hint });
    process.stderr.write(
      `${JSON.stringify({ level: 60, time: Date.now(), msg: message, code, hint, stack: code === 'bug' ? (failure.cause instanceof Error ? failure.cause.stack : failure.stack) : undefined })}\n`,
    );
    if (!hasParent) process.stderr.write(`${message}\n${hint ? `${hint}\n` : ''}`);
    void end(exitCodeOf(failure));
  };

  const end = async (exitCode: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    stopped.abort(new HubError('cancelled', 'stopped'));
    const force = setTimeout(() => process.exit(exitCode || 1), stopLimitMs);
    force.unref();
    await agent?.stop();
    // The parent's channel would keep the process; what was sent is flushed by disconnecting.
    if (process.connected) process.disconnect();
    process.exitCode = exitCode;
    setTimeout(() => process.exit(exitCode), 200).unref();
  };

  process.on('SIGINT', () => void end(0));
  process.on('SIGTERM', () => void end(0));
  process.on('disconnect', () => void end(0));
  process.on('message', (message: { type?: unknown } | null) => {
    if (message?.type === 'stop') void end(0);
  });
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);

  const progress = (text: string): void => {
    tell({ type: 'progress', step: 'start', text });
    if (!hasParent) process.stderr.write(`${JSON.stringify({ level: 30, time: Date.now(), msg: text })}\n`);
  };

  const run = async (): Promise<void> => {
    try {
      tell({ type: 'progress', step: 'start', text: 'opening the store' });
      const made = await make({
        strict: hasParent,
        progress,
        signal: stopped.signal,
        onStatus: () => {
          dirty = true;
        },
        onFatal: fail,
        onRestart: () => void restart(),
      });
      if (stopping) return;
      agent = made;
      await made.start();
    } catch (error) {
      if (!stopping) fail(error);
      return;
    }
    if (stopping) return;
    glance = glanceAtVision(agent);
    const { mqttUrl } = agent;
    const { socketPath } = agent.localApi;
    tell({ type: 'ready', mqtt: mqttUrl, socket: socketPath });
    if (!hasParent) process.stdout.write(`ready  mqtt ${mqttUrl ?? 'none'}  socket ${socketPath ?? 'none'}\n`);
    agent.registry.onChange(() => {
      dirty = true;
    });
    agent.intake.onItem(({ kind }) => {
      if (kind === 'presence') dirty = true;
    });
  };

  const restart = async (): Promise<void> => {
    if (stopping || restarting) return;
    restarting = true;
    try {
      const before = agent;
      agent = undefined;
      await before?.stop();
      if (!stopping) await run();
    } finally {
      restarting = false;
    }
  };

  await run();
  if (stopping) return;
  let last = '';
  setInterval(() => {
    if (!agent || stopping || !hasParent) return;
    const status = statusMessage(agent, glance());
    const text = JSON.stringify(status);
    if (!dirty && text === last) return;
    dirty = false;
    last = text;
    tell(status);
  }, statusEveryMs).unref();
};

const statusMessage = (agent: Agent, vision: VisionGlance | undefined): object => {
  const { state, since, reason } = agent.uplinkStatus();
  return {
    type: 'status',
    uplink: { state, sinceMs: since, reason },
    outbox: Object.fromEntries(
      laneNames.map((lane) => [
        lane,
        { pending: agent.outbox.lane(lane).rows, oldestMs: agent.outbox.lane(lane).oldestAt() },
      ]),
    ),
    devices: agent.registry.list().map(({ deviceId, name, identity, deviceClass, state: deviceState, presence }) => ({
      id: deviceId,
      name: name ?? `${identity.vendor} ${identity.model} ${identity.serial}`,
      class: deviceClass,
      state: deviceState,
      presence,
    })),
    ...(vision ? { vision } : {}),
    ...(agent.brokerFailure ? { broker: { state: 'failed', reason: agent.brokerFailure } } : {}),
  };
};
