import { useTranslation } from 'react-i18next';
import type { Verification } from '../../api/review.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { type StatusLook, StatusMark } from '../../ui/StatusMark.js';

const looks: Record<Verification['result'], StatusLook> = {
  intact: { tone: 'accent', shape: 'check' },
  unsigned: { tone: 'quiet', shape: 'dashed' },
  incomplete: { tone: 'warn', shape: 'triangle' },
  broken: { tone: 'bad', shape: 'diamond' },
};

const good = { tone: 'quiet', shape: 'check' } as const;
const bad = { tone: 'bad', shape: 'cross' } as const;
const open = { tone: 'warn', shape: 'triangle' } as const;

/** Each thing that was checked, with what came out. */
export function VerificationCard({ result }: { result: Verification }) {
  const { t } = useTranslation('video');
  return (
    <div className="verification">
      <p>
        <StatusMark {...looks[result.result]} word={t(`verify.result.${result.result}`)} />
      </p>
      <ul>
        {result.files.map((file) => (
          <li key={file.id}>
            <StatusMark
              {...(file.result === 'intact' ? good : file.result === 'changed' ? bad : open)}
              word={t(`verify.file.${file.result}`, { role: t(`role.${file.role}`) })}
            />
          </li>
        ))}
        {result.rows.map((row) => (
          <li key={row.phase} className="verification-row">
            <span className="small faint">{t(`verify.phase.${row.phase}`)}</span>
            <StatusMark {...(row.hash === 'intact' ? good : bad)} word={t(`verify.hash.${row.hash}`)} />
            <StatusMark
              {...(row.signature === 'valid' ? good : row.signature === 'invalid' ? bad : open)}
              word={t(`verify.signature.${row.signature}`)}
            />
            <StatusMark {...(row.chain === 'missing' ? open : good)} word={t(`verify.chain.${row.chain}`)} />
            {row.certificate?.revokedAt ? <StatusMark {...open} word={t('verify.revoked')} /> : null}
          </li>
        ))}
      </ul>
      <p className="small faint">
        {t('verify.at')} <RelativeTime time={result.checkedAt} />
      </p>
    </div>
  );
}
