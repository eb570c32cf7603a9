import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HubError, isHubError } from '@hallhub/shared';
import { type UnitProof, unitProofSchema } from '@hallhub/shared/proof';
import Database from 'better-sqlite3';
import { loadCredential } from '../config/load-config.js';
import { answerOf } from '../identity/gateway-client.js';
import { IdentityFiles } from '../identity/identity-files.js';
import { TrustedDialer } from '../identity/trusted-dialer.js';
import { type OwnProof, readOwnProof } from '../proof/own-proof.js';
import type { CliContext } from './cli-context.js';

type Span = { readonly fromMs: number; readonly toMs: number };

/** By the agent, which holds its files for itself; with none running, from the files. */
export const ownProofOf = async (context: CliContext, span: Span): Promise<OwnProof> => {
  try {
    return await context.withAgent((client) => client.call('proof.own', span));
  } catch (error) {
    if (!isHubError(error, 'link_refused')) throw error;
    return readFiles(context.dataDir, span, error);
  }
};

const readFiles = async (dataDir: string, span: Span, noAgent: HubError): Promise<OwnProof> => {
  const files = ['hub.db', 'telemetry.db'].map((name) => join(dataDir, name));
  if (!files.every((file) => existsSync(file))) throw noAgent;
  const opened: Database.Database[] = [];
  try {
    for (const file of files) opened.push(new Database(file, { readonly: true, fileMustExist: true }));
    const [hub, telemetry] = opened as [Database.Database, Database.Database];
    return await readOwnProof((lane) => (lane === 'events' || lane === 'manifest' ? hub : telemetry), span);
  } catch (cause) {
    if (isHubError(cause)) throw cause;
    throw new HubError('unavailable', `The unit's files in ${dataDir} cannot be read: ${(cause as Error).message}`, {
      cause,
      hint: 'Run hub as the user the agent runs as, or with sudo.',
    });
  } finally {
    for (const db of opened) db.close();
  }
};

export type CloudAnswer = { readonly proof: UnitProof } | { readonly unknown: string };

/** What the cloud says of that day, or of today in the hall's zone, which it alone knows; without a line, or without a certificate, why it cannot be known here. */
export const cloudProofOf = async (context: CliContext, day: string | undefined): Promise<CloudAnswer> => {
  try {
    const state = new IdentityFiles(context.dataDir).read();
    const gateway = loadCredential(join(context.dataDir, 'unit.json'))?.cloud.gateway;
    if (state.state !== 'ready' || gateway === undefined) {
      return { unknown: 'this unit has no certificate, so that the cloud cannot be asked from here' };
    }
    const { identity } = state;
    const url = new URL(gateway);
    let offsetMs = 0;
    const dialer = new TrustedDialer({
      trust: () => identity.trust.certificates,
      identity: () => identity.tls,
      gateway: () => url,
      now: () => context.terminal.now() + offsetMs,
      earliest: () => identity.issuedAt,
      isTimeSure: () => false,
      monotonicMs: () => performance.now(),
      learn: (serverTime) => {
        offsetMs = serverTime - context.terminal.now();
      },
    });
    const path = `/unit/v1/proof${day === undefined ? '' : `?day=${encodeURIComponent(day)}`}`;
    const request = { method: 'GET', path, signal: context.signal, timeoutMs: 10_000, maxAnswerBytes: 4_194_304 };
    return { proof: answerOf(await dialer.request(url, request), unitProofSchema, url) };
  } catch (error) {
    if (isHubError(error, 'cancelled')) throw error;
    return { unknown: error instanceof Error ? error.message : String(error) };
  }
};
