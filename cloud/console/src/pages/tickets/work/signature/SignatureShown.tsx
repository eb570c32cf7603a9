import { useContext, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatStamp } from '../../../../format/time.js';
import { FileKeeperContext } from './file-keeper.js';
import './signature.css';

export interface Signature {
  readonly name: string;
  readonly at: string;
  readonly file?: string;
}

/** The value of a field of that type; a masked one is none. */
export const signatureIn = (value: unknown): Signature | undefined => {
  const { name, at, file } = (typeof value === 'object' && value !== null ? value : {}) as Partial<Signature>;
  if (typeof name !== 'string' || typeof at !== 'string') return undefined;
  return { name, at, ...(file === undefined ? {} : { file }) };
};

/** A signature as it stands on the page and on paper: the hand, whose it is, and when. */
export function SignatureShown({ signature, ticketId }: { signature: Signature; ticketId: string | undefined }) {
  const { t } = useTranslation('fieldWork');
  const keeper = useContext(FileKeeperContext);
  const { name, at, file } = signature;
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    let made: string | undefined;
    let isGone = false;
    if (file !== undefined)
      void keeper
        .urlOf(ticketId, file)
        .catch(() => undefined)
        .then((found) => {
          made = found;
          if (isGone) release(made);
          else setUrl(found);
        });
    return () => {
      isGone = true;
      release(made);
    };
  }, [keeper, ticketId, file]);
  const time = formatStamp(at).slice(0, 16);
  return (
    <figure className="signature-shown">
      {file === undefined ? (
        <span className="signature-typed">{name}</span>
      ) : url ? (
        <img src={url} alt={t('signature.of', { name })} className="signature-picture" />
      ) : (
        <span className="signature-picture" />
      )}
      <figcaption className="small soft">
        {t(file === undefined ? 'signature.typedAt' : 'signature.drawnAt', { name, time })}
      </figcaption>
    </figure>
  );
}

const release = (url: string | undefined): void => {
  if (url?.startsWith('blob:')) URL.revokeObjectURL(url);
};
