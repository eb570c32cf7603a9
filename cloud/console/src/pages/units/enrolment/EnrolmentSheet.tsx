import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';
import type { NewCode } from '../../../api/enrolment.js';
import type { Unit } from '../../../api/units.js';
import { formatDuration, formatStamp } from '../../../format/time.js';
import { useLabel, useLanguage } from '../../../i18n/use-language.js';
import { QrCode } from '../../../ui/QrCode.js';
import { StatusMark } from '../../../ui/StatusMark.js';
import { Secret } from '../../parts/Secret.js';

interface EnrolmentSheetProps {
  unit: Unit;
  made: NewCode;
  /** 0: good no more. */
  leftMs: number;
  refused: number;
}

/** The code to read, scan, copy or print. */
export function EnrolmentSheet({ unit, made, leftMs, refused }: EnrolmentSheetProps) {
  const { t } = useTranslation('enrolment');
  const language = useLanguage();
  const isOver = leftMs <= 0;
  return (
    <>
      <p className="soft">{t('enrol.lead')}</p>
      <div className={isOver ? 'enrolment enrolment-over' : 'enrolment'}>
        <QrCode value={made.link} size={176} label={t('enrol.qr')} />
        <div className="enrolment-side">
          <Code code={made.code} />
          <div className="row" role="status">
            {isOver ? (
              <StatusMark tone="warn" shape="triangle" word={t('enrol.ended')} />
            ) : (
              <StatusMark tone="accent" shape="dashed" word={t('enrol.waiting')} />
            )}
            {isOver ? null : (
              <span className="faint">{t('enrol.endsIn', { time: formatDuration(leftMs, language) })}</span>
            )}
            {refused > 0 ? (
              <StatusMark tone="warn" shape="triangle" word={t('enrol.refused', { count: refused })} />
            ) : null}
          </div>
        </div>
      </div>
      <div>
        <div className="faint small">{t('enrol.gateway')}</div>
        <code>{made.gateway}</code>
      </div>
      <div>
        <div className="faint small">{t('enrol.command')}</div>
        <Secret value={`hub enrol ${made.code} --cloud ${made.gateway}`} label={t('enrol.command')} />
      </div>
      {createPortal(<PrintedSheet unit={unit} made={made} />, document.body)}
    </>
  );
}

/** The only thing on paper. */
function PrintedSheet({ unit, made }: { unit: Unit; made: NewCode }) {
  const { t } = useTranslation('enrolment');
  const label = useLabel();
  return (
    <div className="enrolment-print" aria-hidden="true">
      <h1>{t('enrol.printTitle')}</h1>
      <p>
        {label(unit.hallName)} · {label(unit.name)}
      </p>
      <QrCode value={made.link} size={260} label={t('enrol.qr')} />
      <Code code={made.code} />
      <p>
        {t('enrol.gateway')} <code>{made.gateway}</code>
      </p>
      <p>{t('codeUntil', { time: formatStamp(made.expiresAt) })}</p>
    </div>
  );
}

function Code({ code }: { code: string }) {
  const { t } = useTranslation('enrolment');
  const groups = code.split('-');
  return (
    <div className="enrolment-code" role="img" aria-label={`${t('enrol.code')} ${code}`}>
      {groups.map((group, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: groups keep their places, and two may be alike
        <code key={i} aria-hidden="true">
          {group}
        </code>
      ))}
    </div>
  );
}
