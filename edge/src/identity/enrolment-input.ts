import { HubError } from '@hallhub/shared';
import { type EnrolmentCode, parseEnrolmentCode, parseEnrolmentLink } from '@hallhub/shared/wire';

const defaultPort = 18_443;

export interface EnrolmentInput {
  readonly code: EnrolmentCode;
  readonly gateway: URL;
}

/** What a person typed or scanned: a code and the cloud's address, or the link of the QR code, which holds both. Throws `invalid_input`. */
export const readEnrolmentInput = (text: string, cloud: string | undefined, known?: string): EnrolmentInput => {
  const isLink = /^hallhub:/i.test(text.trim());
  const link = isLink ? parseEnrolmentLink(text) : undefined;
  if (isLink && !link) {
    throw new HubError('invalid_input', 'this is not the whole link of the QR code', {
      hint: "Put it between single quotes: hub enrol 'hallhub://enrol?c=…&u=…'",
    });
  }
  const code = parseEnrolmentCode(link?.code ?? text);
  if (!code) {
    throw new HubError('invalid_input', 'this code has a typing error: its check character does not fit', {
      hint: 'A code is eight groups of four characters, such as 7K3M-…; compare it with the console once more.',
    });
  }
  const address = cloud ?? link?.gateway ?? known;
  if (!address) {
    throw new HubError('invalid_input', 'where is the cloud? Name its address with --cloud https://HOST:18443', {
      hint: 'The console shows it beside the code.',
    });
  }
  return { code, gateway: readGateway(address) };
};

/** `host`, `host:port` or `https://host:port`. */
const readGateway = (address: string): URL => {
  const text = address.trim();
  const url = parseUrl(text);
  if (url?.protocol !== 'https:' || url.hostname === '') {
    throw new HubError('invalid_input', `${address} is not the address of a cloud`, {
      hint: 'It looks like https://cloud.example:18443',
    });
  }
  // URL drops 443, which is what a bare host would get; the gateway's own port is meant.
  const named = /:\d+\/?$/.test(text.replace(/^[a-z]+:\/\//i, ''));
  if (!named) url.port = String(defaultPort);
  return new URL(url.origin);
};

const parseUrl = (text: string): URL | undefined => {
  try {
    return new URL(text.includes('://') ? text : `https://${text}`);
  } catch {
    return undefined;
  }
};
