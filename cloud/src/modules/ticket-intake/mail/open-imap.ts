import { isIP } from 'node:net';
import { HubError } from '@hallhub/shared';
import type { ImapFlow } from 'imapflow';
import { judgeHost } from '../../identity/sign-on/judge-host.js';
import type { MailboxRow } from './tables.js';

export type MailAccount = Pick<MailboxRow, 'host' | 'port' | 'security' | 'userName' | 'ca' | 'folder'> & {
  readonly password: string;
};

export const mailFailures = [
  'host',
  'address',
  'plain',
  'unreachable',
  'certificate',
  'tls',
  'password',
  'folder',
  'kind',
  'broken',
] as const;
export type MailFailure = (typeof mailFailures)[number];

/** Why a mailbox cannot be read. */
export class MailProblem extends Error {
  constructor(
    readonly failure: MailFailure,
    message: string,
  ) {
    super(message.slice(0, 300));
  }
}

/**
 * Connects and signs in. The address is judged once and then used as it is, so that a name that changes its answer gains nothing.
 * Throws `MailProblem`.
 */
export const openImap = async (account: MailAccount, allowPrivate: boolean): Promise<ImapFlow> => {
  const address = await addressOf(account, allowPrivate);
  const isName = isIP(account.host) === 0;
  // Loaded here: few installations read mail, and it is large.
  const { ImapFlow } = await import('imapflow');
  const client = new ImapFlow({
    ...{
      host: address,
      port: account.port,
      secure: account.security === 'tls',
      doSTARTTLS: account.security === 'starttls',
    },
    auth: { user: account.userName, pass: account.password },
    ...(isName ? { servername: account.host } : {}),
    tls: { minVersion: 'TLSv1.2', ...(account.ca ? { ca: account.ca } : {}) },
    ...{ logger: false as const, connectionTimeout: 15_000, greetingTimeout: 10_000, socketTimeout: 120_000 },
    clientInfo: { name: 'HallHub' },
  });
  // What happens between two commands; the next one fails with it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.close();
    throw problemOf(error);
  }
};

const refusals = {
  host: (host: string) => `There is no host ${host}`,
  address: (host: string) => `${host} is on a private network`,
  plain: (host: string) => `${host} is on no private network: without TLS no password is sent there`,
} as const;

const addressOf = async ({ host, security }: MailAccount, allowPrivate: boolean): Promise<string> => {
  const judged = await judgeHost(host, { allowPrivate, isPlain: security === 'plain' });
  if ('refused' in judged) throw new MailProblem(judged.refused, refusals[judged.refused](host));
  return judged.address;
};

const certificate = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/;

/** In our words, what the library says in its. */
export const problemOf = (error: unknown): MailProblem => {
  if (error instanceof MailProblem) return error;
  const {
    code = '',
    message = '',
    authenticationFailed,
    tlsFailed,
    responseText,
  } = error as Partial<Error> & {
    code?: string;
    authenticationFailed?: boolean;
    tlsFailed?: boolean;
    responseText?: string;
  };
  const said = responseText ?? message;
  if (authenticationFailed) return new MailProblem('password', said);
  if (certificate.test(code) || /certificate/i.test(message)) return new MailProblem('certificate', message);
  if (tlsFailed || /SSL|TLS|EPROTO/.test(code)) return new MailProblem('tls', message);
  return new MailProblem('unreachable', said || code || 'No answer');
};

/** Throws `MailProblem` of `folder`. */
export const openFolder = async (client: ImapFlow, folder: string) => {
  try {
    return await client.getMailboxLock(folder);
  } catch (error) {
    if (!client.usable) throw problemOf(error);
    throw new MailProblem('folder', `There is no folder ${folder}`);
  }
};

/** Connects, signs in, opens the folder. Errors: `link_refused` with `context.failure`. */
export const tryAccount = async (
  account: MailAccount,
  allowPrivate: boolean,
): Promise<{ readonly letters: number }> => {
  try {
    const client = await openImap(account, allowPrivate);
    try {
      const lock = await openFolder(client, account.folder);
      const letters = client.mailbox ? client.mailbox.exists : 0;
      lock.release();
      return { letters };
    } finally {
      client.close();
    }
  } catch (error) {
    const { failure, message } = problemOf(error);
    throw new HubError('link_refused', message, { cause: error, context: { failure } });
  }
};
