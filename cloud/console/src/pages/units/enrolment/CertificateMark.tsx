import { useTranslation } from 'react-i18next';
import type { Unit } from '../../../api/units.js';
import { formatStamp } from '../../../format/time.js';
import { RelativeTime } from '../../../ui/RelativeTime.js';
import { StatusMark } from '../../../ui/StatusMark.js';
import { certificateLooks } from './certificate-look.js';

/** How the unit is known to the cloud: its certificate, a code that waits, or a secret. */
export function CertificateMark({ unit, brief }: { unit: Unit; brief?: boolean }) {
  const { t } = useTranslation('enrolment');
  const { certificate, codeUntil } = unit;
  const waiting = codeUntil ? (
    <span className="faint">{t('codeUntil', { time: formatStamp(codeUntil).slice(5, 16) })}</span>
  ) : null;
  if (!certificate) {
    if (brief) return <span className="faint">{t('notYet')}</span>;
    return waiting ?? <span className="soft">{unit.state === 'new' ? t('notYet') : t('none')}</span>;
  }
  const mark = <StatusMark {...certificateLooks[certificate.state]} word={t(`state.${certificate.state}`)} />;
  if (brief) return mark;
  if (certificate.state === 'revoked') {
    return (
      <>
        {mark} {waiting}
      </>
    );
  }
  return (
    <>
      {mark}{' '}
      <span className="faint">
        <RelativeTime time={certificate.endsAt} />
      </span>{' '}
      {waiting}
    </>
  );
}
