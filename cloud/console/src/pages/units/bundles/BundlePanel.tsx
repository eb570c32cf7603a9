import { App, Button, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Bundle, receiptName, receiptUrl } from '../../../api/bundles.js';
import { AppLink } from '../../../app/AppLink.js';
import { useRights } from '../../../app/session.js';
import { formatBytes, formatNumber } from '../../../format/number.js';
import { formatStamp } from '../../../format/time.js';
import { useLanguage } from '../../../i18n/use-language.js';
import { paths } from '../../../paths.js';
import { Icon } from '../../../ui/icons.js';
import { QrCode } from '../../../ui/QrCode.js';
import { SidePanel } from '../../../ui/SidePanel.js';
import { StatusMark } from '../../../ui/StatusMark.js';
import { Facts } from '../../parts/Facts.js';
import { Secret } from '../../parts/Secret.js';
import { useCodeWord } from '../../parts/words.js';
import { sayReport, verdictOf } from './say-report.js';
import { verdictLooks } from './verdict-looks.js';

/** What was taken of a bundle, and the way back of its receipt. */
export function BundlePanel({ bundle, onClose }: { bundle: Bundle; onClose: () => void }) {
  const { t } = useTranslation('bundles');
  const language = useLanguage();
  const may = useRights();
  const verdict = verdictOf(bundle);
  return (
    <SidePanel
      title={bundle.unitName}
      mark={<StatusMark {...verdictLooks[verdict]} word={t(`verdict.${verdict}`)} />}
      onClose={onClose}
    >
      <div className="stack bundle-panel">
        <Report bundle={bundle} />
        <WayBack bundle={bundle} />
        <Facts
          facts={[
            may('unit.read') && {
              label: t('fact.unit'),
              value: <AppLink to={paths.unit(bundle.unitId)}>{bundle.unitName}</AppLink>,
            },
            { label: t('fact.made'), value: formatStamp(bundle.madeAt) },
            { label: t('fact.imported'), value: formatStamp(bundle.importedAt) },
            { label: t('fact.by'), value: bundle.importedBy },
            { label: t('fact.bytes'), value: formatBytes(bundle.bytes, language) },
            { label: t('fact.id'), value: <code className="small bundle-code">{bundle.bundleId}</code> },
            { label: t('fact.digest'), value: <code className="small bundle-code">{bundle.sha256}</code> },
          ]}
        />
      </div>
    </SidePanel>
  );
}

function Report({ bundle }: { bundle: Bundle }) {
  const { t } = useTranslation('bundles');
  const language = useLanguage();
  const word = useCodeWord();
  return (
    <section aria-label={t('report')}>
      <h3>{t('report')}</h3>
      <ul className="bundle-report">
        {sayReport(bundle.report).map(({ key, count, lane, detail, ...look }) => {
          const values = { count: count ?? 0, shown: formatNumber(count ?? 0, language, 0), lane: word('lane', lane) };
          return (
            <li key={`${key}${lane ?? ''}`}>
              <StatusMark {...look} word={t(`line.${key}`, values)} />
              {detail ? <div className="faint small">{detail}</div> : null}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function WayBack({ bundle }: { bundle: Bundle }) {
  const { t } = useTranslation('bundles');
  const [isQr, setIsQr] = useState(false);
  return (
    <section aria-label={t('back.title')}>
      <h3>{t('back.title')}</h3>
      <p className="soft">{t('back.why')}</p>
      <div className="row row-wrap bundle-back">
        <Button type="primary" href={receiptUrl(bundle)} download={receiptName(bundle)} icon={<Icon name="export" />}>
          {t('back.download')}
        </Button>
        {bundle.receiptText === null ? null : <Button onClick={() => setIsQr(true)}>{t('back.qr')}</Button>}
      </div>
      {bundle.receiptText === null ? <p className="faint small">{t('back.tooLong')}</p> : null}
      <div className="faint small">{t('back.onUnit')}</div>
      <Secret value={`hub bundle import ${receiptName(bundle)}`} label={t('back.onUnit')} />
      {isQr && bundle.receiptText !== null ? (
        <ReceiptQr text={bundle.receiptText} onClose={() => setIsQr(false)} />
      ) : null}
    </section>
  );
}

/** As large as the screen allows: it holds two thousand characters. */
function ReceiptQr({ text, onClose }: { text: string; onClose: () => void }) {
  const { t } = useTranslation(['bundles', 'common']);
  const { message } = App.useApp();
  return (
    <Modal
      open
      title={t('back.qrTitle')}
      width={640}
      onCancel={onClose}
      footer={
        <Button
          icon={<Icon name="copy" />}
          onClick={() => void navigator.clipboard.writeText(text).then(() => message.success(t('common:copied')))}
        >
          {t('back.copy')}
        </Button>
      }
    >
      <div className="stack">
        <QrCode value={text} label={t('back.qrTitle')} level="L" />
        <p className="soft">{t('back.qrHow')}</p>
      </div>
    </Modal>
  );
}
