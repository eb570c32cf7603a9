import { createHash } from 'node:crypto';
import type { DeliveryReport } from '../../notices/outward/note-bounce.js';
import { textOfHtml, tidy } from './html-text.js';
import { readReport } from './read-report.js';

export interface LetterFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Letter {
  /** SHA-256 of its Message-ID; of its head where it has none. */
  readonly key: Buffer;
  readonly messageId: string | undefined;
  /** Lower case; empty where it says none. */
  readonly from: string;
  readonly fromName: string;
  readonly subject: string;
  readonly text: string;
  /** Message-IDs that it answers, the nearest last. */
  readonly answers: readonly string[];
  readonly files: readonly LetterFile[];
  /** Why no person wrote it to us. */
  readonly aside: 'bounce' | 'auto_reply' | 'list' | 'bulk' | undefined;
  /** What it says of a letter of ours. */
  readonly report: DeliveryReport | undefined;
}

const mostFiles = 20;
const mostText = 18_000;

export const keyOf = (messageId: string): Buffer => createHash('sha256').update(messageId.trim()).digest();

/** A letter as it came over the wire (RFC 5322), hostile or not. */
export const readLetter = async (raw: Uint8Array): Promise<Letter> => {
  const { default: PostalMime } = await import('postal-mime');
  const mail = await PostalMime.parse(raw, { maxNestingDepth: 20, maxHeadersSize: 256 * 1024 });
  const header = (name: string): string => mail.headers.find(({ key }) => key === name)?.value.trim() ?? '';
  const sender = mail.from && 'address' in mail.from ? mail.from : undefined;
  const from = (sender?.address ?? '').toLowerCase().trim();
  const messageId = /<[^<>\s]{1,900}>/.exec(mail.messageId ?? '')?.[0];
  const own = mail.text && tidy(mail.text) !== '' ? tidy(mail.text) : mail.html ? textOfHtml(mail.html) : '';
  const files = mail.attachments.filter(({ related, disposition }) => !related || disposition === 'attachment');
  const aside = asideOf(header, from, mail.subject ?? '');
  const references = `${header('references')} ${header('in-reply-to')}`;
  return {
    key: keyOf(messageId ?? `${header('date')}\0${from}\0${header('subject')}\0${raw.length}`),
    ...{ messageId, from, fromName: tidy(sender?.name ?? '').slice(0, 60) },
    subject: tidy(mail.subject ?? '')
      .replace(/\s+/g, ' ')
      .slice(0, 300),
    text: own.length > mostText ? `${own.slice(0, mostText)}…` : own,
    answers: [...references.matchAll(/<[^<>\s]{1,900}>/g)].map(([id]) => id).slice(-50),
    files: files.slice(0, mostFiles).map(({ filename, content }, i) => ({
      name: (filename ?? `附件${i + 1}`).slice(-200),
      bytes: typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content),
    })),
    aside,
    report:
      aside === 'bounce' ? readReport({ header, from, text: mail.text ?? '', parts: mail.attachments }) : undefined,
  };
};

/** As people’s mail programs begin what they answer by themselves, where they say it in no header. */
const automaticSubject = /^(?:自动回复|自动答复|automatic reply|auto[- ]?reply|out of office)\s*[:：]/i;

/** RFC 3834, RFC 2919, and what programs did before them. */
const asideOf = (header: (name: string) => string, from: string, subject: string): Letter['aside'] => {
  const type = header('content-type').toLowerCase();
  // Somebody’s program tells that they read it: RFC 8098.
  if (/^multipart\/report.*disposition-notification/.test(type)) return 'auto_reply';
  if (type.startsWith('multipart/report') || /^(?:mailer-daemon|postmaster)@/.test(from)) return 'bounce';
  if (header('x-failed-recipients') !== '') return 'bounce';
  const automatic = header('auto-submitted').toLowerCase();
  if (header('return-path') === '<>' && !automatic.startsWith('auto-replied')) return 'bounce';
  if (automatic !== '' && !automatic.startsWith('no')) return 'auto_reply';
  if (header('x-autoreply') !== '' || header('x-autorespond') !== '' || /^(?:no-?reply|donotreply)@/.test(from))
    return 'auto_reply';
  if (automaticSubject.test(subject.trim())) return 'auto_reply';
  if (header('list-id') !== '' || header('list-unsubscribe') !== '') return 'list';
  return /^(?:bulk|junk|list|auto_reply)/.test(header('precedence').toLowerCase()) ? 'bulk' : undefined;
};
