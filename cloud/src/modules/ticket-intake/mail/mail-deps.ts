import type { Clock } from '@hallhub/shared';
import type { Logger } from 'pino';
import type { Database } from '../../../db/index.js';
import type { LivePublisher } from '../../live/live-port.js';
import type { Sealing } from '../../pki/sealing.js';

export interface MailDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly live: LivePublisher;
  readonly log: Logger;
  readonly sealing: Sealing;
  /** True: servers on private networks too, and without TLS there. */
  readonly allowPrivate: boolean;
}

const contextOf = (mailboxId: string): string => `mailboxes:${mailboxId}`;
export const sealPassword = (sealing: Sealing, mailboxId: string, password: string): Buffer =>
  Buffer.from(sealing.seal(Buffer.from(password), contextOf(mailboxId)));
export const openPassword = (sealing: Sealing, mailboxId: string, sealed: Uint8Array): string =>
  Buffer.from(sealing.unseal(sealed, contextOf(mailboxId))).toString();

export interface LetterHead {
  readonly from: string;
  readonly subject: string;
}
export const sealHead = (sealing: Sealing, letterId: string, head: LetterHead): Buffer =>
  Buffer.from(sealing.seal(Buffer.from(JSON.stringify(head)), `mail_letters:${letterId}`));
export const openHead = (sealing: Sealing, letterId: string, sealed: Uint8Array): LetterHead =>
  JSON.parse(Buffer.from(sealing.unseal(sealed, `mail_letters:${letterId}`)).toString()) as LetterHead;
