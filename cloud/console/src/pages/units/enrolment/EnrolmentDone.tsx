import { useTranslation } from 'react-i18next';
import type { EnrolmentCode } from '../../../api/enrolment.js';
import type { Unit } from '../../../api/units.js';
import { AppLink } from '../../../app/AppLink.js';
import { paths } from '../../../paths.js';
import { RelativeTime } from '../../../ui/RelativeTime.js';
import { StatusMark } from '../../../ui/StatusMark.js';
import { Facts } from '../../parts/Facts.js';

/** The unit used the code. */
export function EnrolmentDone({ unit, code }: { unit: Unit; code: EnrolmentCode }) {
  const { t } = useTranslation('enrolment');
  const { hardware } = code;
  const machine = [hardware?.hostName, hardware?.model, hardware?.serial].filter(Boolean).join(' · ');
  return (
    <div className="stack" role="status">
      <p className="enrolment-done">
        <StatusMark tone="accent" shape="check" word={t('enrol.done')} /> <RelativeTime time={code.usedAt} />
      </p>
      <p className="soft">{t('enrol.doneHint')}</p>
      <Facts
        facts={[
          machine !== '' && { label: t('enrol.by'), value: machine },
          code.usedFrom && { label: t('enrol.from'), value: <code>{code.usedFrom}</code> },
        ]}
      />
      <AppLink to={paths.unit(unit.id)}>{t('enrol.toUnit')}</AppLink>
    </div>
  );
}
