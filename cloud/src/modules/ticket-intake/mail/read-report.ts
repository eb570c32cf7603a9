import type { DeliveryReport } from '../../notices/outward/note-bounce.js';

/** What a report is read from: parts of a letter, taken apart. */
export interface ReportParts {
  readonly header: (name: string) => string;
  readonly from: string;
  readonly text: string;
  readonly parts: readonly { readonly mimeType: string; readonly content: string | ArrayBuffer | Uint8Array }[];
}

const mostChars = 64 * 1024;
const messageIds = /<[^<>\s]{1,900}>/g;
const weight = { delivered: 0, delayed: 1, failed: 2 } as const;

const textOf = (content: ReportParts['parts'][number]['content']): string =>
  (typeof content === 'string'
    ? content
    : Buffer.from(content instanceof Uint8Array ? content : new Uint8Array(content)).toString()
  ).slice(0, mostChars);

/** Header fields up to the first empty line, folded ones joined (RFC 5322, 2.2.3). */
const fieldsOf = (block: string): ReadonlyMap<string, string> => {
  const lines = block.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  return new Map(
    lines.flatMap((line) => {
      const at = line.indexOf(':');
      return at < 1 ? [] : [[line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()] as const];
    }),
  );
};

const actionOf = (said: string): DeliveryReport['action'] | undefined => {
  const action = said.toLowerCase();
  if (action === 'failed' || action === 'delayed') return action;
  return ['delivered', 'relayed', 'expanded'].includes(action) ? 'delivered' : undefined;
};

/** RFC 3464, 2.3.2, and RFC 6533: `rfc822; wang@example.org`; other types of address are none that we write to. */
const addressIn = (recipient: string): string | null =>
  /^(?:rfc822|utf-8)\s*;\s*<?([^\s<>]{1,254})>?$/i.exec(recipient)?.[1] ?? null;

/** RFC 3464: fields of the message, then of each addressee; ours have one, so the worst counts. */
const readStatus = (text: string): Omit<DeliveryReport, 'about'> | undefined => {
  const found = text
    .split(/\r?\n(?:[ \t]*\r?\n)+/)
    .slice(0, 100)
    .flatMap((block) => {
      const fields = fieldsOf(block);
      const action = actionOf(fields.get('action') ?? '');
      if (!action) return [];
      const status = /^[245]\.\d{1,3}\.\d{1,3}/.exec(fields.get('status') ?? '')?.[0] ?? null;
      const detail = fields.get('diagnostic-code')?.replace(/^[^;]{1,20};\s*/, '') ?? null;
      return [{ action, status, detail, finalRecipient: addressIn(fields.get('final-recipient') ?? '') }];
    });
  return found.sort((a, b) => weight[b.action] - weight[a.action])[0];
};

/**
 * What a mail server says of a letter of ours, by a delivery status notification or, as older ones do, in its own words with the
 * letter quoted. Undefined: it is no such report, or says nothing of any letter.
 */
export const readReport = ({ header, from, text, parts }: ReportParts): DeliveryReport | undefined => {
  const status = parts.find(({ mimeType }) => /^message\/(?:global-)?delivery-status$/.test(mimeType));
  const isOldWay =
    !/report-type="?disposition/i.test(header('content-type')) &&
    (header('x-failed-recipients') !== '' || /^(?:mailer-daemon|postmaster)@/.test(from));
  const said = status
    ? readStatus(textOf(status.content))
    : isOldWay
      ? ({ action: 'failed', status: null, detail: null, finalRecipient: null } as const)
      : undefined;
  if (!said) return undefined;
  const quoted = parts
    .filter(({ mimeType }) =>
      /^(?:message\/(?:rfc822|global)|(?:text|message)\/(?:rfc822|global)-headers)/.test(mimeType),
    )
    .map(({ content }) => textOf(content).split(/\r?\n\r?\n/)[0] ?? '');
  const inWords = [...text.slice(0, mostChars).matchAll(/^[> ]*Message-ID:\s*(<[^<>\s]{1,900}>)/gim)].map(
    ([, id]) => id,
  );
  const about = [
    ...quoted.map((head) => fieldsOf(head).get('message-id') ?? ''),
    ...(status ? [] : inWords),
    ...[header('in-reply-to'), header('references')],
  ].flatMap((one) => [...(one ?? '').matchAll(messageIds)].map(([id]) => id));
  return about.length === 0 ? undefined : { ...said, about: [...new Set(about)].slice(0, 20) };
};
