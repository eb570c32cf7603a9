import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { PrivacyReceipt } from '../../../api/privacy.js';
import { formatBytes, formatNumber } from '../../../format/number.js';
import { formatExact } from '../../../format/time.js';
import { useLanguage } from '../../../i18n/use-language.js';
import { Facts } from '../../parts/Facts.js';
import '../../proof/report-sheet.css';
import './privacy-sheet.css';

/** The sheet itself: dark on light whatever the theme, as it will be on paper. */
export function PrivacySheet({ receipt }: { receipt: PrivacyReceipt }) {
  const { t } = useTranslation('cameras');
  const language = useLanguage();
  const number = (value: number) => formatNumber(value, language, 0);
  const { faces, files, deletions, timeZone } = receipt;
  const numbered = deletions.flatMap(({ seq }) => (seq === null ? [] : [seq]));
  return (
    <article className="report-sheet privacy-sheet" data-theme="light">
      <header className="report-head">
        <p className="report-org">{receipt.hallName}</p>
        <h2>
          {t('privacy.title')} <span className="report-month">{receipt.day}</span>
        </h2>
        <p>{t('privacy.sub')}</p>
      </header>
      <section className="privacy-purpose">
        <h3>{t('privacy.purpose')}</h3>
        <p>{receipt.purpose || <em>{t('privacy.noPurpose')}</em>}</p>
        <p className="soft">
          {t('privacy.camera')}: {receipt.name}
        </p>
      </section>
      <dl className="privacy-figures">
        <Figure label={t('privacy.analysed')} value={receipt.analysed === null ? '—' : number(receipt.analysed)}>
          {receipt.analysed ? t('privacy.analysedOf') : t('privacy.analysedNone')}
        </Figure>
        <Figure label={t('privacy.left')} value={number(files.left)}>
          {t('privacy.leftOf', { findings: number(receipt.findings) })}
        </Figure>
        <Figure label={t('privacy.kept')} value={number(files.here)}>
          {formatBytes(files.hereBytes, language)}
        </Figure>
        <Figure label={t('privacy.deleted')} value={number(files.deleted)}>
          {files.deleted === 0
            ? t('privacy.deletedNone')
            : numbered.length > 0
              ? t('privacy.deletedProof', { seqs: numbered.join(', ') })
              : t('privacy.keepOf', { days: number(receipt.keepDays) })}
        </Figure>
      </dl>
      <section>
        <h3>{t('privacy.faces')}</h3>
        <Facts
          facts={[
            { label: t('privacy.blurred'), value: t('privacy.times', { count: faces.blurred }) },
            { label: t('privacy.clear'), value: t('privacy.times', { count: faces.clear }) },
            { label: t('privacy.noFace'), value: t('privacy.times', { count: faces.none + faces.notLookedFor }) },
            receipt.facesClear.length > 0 && {
              label: t('privacy.because'),
              value: receipt.facesClear.map(({ rule, because }) => <div key={rule}>{`${rule}: ${because}`}</div>),
            },
          ]}
        />
      </section>
      <section>
        <h3>{t('privacy.retention')}</h3>
        <Facts
          facts={[
            {
              label: t('privacy.recording'),
              value:
                receipt.recordHours === 0
                  ? t('privacy.recordingNone')
                  : t('privacy.recordingOf', { hours: number(receipt.recordHours) }),
            },
            receipt.recordedFrom !== null && {
              label: t('privacy.recordingFrom'),
              value: formatExact(receipt.recordedFrom, timeZone),
            },
            { label: t('privacy.keep'), value: t('privacy.keepOf', { days: number(receipt.keepDays) }) },
            files.onTheWay > 0 && { label: t('privacy.onTheWay'), value: number(files.onTheWay) },
            files.never > 0 && { label: t('privacy.never'), value: number(files.never) },
          ]}
        />
      </section>
      <section>
        <h3>{t('privacy.who')}</h3>
        <Facts
          facts={[
            { label: t('privacy.looked'), value: <People of={receipt.looked} zone={timeZone} /> },
            { label: t('privacy.exported'), value: <People of={receipt.exported} zone={timeZone} /> },
          ]}
        />
      </section>
      <section className="privacy-rights">
        <h3>{t('privacy.rights')}</h3>
        <p>{t('privacy.rightsText')}</p>
      </section>
      <footer className="privacy-foot">
        {t('privacy.made')} {formatExact(receipt.madeAt, timeZone)} · {t('privacy.version')}
      </footer>
    </article>
  );
}

function Figure({ label, value, children }: { label: string; value: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <span className="privacy-number">{value}</span>
        <span className="privacy-note">{children}</span>
      </dd>
    </div>
  );
}

function People({ of, zone }: { of: { times: number; people: { name: string; lastAt: string }[] }; zone: string }) {
  const { t } = useTranslation('cameras');
  if (of.times === 0) return t('privacy.nobody');
  if (of.people.length === 0) return t('privacy.hidden', { count: of.times });
  return of.people.map(({ name, lastAt }) => <div key={name}>{`${name} · ${formatExact(lastAt, zone)}`}</div>);
}
