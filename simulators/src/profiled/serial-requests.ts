import type {
  FrameMatch,
  FramePart,
  InboundFrame,
  Profile,
  SerialBinding,
  SerialStep,
  TemplateValues,
} from '@hallhub/shared/profile';
import { RequestPattern } from './request-pattern.js';

/** One step of the profile that the unit may take. */
export interface SerialRequest {
  readonly owner: string;
  readonly kind: 'poll' | 'command' | 'write' | 'probe';
  readonly id: string;
  readonly at: number;
  readonly pattern: RequestPattern;
  readonly framed: boolean;
  readonly expect: readonly string[];
  readonly probe?: FrameMatch;
  /** The command acts with the step that brings its last input. */
  readonly acts: boolean;
}

const takesInput = (part: FramePart): boolean => part.input !== undefined || /\{\w+(?::\d+)?\}/.test(part.text ?? '');

/** Everything the unit may send by the profile: polls, commands, writes, probes. */
export const serialRequests = (profile: Profile, binding: SerialBinding, params: TemplateValues): SerialRequest[] => {
  const { polls, commands, writes } = binding;
  const steps = (kind: SerialRequest['kind'], id: string, all: readonly SerialStep[]): SerialRequest[] => {
    const actsAt = Math.max(0, ...all.map(({ send }, at) => (send.some(takesInput) ? at : 0)));
    return all.map((step, at) => ({
      owner: `${kind} ${id}`,
      kind,
      id,
      at,
      framed: !step.raw,
      pattern: new RequestPattern(binding, step.send, params),
      expect: step.expect,
      acts: at === actsAt,
    }));
  };
  const known = [
    ...Object.entries(polls).flatMap(([id, poll]) => steps('poll', id, poll.steps)),
    ...Object.entries(commands).flatMap(([id, command]) => steps('command', id, command.steps)),
    ...Object.entries(writes).flatMap(([id, write]) => steps('write', id, write.steps)),
  ];
  const probes = profile.match.serial.flatMap((rule, at): SerialRequest[] =>
    rule.send.length === 0
      ? []
      : [
          {
            owner: 'probe',
            kind: 'probe',
            id: String(at),
            at: 0,
            framed: !rule.raw,
            pattern: new RequestPattern(binding, rule.send, params),
            expect: [],
            acts: false,
            probe: rule.expect,
          },
        ],
  );
  return [...known, ...probes];
};

/** Events that the frames of one poll or command can bring. */
export const eventsBrought = (
  binding: SerialBinding,
  requests: readonly SerialRequest[],
  owner: string,
): ReadonlySet<string> => {
  const names = requests.filter((one) => one.owner === owner).flatMap(({ expect }) => expect);
  return new Set(names.flatMap((name) => Object.keys(binding.frames[name]?.events ?? {})));
};

/** Frames that come without being asked for. */
export const spontaneousFrames = (binding: SerialBinding, requests: readonly SerialRequest[]): InboundFrame[] => {
  const awaited = new Set(requests.flatMap(({ expect }) => expect));
  return Object.entries(binding.frames).flatMap(([name, frame]) =>
    frame.answerOnly || awaited.has(name) ? [] : [frame],
  );
};
