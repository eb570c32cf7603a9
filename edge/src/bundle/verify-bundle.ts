import { createHash, verify, X509Certificate } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import {
  type BundleHeader,
  bundleHeaderSchema,
  bundleSignatureSchema,
  maxBundleHeaderBytes,
} from '@hallhub/shared/wire';

export interface BundleCheck {
  readonly what: string;
  readonly ok: boolean;
  readonly said: string;
}

/** Looks at a bundle as the cloud will, without it: every check on its own. Throws nothing for what is wrong in the file. */
export const verifyBundle = async (
  file: string,
  trusted: readonly string[],
): Promise<{ readonly checks: BundleCheck[]; readonly header: BundleHeader | undefined }> => {
  const checks: BundleCheck[] = [];
  const note = (what: string, ok: boolean, said: string) => void checks.push({ what, ok, said });
  const lines = await firstLines(file);
  const header = lines && bundleHeaderSchema.safeParse(parse(lines.header.toString('utf8'))).data;
  const signature = lines && bundleSignatureSchema.safeParse(parse(lines.signature.toString('utf8'))).data;
  note(
    'header',
    header !== undefined,
    header ? `unit ${header.unitId}, ${header.parts.length} parts` : 'this is no bundle',
  );
  if (!lines || !header || !signature) return { checks, header: undefined };
  const signer = certificate(signature.certificates[0]);
  const fits = signer && verify('sha256', lines.header, signer.publicKey, Buffer.from(signature.signature, 'base64'));
  note('signature', fits === true, fits ? 'fits the header' : 'does not fit the header: it was changed');
  const named = signer?.subject.includes(`CN=${header.unitId}`) === true;
  const known = trusted.map(certificate).some((ca) => ca && signer?.checkIssued(ca) && signer.verify(ca.publicKey));
  const said = trusted.length === 0 ? 'no authority is known here to check against' : 'by an authority known here';
  note(
    'signer',
    named && (known || trusted.length === 0),
    named ? (known || trusted.length === 0 ? said : 'not by an authority known here') : 'another unit’s',
  );
  const size = (await stat(file)).size;
  let at = lines.bytes;
  let wrong: string | undefined;
  for (const { name, bytes, sha256 } of header.parts) {
    const hash = createHash('sha256');
    if (bytes > 0)
      for await (const chunk of createReadStream(file, { start: at, end: at + bytes - 1 }))
        hash.update(chunk as Buffer);
    if (hash.digest('hex') !== sha256) wrong ??= name;
    at += bytes;
  }
  note('parts', wrong === undefined, wrong === undefined ? 'each as its hash says' : `${wrong} is damaged`);
  note('length', size === at, size === at ? `${size} bytes` : `${size} bytes instead of ${at}`);
  return { checks, header };
};

const firstLines = async (file: string) => {
  const handle = await open(file, 'r');
  try {
    const { bytesRead, buffer } = await handle.read(
      Buffer.alloc(maxBundleHeaderBytes + 131_072),
      0,
      maxBundleHeaderBytes + 131_072,
      0,
    );
    const head = buffer.subarray(0, bytesRead);
    const first = head.indexOf(0x0a);
    const second = head.indexOf(0x0a, first + 1);
    if (first < 0 || second < 0) return undefined;
    return { header: head.subarray(0, first), signature: head.subarray(first + 1, second), bytes: second + 1 };
  } finally {
    await handle.close();
  }
};

const certificate = (pem: string | undefined): X509Certificate | undefined => {
  try {
    return pem === undefined ? undefined : new X509Certificate(pem);
  } catch {
    return undefined;
  }
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
