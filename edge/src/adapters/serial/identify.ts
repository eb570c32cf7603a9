import { type Clock, HubError, isHubError } from '@hallhub/shared';
import {
  buildFrame,
  decodeFrame,
  type LineSettings,
  matchFrame,
  matchProfile,
  type SerialBinding,
  type SerialMatch,
  serialRuleScore,
} from '@hallhub/shared/profile';
import type { DeviceIdentity } from '@hallhub/shared/wire';
import type { FoundDevice, LoadedProfile } from '../../ports/index.js';
import type { LinkOpener } from '../links/index.js';
import type { Slot } from './config.js';
import { SerialSession } from './serial-session.js';

/** One way to find out whether a device is of a profile. */
export interface Probe {
  readonly profile: LoadedProfile;
  readonly binding: SerialBinding;
  readonly rule: SerialMatch;
  readonly index: number;
  readonly line: LineSettings;
  /** How much its answer would say. */
  readonly score: number;
}

interface Reply {
  readonly probe: Probe;
  readonly frame: Uint8Array;
}

/** The most exact first; what only listens comes last: the answers of the others show themselves sooner. */
export const probesOf = (profiles: readonly LoadedProfile[], line: LineSettings | undefined): Probe[] =>
  profiles
    .flatMap((profile) => {
      const binding = profile.document.bindings.serial;
      if (!binding) return [];
      return profile.document.match.serial.map((rule, index) => ({
        profile,
        binding,
        rule,
        index,
        line: line ?? rule.line ?? binding.line,
        score: serialRuleScore(rule, profile.document),
      }));
    })
    .sort((a, b) => Number(isListening(a)) - Number(isListening(b)) || b.score - a.score);

const isListening = ({ rule }: Probe): boolean => rule.send.length === 0;

/** A question that one device alone answers; what goes to all of them makes them speak at once on a shared line. */
export const isAddressed = ({ rule }: Probe): boolean =>
  rule.send.some((part) => part.param !== undefined || (part.text ?? '').includes('{'));

/** Sends the probe for a device with these parameters and gives the frame that proves the model. */
export const askProbe = async (
  session: SerialSession,
  { binding, rule }: Pick<Probe, 'binding' | 'rule'>,
  params: Slot['params'],
  signal: AbortSignal,
): Promise<Uint8Array | undefined> => {
  const own = {
    ...Object.fromEntries(Object.entries(binding.params).map(([id, one]) => [id, one.default])),
    ...params,
  };
  try {
    const request =
      rule.send.length === 0 ? new Uint8Array(0) : buildFrame(binding, rule.send, {}, { raw: rule.raw, params: own });
    await session.quiet(binding, signal);
    return await session.exchange(
      session.channel(binding),
      request,
      (frame) => (matchFrame(rule.expect, frame, 'ascii', own) ? frame : undefined),
      { timeoutMs: rule.timeoutMs, signal },
    );
  } catch (error) {
    // A parameter that the profile cannot say is no parameter of a device of it.
    if (isHubError(error, 'timeout') || isHubError(error, 'invalid_input')) return undefined;
    throw error;
  }
};

/** The most exact of the profiles that were answered; two that fit equally well are never guessed at. */
export const chooseReply = (replies: readonly Reply[], slot: Slot): FoundDevice | undefined => {
  const profiles = [...new Set(replies.map(({ probe }) => probe.profile))];
  const { best, why } = matchProfile(
    profiles.map((one) => one.document),
    {
      protocol: 'serial',
      replies: replies.map(({ probe, frame }) => ({
        profile: probe.profile.id as `${string}/${string}`,
        rule: probe.index,
        frame,
      })),
    },
  );
  const [first] = replies;
  if (!first) return undefined;
  const chosen = replies.find(({ probe }) => probe.profile.document === best?.profile);
  if (chosen) return foundDevice(chosen.probe.profile, chosen.frame, slot);
  return {
    address: slot.address,
    identity: { vendor: 'unknown', model: 'serial-device', serial: slot.fallbackSerial },
    certainty: 'unknown',
    detail: why,
  };
};

/** Whom the answer to a probe comes from; without one, what edge.yaml says is there. */
export const foundDevice = (profile: LoadedProfile, frame: Uint8Array | undefined, slot: Slot): FoundDevice => {
  const { vendor, model } = profile.document;
  const { serial, firmware } = frame ? toldIdentity(profile, frame, slot.params) : {};
  const identity: DeviceIdentity = {
    vendor,
    model,
    serial: serial ?? slot.fallbackSerial,
    ...(firmware ? { firmware } : {}),
  };
  return {
    address: slot.address,
    identity,
    profileId: profile.id,
    certainty: 'certain',
    ...(slot.isNamed && slot.profile === profile.id ? { configured: true } : {}),
  };
};

/** Serial number and firmware, where the answer holds them. */
export const toldIdentity = (
  { document }: LoadedProfile,
  frame: Uint8Array,
  params: Slot['params'],
): { serial?: string; firmware?: string } => {
  const binding = document.bindings.serial;
  if (!binding) return {};
  const wanted = ['serialNumber', 'serial', document.firmware?.versionProperty];
  const telling = Object.entries(binding.frames)
    .filter(([, one]) => Object.keys(one.properties).some((id) => wanted.includes(id)))
    .map(([name]) => name);
  const told = decodeFrame(binding, document.thing, frame, { expect: telling, params }).values;
  const text = (id: string | undefined) =>
    id === undefined || told[id] === undefined ? undefined : String(told[id]).trim().slice(0, 100) || undefined;
  const serial = text('serialNumber') ?? text('serial');
  const firmware = text(document.firmware?.versionProperty);
  return { ...(serial ? { serial } : {}), ...(firmware ? { firmware } : {}) };
};

export interface IdentifyOptions {
  readonly path: string;
  readonly slots: readonly Slot[];
  readonly profiles: readonly LoadedProfile[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Settings that edge.yaml states instead of the profiles'. */
  readonly line: LineSettings | undefined;
  open(path: string, line: LineSettings): LinkOpener;
}

/** Tries every place on a port that nobody uses, with one line setting after the other until one is answered. */
export async function* identifyPort(options: IdentifyOptions): AsyncGenerator<FoundDevice> {
  for (const probes of byLine(probesOf(options.profiles, options.line))) {
    let found = 0;
    for await (const one of identifyOnLine(probes, options)) {
      found++;
      yield one;
    }
    if (found > 0) return;
  }
}

/** Probes of one line setting together; those that are soon done first, and listening after all asking. */
const byLine = (probes: readonly Probe[]): Probe[][] => {
  const groups = new Map<string, Probe[]>();
  for (const probe of probes) {
    const key = JSON.stringify([probe.line, isListening(probe)]);
    groups.set(key, [...(groups.get(key) ?? []), probe]);
  }
  const meanMs = (group: readonly Probe[]) =>
    group.reduce((total, { rule }) => total + rule.timeoutMs, 0) / group.length + (group.some(isListening) ? 1e6 : 0);
  return [...groups.values()].sort((a, b) => meanMs(a) - meanMs(b));
};

async function* identifyOnLine(probes: readonly Probe[], options: IdentifyOptions): AsyncGenerator<FoundDevice> {
  const line = probes[0]?.line;
  if (!line) return;
  const session = await openSession(options, line);
  if (!session) return;
  try {
    for (const slot of options.slots) {
      const replies: Reply[] = [];
      for (const probe of probes) {
        if (slot.profile !== undefined && slot.profile !== probe.profile.id) continue;
        if (options.slots.length > 1 && !isAddressed(probe)) continue;
        // What would say less than the answer that is there need not be asked.
        if (replies.some((reply) => reply.probe.score > probe.score)) break;
        const frame = await askProbe(session, probe, slot.params, options.signal);
        if (frame) replies.push({ probe, frame });
      }
      const found = chooseReply(replies, slot);
      if (found) yield found;
    }
  } finally {
    await session.close();
  }
}

const openSession = async (options: IdentifyOptions, line: LineSettings): Promise<SerialSession | undefined> => {
  try {
    const link = await options.open(options.path, line).open(options.signal);
    return new SerialSession(link, options.clock, { frame: () => undefined, fault: () => undefined }, line);
  } catch (error) {
    // A setting that this machine's port does not know says nothing about the others.
    if (error instanceof HubError && error.context.errno === 'EINVAL') return undefined;
    throw error;
  }
};
