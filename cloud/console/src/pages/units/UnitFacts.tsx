import { useTranslation } from 'react-i18next';
import type { Unit } from '../../api/units.js';
import { AppLink } from '../../app/AppLink.js';
import { formatBytes, formatNumber } from '../../format/number.js';
import { formatDuration, formatStamp } from '../../format/time.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { Facts } from '../parts/Facts.js';
import { useCodeWord } from '../parts/words.js';
import { CertificateMark } from './enrolment/CertificateMark.js';
import { Runway } from './Runway.js';
import { oldestWaiting, pendingRows } from './unit-streams.js';

const saysAnotherEnd = ({ certificateEndsAt: said, certificate }: Unit): boolean =>
  said !== null && (!certificate || Math.abs(Date.parse(said) - Date.parse(certificate.endsAt)) > 1_000);

/** A unit in facts: link, clock, room, runway, what waits. */
export function UnitFacts({ unit }: { unit: Unit }) {
  const { t } = useTranslation(['units', 'enrolment']);
  const label = useLabel();
  const language = useLanguage();
  const word = useCodeWord();
  const waiting = pendingRows(unit);
  const oldest = oldestWaiting(unit);
  const policy = unit.joinPolicy;
  return (
    <Facts
      facts={[
        { label: t('columns.hall'), value: <AppLink to={paths.place(unit.hallId)}>{label(unit.hallName)}</AppLink> },
        {
          label: t('fact.link'),
          value:
            unit.state !== 'new' && unit.presenceSince ? (
              <>
                {word('reason', unit.presenceReason) || t('fact.linkPlain')} ·{' '}
                <RelativeTime time={unit.presenceSince} />
              </>
            ) : (
              t('fact.neverSeen')
            ),
        },
        { label: t('columns.seen'), value: <RelativeTime time={unit.lastSeenAt} /> },
        (unit.runway !== null || unit.runwayMs !== null) && { label: t('fact.runway'), value: <Runway unit={unit} /> },
        // What the unit says, where the cloud's own word below does not say it already.
        saysAnotherEnd(unit) && {
          label: t('fact.certificate'),
          value: <RelativeTime time={unit.certificateEndsAt} />,
        },
        {
          label: t('columns.pending'),
          value:
            waiting > 0 ? (
              <>
                {t('fact.rows', { count: waiting, shown: formatNumber(waiting, language, 0) })}
                {oldest ? (
                  <span className="faint small">
                    {' '}
                    {t('fact.oldest')} <RelativeTime time={oldest} />
                  </span>
                ) : null}
              </>
            ) : (
              t('fact.nothingWaits')
            ),
        },
        unit.devices && {
          label: t('columns.devices'),
          value: (
            <AppLink to={paths.devices()} search={{ unit: unit.id }}>
              {t('fact.devicesValue', {
                online: unit.devices.online,
                total: unit.devices.online + unit.devices.offline,
              })}
            </AppLink>
          ),
        },
        unit.devices !== null &&
          unit.devices.quarantined > 0 && {
            label: t('fact.pendingDevices'),
            value: <AppLink to={paths.pendingDevices()}>{unit.devices.quarantined}</AppLink>,
          },
        unit.quarantinedValues24h > 0 && {
          label: t('fact.quarantined'),
          value: (
            <AppLink to={paths.unitProof(unit.id)}>
              <StatusMark
                tone="warn"
                shape="triangle"
                word={t('fact.quarantinedValues', {
                  count: unit.quarantinedValues24h,
                  shown: formatNumber(unit.quarantinedValues24h, language, 0),
                })}
              />
            </AppLink>
          ),
        },
        unit.clock && {
          label: t('fact.clock'),
          value:
            unit.clock.state === 'trusted' ? (
              t('fact.clockTrusted', { offset: formatDuration(Math.abs(unit.clock.offsetMs ?? 0), language) })
            ) : (
              <StatusMark tone="warn" shape="triangle" word={t('fact.clockUntrusted')} />
            ),
        },
        unit.disk && {
          label: t('fact.disk'),
          value: t('fact.free', { size: formatBytes(unit.disk.freeBytes, language) }),
        },
        unit.memoryBytes !== null && { label: t('fact.memory'), value: formatBytes(unit.memoryBytes, language) },
        { label: t('enrolment:fact'), value: <CertificateMark unit={unit} /> },
        unit.software && { label: t('columns.software'), value: unit.software },
        policy && {
          label: t('fact.joinPolicy'),
          value:
            policy.policy === 'window' && policy.until
              ? t('join.until', { time: formatStamp(policy.until).slice(0, 16) })
              : t(`join.${policy.policy}`),
        },
      ]}
    />
  );
}
