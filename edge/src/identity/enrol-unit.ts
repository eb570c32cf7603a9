import { readFileSync } from 'node:fs';
import os from 'node:os';
import { type Clock, HubError, isHubError } from '@hallhub/shared';
import {
  caFingerprintBytes,
  type EnrolAnswer,
  type EnrolmentCode,
  type EnrolRequest,
  enrolAnswerSchema,
  gatewayPaths,
  maxSnapshotBytes,
  type Trust,
  trustSchema,
} from '@hallhub/shared/wire';
import { writeFileSafely } from '../store/write-file-safely.js';
import { alreadyEnrolled } from './already-enrolled.js';
import { certificateRequest, makeUnitKey } from './certificate-request.js';
import { fingerprintOf } from './certificate-text.js';
import { checkServer, serverFaultOf } from './check-server.js';
import { chainOf, dialTls } from './dial-tls.js';
import { answerOf, gatewayCodeOf, gatewayError, jsonBody, sendOn } from './gateway-client.js';
import { codeHashOf, type IdentityFiles } from './identity-files.js';
import { gatewayTarget, timeAnswerSchema } from './trusted-dialer.js';

export interface EnrolOptions {
  readonly files: IdentityFiles;
  readonly code: EnrolmentCode;
  readonly gateway: URL;
  readonly software: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  readonly progress?: (text: string) => void;
  /** Of each answer from somebody who is not known yet (30 s). */
  readonly answerWithinMs?: number;
  /** Also where the unit has an identity that is of use. */
  readonly anew?: boolean;
  /** Why the cloud does not want the identity that is there; left out: it does, as far as is known. */
  readonly refusal?: string | undefined;
}

export interface Enrolment {
  readonly unitId: string;
  readonly name: string;
  readonly hallName: string;
  readonly timeZone: string;
  readonly gateway: string;
  readonly endsAt: number;
  /** The unit takes the place of another one; its snapshot was fetched, or there was none. */
  readonly replacement: boolean;
  readonly snapshot: 'none' | 'fetched' | 'failed';
  /** What this machine's clock is off from the cloud's, ms. */
  readonly clockOffsetMs: number;
  /** It was enrolled by this code before, epoch ms: nothing was changed now. */
  readonly since?: number;
}

const tries = 3;

/** docs/protocol.md 5.1. Nothing secret is said before the server is known to be the one the code was made by. */
export const enrolUnit = async (options: EnrolOptions): Promise<Enrolment> => {
  const { files, code, gateway, clock, signal, progress } = options;
  const before = alreadyEnrolled(options);
  if (before) return before;
  progress?.(`asking ${gateway.host} who it is`);
  const ca = await pinnedCa(options);
  const clockOffsetMs = await cloudTimeOffset(options, ca);
  progress?.('making the key');
  const key = await files.keyFor(code.secret, async () => makeUnitKey());
  const csr = await certificateRequest(key);
  progress?.('enrolling');
  const request: EnrolRequest = {
    v: 1,
    code: code.secret,
    csr,
    software: options.software,
    hardware: hardware(),
    at: clock.now(),
  };
  const answer = await ask(options, ca, clock.now() + clockOffsetMs, request).catch((error: unknown) => {
    if (isUseless(error)) files.forgetKey();
    throw error;
  });
  if (!answer.trust.certificates.some((one) => isPinned(one, code))) {
    throw new HubError('protocol_violation', 'the cloud’s list of CAs lacks the one of the code');
  }
  const { unitId, name, hallName, timeZone, replacement } = answer;
  const identity = files.take(
    {
      key,
      certificate: answer.certificate,
      trust: answer.trust,
      replacement,
      enrolment: { codeHash: codeHashOf(code.secret), at: clock.now() + clockOffsetMs, name, hallName, timeZone },
      unit: {
        unitId,
        secret: answer.secret,
        cloud: { mqtt: answer.mqtt, gateway: answer.gateway },
      },
    },
    clock.now(),
  );
  let snapshot: Enrolment['snapshot'] = 'none';
  if (replacement) {
    progress?.('fetching what the unit before knew');
    // Enrolled is enrolled: the agent fetches it before it opens the hall where it cannot be had now.
    snapshot = await fetchSnapshot({
      files,
      identity,
      gateway: new URL(answer.gateway),
      now: () => clock.now() + clockOffsetMs,
      signal,
    }).catch(() => 'failed' as const);
  }
  return {
    ...{ unitId, name, hallName, timeZone, replacement, snapshot, clockOffsetMs },
    gateway: answer.gateway,
    endsAt: identity.endsAt,
  };
};

export interface FetchSnapshotOptions {
  readonly files: IdentityFiles;
  readonly identity: { readonly tls: { readonly key: string; readonly cert: string }; readonly trust: Trust };
  readonly gateway: URL;
  readonly now: () => number | undefined;
  readonly signal?: AbortSignal;
}

/** Leaves it beside the identity, as it came; `none` where the unit before never left one. */
export const fetchSnapshot = async (options: FetchSnapshotOptions): Promise<'fetched' | 'none'> => {
  const { files, identity, gateway, now, signal } = options;
  const socket = await dialTls({
    ...gatewayTarget(gateway),
    check: { trust: identity.trust.certificates, at: now() },
    identity: identity.tls,
    signal,
  });
  const answer = await sendOn(socket, gateway, {
    method: 'GET',
    path: gatewayPaths.snapshot,
    headers: { 'accept-encoding': 'identity' },
    maxAnswerBytes: maxSnapshotBytes,
    signal,
  });
  const wantedSince = files.replacement?.wantedSince ?? 0;
  if (answer.status === 404 || answer.status === 204) {
    files.endReplacement();
    return 'none';
  }
  if (answer.status !== 200) throw gatewayError(answer, gateway);
  writeFileSafely(files.snapshotFile, answer.body);
  files.noteReplacement({ wantedSince, fetched: true });
  return 'fetched';
};

/** The CA that the code names, from a connection that proves nothing yet; and proof that the gateway is of that CA. */
const pinnedCa = async ({ code, gateway, signal, answerWithinMs = 30_000 }: EnrolOptions): Promise<string> => {
  const socket = await dial(() => dialTls({ ...gatewayTarget(gateway), check: undefined, signal }));
  const chain = chainOf(socket);
  const answer = await within(answerWithinMs, gateway, signal, (limit) =>
    dial(() => sendOn(socket, gateway, { method: 'GET', path: gatewayPaths.trust, signal: limit })),
  );
  const { certificates } = answerOf(answer, trustSchema, gateway);
  const ca = certificates.find((one) => isPinned(one, code));
  if (!ca) {
    throw new HubError('unauthenticated', `${gateway.host} is not the cloud that made this code`, {
      hint: 'Take the code and the address from the same console. If they are, its CA was changed since: ask for a new code.',
    });
  }
  try {
    checkServer(chain, { trust: [ca], host: gatewayTarget(gateway).host, at: undefined });
  } catch (error) {
    if (serverFaultOf(error) === 'host') throw hostError(error as HubError);
    throw new HubError('unauthenticated', `something between this unit and ${gateway.host} opens its TLS`, {
      cause: error,
      hint: 'A proxy that inspects TLS has to let this address through untouched.',
    });
  }
  return ca;
};

/** Silence is not all: a byte now and then would keep a connection for ever. */
const within = async <T>(
  limitMs: number,
  gateway: URL,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const limit = AbortSignal.timeout(limitMs);
  try {
    return await run(signal ? AbortSignal.any([signal, limit]) : limit);
  } catch (cause) {
    if (!limit.aborted || signal?.aborted) throw cause;
    throw new HubError('timeout', `${gateway.host} did not answer within ${limitMs / 1_000} s`, { cause });
  }
};

const isPinned = (certificate: string, { caFingerprint }: EnrolmentCode): boolean =>
  fingerprintOf(certificate).subarray(0, caFingerprintBytes).equals(caFingerprint);

const hostError = (cause: HubError): HubError =>
  new HubError('unauthenticated', cause.message, {
    cause,
    hint: 'Use the name or address the console shows with the code, or tell the cloud its names (HALLHUB_UNIT_HOSTS).',
  });

/** The first boot of a unit without a battery is in 1970: dates are looked at by the cloud's own time. */
const cloudTimeOffset = async ({ gateway, clock, signal }: EnrolOptions, ca: string): Promise<number> => {
  const check = { trust: [ca], at: undefined };
  const socket = await dial(() => dialTls({ ...gatewayTarget(gateway), check, signal }));
  const askedMs = clock.monotonicMs();
  const answer = await dial(() => sendOn(socket, gateway, { method: 'GET', path: gatewayPaths.time, signal }));
  const { serverTime } = answerOf(answer, timeAnswerSchema, gateway);
  return Math.round(serverTime + (clock.monotonicMs() - askedMs) / 2 - clock.now());
};

/** An answer that was lost is asked for again: the code with its key is answered again for ten minutes. */
const ask = async (options: EnrolOptions, ca: string, at: number, request: EnrolRequest): Promise<EnrolAnswer> => {
  const { gateway, signal, clock } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      const socket = await dialTls({ ...gatewayTarget(gateway), check: { trust: [ca], at }, signal });
      const answer = await sendOn(socket, gateway, {
        ...jsonBody(request),
        method: 'POST',
        path: gatewayPaths.enrol,
        signal,
      });
      return answerOf(answer, enrolAnswerSchema, gateway);
    } catch (error) {
      const lost = isHubError(error, 'link_lost') || isHubError(error, 'timeout');
      if (!lost || attempt >= tries) throw lost ? repeatable(error as HubError) : withDates(error);
      await clock.sleep(1_000 * attempt, signal);
    }
  }
};

/** The cloud will never take this code from this key. */
const isUseless = (error: unknown): boolean =>
  ['code_unknown', 'code_used', 'code_expired'].includes(gatewayCodeOf(error) ?? '');

const repeatable = (cause: HubError): HubError =>
  new HubError('unavailable', cause.message, {
    cause,
    hint: 'Nothing is lost: run the same command again within 10 minutes.',
  });

const withDates = (error: unknown): unknown => {
  if (gatewayCodeOf(error) !== undefined || serverFaultOf(error) !== 'dates') return error;
  return new HubError('precondition_failed', `by the cloud’s own time ${(error as HubError).message}`, {
    cause: error,
    hint: 'The clock of the cloud’s machine is wrong, or it was off for long: look there.',
  });
};

/** `link_*` would read as “no agent” to whoever runs hub. */
const dial = async <T>(run: () => Promise<T>): Promise<T> => {
  try {
    return await run();
  } catch (error) {
    if (serverFaultOf(error) === 'host') throw hostError(error as HubError);
    if (!isHubError(error, 'link_lost') && !isHubError(error, 'link_refused')) throw error;
    const { message, hint } = error as HubError;
    throw new HubError('unavailable', message, { cause: error, hint });
  }
};

const hardware = (): EnrolRequest['hardware'] => {
  const read = (file: string): string | undefined => {
    try {
      const text = readFileSync(file, 'utf8').replace(/\0/g, '').trim();
      return text === '' ? undefined : text.slice(0, 200);
    } catch {
      // Not on this kind of machine, or not for this user.
      return undefined;
    }
  };
  const model = read('/proc/device-tree/model') ?? read('/sys/class/dmi/id/product_name');
  const serial = read('/proc/device-tree/serial-number') ?? read('/sys/class/dmi/id/product_serial');
  return { ...(model ? { model } : {}), ...(serial ? { serial } : {}), hostName: os.hostname().slice(0, 255) };
};
