import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Evidence, evidenceUrl } from '../../api/evidence.js';
import { formatBytes } from '../../format/number.js';
import { formatExact } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { Icon } from '../../ui/icons.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { Facts } from '../parts/Facts.js';
import { isPicture, kindOf, knownReason } from './evidence-look.js';
import './evidence.css';

/** One file: the picture where somebody asks for it, the file to save, and how it is known to be whole. */
export function EvidenceDetails({ evidence, zone }: { evidence: Evidence; zone: string | undefined }) {
  const { t } = useTranslation('evidence');
  const language = useLanguage();
  const reason = knownReason(evidence.reason);
  return (
    <div className="stack">
      {evidence.state === 'complete' ? <Content evidence={evidence} /> : <p>{t(`say.${evidence.state}`)}</p>}
      <Facts
        facts={[
          evidence.reason && { label: t('fact.reason'), value: reason ? t(`why.${reason}`) : evidence.reason },
          { label: t('fact.kind'), value: t(`kind.${kindOf(evidence)}`) },
          evidence.bytes !== null && { label: t('fact.size'), value: formatBytes(evidence.bytes, language) },
          evidence.madeAt && { label: t('fact.made'), value: formatExact(evidence.madeAt, zone) },
          { label: t('fact.changed'), value: <RelativeTime time={evidence.changedAt} zone={zone} /> },
          evidence.sha256 && {
            label: t('fact.digest'),
            value: (
              <>
                <code className="small evidence-digest">{evidence.sha256}</code>
                {evidence.state === 'complete' ? <div className="faint small">{t('digestNote')}</div> : null}
              </>
            ),
          },
        ]}
      />
    </div>
  );
}

/** Nothing is fetched before somebody asks: each look is written down. */
function Content({ evidence }: { evidence: Evidence }) {
  const { t } = useTranslation('evidence');
  const [look, setLook] = useState<'no' | 'yes' | 'failed'>('no');
  const url = evidenceUrl(evidence);
  return (
    <div className="evidence-content">
      {look === 'yes' ? (
        <img
          className="evidence-picture"
          src={url}
          alt={t('of', { name: evidence.name ?? evidence.id })}
          onError={() => setLook('failed')}
        />
      ) : null}
      {look === 'failed' ? <p role="alert">{t('notShown')}</p> : null}
      <div className="row row-wrap">
        {isPicture(evidence) && look === 'no' ? (
          <Button type="primary" className="evidence-look" onClick={() => setLook('yes')}>
            {t('look')}
          </Button>
        ) : null}
        <Button href={url} download icon={<Icon name="export" />}>
          {t('download')}
        </Button>
      </div>
      <p className="faint small">{t('lookNote')}</p>
    </div>
  );
}
