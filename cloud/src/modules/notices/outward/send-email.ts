import { isIP } from 'node:net';
import type { SendMailOptions } from 'nodemailer';
import { judgeHost } from '../../identity/sign-on/judge-host.js';
import type { NoticeChannelRow } from '../tables.js';
import { type EmailConfig, emailConfigSchema } from './channel-config.js';
import { mailPassword } from './channel-secret.js';
import { mailHtml } from './mail-html.js';
import { messageIdOf } from './message-id.js';
import type { OutwardDeps } from './outward-deps.js';
import { type Message, type Sent, shortDetail } from './sent.js';

const connectMs = 10_000;
const silenceMs = 20_000;
const wholeMs = 45_000;

const later = (code: string, detail: string, isDown: boolean): Sent => ({
  ...{ outcome: 'later', code, detail: shortDetail(detail), isDown },
});

const refusals = {
  host: (host: string) => later('unreachable', `There is no host ${host}`, true),
  address: (host: string) => later('address', `${host} is on a private network`, true),
  plain: (host: string) => later('plain', `${host} is on no private network: without TLS nothing is sent there`, true),
} as const;

const asMail = (
  config: EmailConfig,
  { message, messageId, at }: { readonly message: Message; readonly messageId: string; readonly at: Date },
): SendMailOptions => {
  const { to, subject, text, link, unsubscribe, inReplyTo } = message;
  const lines = [text, ...(link ? [link] : [])];
  return {
    ...{ from: { name: config.fromName, address: config.from }, to: { name: '', address: to }, subject, date: at },
    ...{ text: lines.join('\n\n'), html: mailHtml(message), messageId },
    ...(inReplyTo ? { inReplyTo, references: inReplyTo } : {}),
    ...{ disableFileAccess: true, disableUrlAccess: true },
    headers: {
      // Out-of-office robots leave it alone.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'OOF, AutoReply',
      ...(unsubscribe
        ? { 'List-Unsubscribe': `<${unsubscribe}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }
        : {}),
    },
  };
};

/** One mail by SMTP, on a connection of its own. Never throws but for a bug. */
export const sendEmail = async (deps: OutwardDeps, channel: NoticeChannelRow, message: Message): Promise<Sent> => {
  const config = emailConfigSchema.parse(channel.config);
  const password = mailPassword(deps.sealing, channel);
  const { allowPrivate } = deps;
  const judged = await judgeHost(config.host, { allowPrivate, isPlain: config.tls === 'none' });
  if ('refused' in judged) return refusals[judged.refused](config.host);
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    ...{ host: judged.address, port: config.port, secure: config.tls === 'implicit' },
    ...{ requireTLS: config.tls === 'starttls', ignoreTLS: config.tls === 'none' },
    tls: { ...(isIP(config.host) ? {} : { servername: config.host }), ...(config.ca ? { ca: [config.ca] } : {}) },
    ...(config.user === null ? {} : { auth: { user: config.user, pass: password ?? '' } }),
    ...{ connectionTimeout: connectMs, greetingTimeout: connectMs, socketTimeout: silenceMs },
  });
  const messageId = messageIdOf(deps.sealing, message.id, config.from);
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<Sent>((resolve) => {
    timer = setTimeout(() => resolve(later('timeout', 'The mail server did not finish in time', true)), wholeMs);
  });
  const sending = transport
    .sendMail(asMail(config, { message, messageId, at: new Date(deps.clock.now()) }))
    .then(({ response }): Sent => ({ outcome: 'sent', ref: shortDetail(response ?? '') || null }), readFailure);
  try {
    return await Promise.race([sending, tooLong]);
  } finally {
    clearTimeout(timer);
    transport.close();
  }
};

interface SmtpError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
  readonly response?: string;
  readonly command?: string;
}

/** Whose trouble it is: the addressee’s (this mail is refused), or the account’s (all wait). */
const readFailure = (error: SmtpError): Sent => {
  const { code = '', responseCode = 0, command = '' } = error;
  const detail = error.response ?? error.message;
  if (code === 'EAUTH') return later('auth', detail, true);
  if (code === 'ETIMEDOUT') return later('timeout', detail, true);
  if (/certificate|TLS|SSL|ERR_TLS|SELF_SIGNED|STARTTLS/i.test(`${code} ${error.message}`))
    return later('tls', detail, true);
  const isOfMail = command === 'RCPT TO' || command === 'DATA' || code === 'EENVELOPE' || code === 'EMESSAGE';
  if (responseCode >= 400 && responseCode < 500) return later('deferred', detail, !isOfMail);
  if (responseCode >= 500) {
    if (command === 'MAIL FROM') return later('sender_refused', detail, true);
    return isOfMail
      ? { outcome: 'failed', code: 'refused', detail: shortDetail(detail) }
      : later('server', detail, true);
  }
  return later('unreachable', detail, true);
};
