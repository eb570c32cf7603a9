import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { uuidPattern } from '@hallhub/shared';
import { withSystem } from '../../../db/index.js';
import type { Sealing } from '../../pki/sealing.js';
import type { IntakeDeps } from '../intake-deps.js';

/** link: in a message, good once. visit: in a cookie, for whoever gave number and PIN or followed a link. */
type PassKind = 'link' | 'visit';

const idBytes = 16;
const macBytes = 12;
const bytes = idBytes + 4 + 2 + macBytes;
const daysMs = 86_400_000;
const linkMs = 30 * daysMs;
export const visitMs = { pin: 2 * 3_600_000, link: 30 * daysMs } as const;

const macOf = (sealing: Sealing, kind: PassKind, head: Buffer): Buffer =>
  createHmac('sha256', sealing.derive(`ticket pass ${kind}`, 32))
    .update(head)
    .digest()
    .subarray(0, macBytes);

/** 46 characters: a ticket, an end, a little chance, and 96 bits that nobody else can make. */
const makePass = (
  sealing: Sealing,
  { kind, ticketId, untilMs }: { readonly kind: PassKind; readonly ticketId: string; readonly untilMs: number },
): string => {
  const head = Buffer.alloc(idBytes + 6);
  head.write(ticketId.replaceAll('-', ''), 0, 'hex');
  head.writeUInt32BE(Math.floor(untilMs / 1_000), idBytes);
  randomBytes(2).copy(head, idBytes + 4);
  return Buffer.concat([head, macOf(sealing, kind, head)]).toString('base64url');
};

/** The ticket of a pass that is good now. */
const readPass = (
  sealing: Sealing,
  { kind, pass, nowMs }: { readonly kind: PassKind; readonly pass: string; readonly nowMs: number },
): string | undefined => {
  if (!/^[A-Za-z0-9_-]{46}$/.test(pass)) return undefined;
  const raw = Buffer.from(pass, 'base64url');
  if (raw.length !== bytes) return undefined;
  const head = raw.subarray(0, -macBytes);
  if (!timingSafeEqual(macOf(sealing, kind, head), raw.subarray(-macBytes))) return undefined;
  if (head.readUInt32BE(idBytes) * 1_000 <= nowMs) return undefined;
  const id = head.toString('hex', 0, idBytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return uuidPattern.test(id) ? id : undefined;
};

/** Path of a link that leads whoever follows it first to the progress of a ticket; it bears no PIN, and is good for thirty days. */
export const progressLink = (
  sealing: Sealing,
  { ticketId, nowMs }: { readonly ticketId: string; readonly nowMs: number },
): string => `/p/${makePass(sealing, { kind: 'link', ticketId, untilMs: nowMs + linkMs })}`;

export const visitPass = (sealing: Sealing, ticketId: string, untilMs: number): string =>
  makePass(sealing, { kind: 'visit', ticketId, untilMs });

export const ticketOfVisit = ({ sealing, clock }: Pick<IntakeDeps, 'sealing' | 'clock'>, pass: string) =>
  readPass(sealing, { kind: 'visit', pass, nowMs: clock.now() });

/** The ticket that a link leads to; it is as good as before. */
export const ticketOfLink = ({ sealing, clock }: Pick<IntakeDeps, 'sealing' | 'clock'>, pass: string) =>
  readPass(sealing, { kind: 'link', pass, nowMs: clock.now() });

/** Follows a link, once: whoever comes second, or with one that is over, gets undefined. */
export const followLink = async (
  deps: Pick<IntakeDeps, 'sealing' | 'clock' | 'database'>,
  pass: string,
): Promise<string | undefined> => {
  const ticketId = ticketOfLink(deps, pass);
  if (ticketId === undefined) return undefined;
  const { rowCount } = await withSystem(deps.database, (tx) =>
    tx.$client.query('INSERT INTO ticket_links_used (token_hash, at) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      createHash('sha256').update(Buffer.from(pass, 'base64url')).digest(),
      new Date(deps.clock.now()),
    ]),
  );
  return rowCount === 1 ? ticketId : undefined;
};
