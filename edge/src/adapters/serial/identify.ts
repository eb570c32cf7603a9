import { type Clock, isHubError } from '@hallhub/shared';
import {
  buildFrame,
  decodeFrame,
  type LineSettings,
  matchFrame,
  type SerialBinding,
  type SerialMatch,
} from '@hallhub/shared/profile';
import type { DeviceIdentity } from '@hallhub/shared/wire';
import type { FoundDevice, LoadedProfile } from '../../ports/index.js';
import type { LinkOpener } from '../links/index.js';
import { SerialSession } from './serial-session.js';

export interface SerialIdentifyOptions {
  readonly path: string;
  readonly fallbackSerial: string;
  readonly profiles: readonly LoadedProfile[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Settings that edge.yaml states instead of the profiles'. */
  readonly line: LineSettings | undefined;
  open(path: string, line: LineSettings): LinkOpener;
}

interface Probe {
  readonly profile: LoadedProfile;
  readonly binding: SerialBinding;
  readonly rule: SerialMatch;
  readonly line: LineSettings;
}

/** Tries the probes of all profiles, those with the same line settings together. Undefined: nobody known answers. */
export const identifyPort = async (options: SerialIdentifyOptions): Promise<FoundDevice | undefined> => {
  const byLine = new Map<string, Probe[]>();
  for (const probe of options.profiles.flatMap((profile) => probesOf(profile, options.line))) {
    const key = JSON.stringify(probe.line);
    byLine.set(key, [...(byLine.get(key) ?? []), probe]);
  }
  for (const probes of byLine.values()) {
    // What only listens comes last: the answers of the others show themselves sooner.
    for (const probe of probes.sort((a, b) => a.rule.timeoutMs - b.rule.timeoutMs)) {
      const found = await tryProbe(probe, options);
      if (found) return found;
    }
  }
  return undefined;
};

const probesOf = (profile: LoadedProfile, line: LineSettings | undefined): Probe[] => {
  const binding = profile.document.bindings.serial;
  if (!binding) return [];
  return profile.document.match.serial.map((rule) => ({
    profile,
    binding,
    rule,
    line: line ?? rule.line ?? binding.line,
  }));
};

const tryProbe = async (probe: Probe, options: SerialIdentifyOptions): Promise<FoundDevice | undefined> => {
  const link = await options.open(options.path, probe.line).open(options.signal);
  const session = new SerialSession(link, probe.binding, options.clock, {
    frame: () => undefined,
    fault: () => undefined,
  });
  try {
    const frame = await askProbe(session, probe, options.signal);
    return frame && foundDevice(probe.profile, frame, options);
  } finally {
    await session.close();
  }
};

/** Sends the probe on a session of the right framing and gives the frame that proves the model. */
export const askProbe = async (
  session: SerialSession,
  { binding, rule }: Pick<Probe, 'binding' | 'rule'>,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> => {
  const request = rule.send.length === 0 ? new Uint8Array(0) : buildFrame(binding, rule.send, {}, { raw: rule.raw });
  try {
    return await session.exchange(request, (frame) => (matchFrame(rule.expect, frame) ? frame : undefined), {
      timeoutMs: rule.timeoutMs,
      signal,
    });
  } catch (error) {
    if (isHubError(error, 'timeout')) return undefined;
    throw error;
  }
};

export const foundDevice = (
  profile: LoadedProfile,
  frame: Uint8Array | undefined,
  { path, fallbackSerial }: Pick<SerialIdentifyOptions, 'path' | 'fallbackSerial'>,
): FoundDevice => {
  const { document } = profile;
  const told =
    frame && document.bindings.serial ? decodeFrame(document.bindings.serial, document.thing, frame).values : {};
  const serial = told.serialNumber ?? told.serial;
  const versionId = document.firmware?.versionProperty;
  const firmware = versionId ? told[versionId] : undefined;
  const identity: DeviceIdentity = {
    vendor: document.vendor,
    model: document.model,
    serial:
      String(serial ?? '')
        .trim()
        .slice(0, 100) || fallbackSerial,
    ...(firmware ? { firmware: String(firmware).slice(0, 100) } : {}),
  };
  return { address: path, identity, profileId: profile.id, certainty: 'certain' };
};
