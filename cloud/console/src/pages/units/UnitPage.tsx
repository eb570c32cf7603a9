import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Button, Dropdown } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { unitQuery } from '../../api/units.js';
import { AppLink } from '../../app/AppLink.js';
import { PageLoading } from '../../app/PageStates.js';
import { useRights } from '../../app/session.js';
import { usePlaces } from '../../app/use-place.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { Icon } from '../../ui/icons.js';
import { Page, Section } from '../../ui/Page.js';
import { ErrorState } from '../../ui/states.js';
import { UnitMark } from '../parts/marks.js';
import { CertificateList } from './enrolment/CertificateList.js';
import { EnrolDialog } from './enrolment/EnrolDialog.js';
import { RevokeDialog } from './enrolment/RevokeDialog.js';
import { JoinPolicy } from './JoinPolicy.js';
import { SealGrid } from './SealGrid.js';
import { StreamTable } from './StreamTable.js';
import { UnitEdit } from './UnitEdit.js';
import { UnitFacts } from './UnitFacts.js';
import { UnitPresenceLog } from './UnitPresenceLog.js';
import { UnitSecret } from './UnitSecret.js';
import { UnitStale } from './UnitStale.js';
import { UnitTroubles } from './UnitTroubles.js';
import './units.css';

type DialogKey = 'edit' | 'secret' | 'join' | 'enrol' | 'revoke';

/** Everything about one unit: its link, its streams and cursors, the proof that nothing was lost. */
export default function UnitPage() {
  const { t } = useTranslation(['units', 'enrolment']);
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const label = useLabel();
  const may = useRights();
  const places = usePlaces();
  const [dialog, setDialog] = useState<DialogKey>();
  const query = useQuery(unitQuery(id));
  const unit = query.data;
  if (!unit) {
    return query.error ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <PageLoading />;
  }
  const zone = places.find((place) => place.id === unit.hallId)?.timeZone ?? undefined;
  const close = () => setDialog(undefined);
  const isEnrollable = may('unit.enrol') && unit.state !== 'archived';
  const hasCertificate = unit.certificate !== null;
  const holdsOne = unit.certificate?.state === 'valid' || unit.certificate?.state === 'expiring';
  const menu = [
    ...(may('unit.write') ? [{ key: 'edit', label: t('edit.open') }] : []),
    // A unit that was given a certificate comes by nothing else.
    ...(may('unit.write') && !hasCertificate ? [{ key: 'secret', label: t('secret.open') }] : []),
    ...(isEnrollable && holdsOne ? [{ key: 'revoke', label: t('enrolment:revoke.open'), danger: true }] : []),
  ];
  return (
    <Page
      title={label(unit.name)}
      trail={
        <>
          <AppLink to={paths.units()}>{t('title')}</AppLink>
          <span>/</span>
          <AppLink to={paths.place(unit.hallId)}>{label(unit.hallName)}</AppLink>
        </>
      }
      mark={<UnitMark unit={unit} />}
      actions={
        <>
          {may('device.approve') ? <Button onClick={() => setDialog('join')}>{t('join.open')}</Button> : null}
          {isEnrollable ? (
            <Button type={hasCertificate ? 'default' : 'primary'} onClick={() => setDialog('enrol')}>
              {t(hasCertificate ? 'enrolment:enrol.replace' : 'enrolment:enrol.open')}
            </Button>
          ) : null}
          {menu.length > 0 ? (
            <Dropdown
              trigger={['click']}
              menu={{
                items: menu,
                onClick: ({ key }) => setDialog(key as DialogKey),
              }}
            >
              <Button icon={<Icon name="more" />} aria-label={t('more')} />
            </Dropdown>
          ) : null}
        </>
      }
    >
      <UnitStale unit={unit} />
      <div className="unit-page">
        <Section title={t('section.state')}>
          <div className="card-pad">
            <UnitFacts unit={unit} />
          </div>
        </Section>
        <div>
          <Section title={t('section.streams')}>
            <StreamTable unit={unit} />
          </Section>
          <Section
            title={t('section.seals')}
            aside={
              may('proof.read') ? <AppLink to={paths.unitProof(unit.id)}>{t('section.proof')}</AppLink> : undefined
            }
          >
            <SealGrid unitId={unit.id} zone={zone} />
          </Section>
        </div>
      </div>
      <CertificateList unit={unit} />
      <UnitTroubles unitId={unit.id} />
      <Section title={t('section.presence')} bare>
        <UnitPresenceLog unitId={unit.id} zone={zone} />
      </Section>
      {dialog === 'edit' ? <UnitEdit unit={unit} onClose={close} /> : null}
      {dialog === 'secret' ? <UnitSecret unit={unit} onClose={close} /> : null}
      {dialog === 'enrol' ? (
        <EnrolDialog unit={unit} kind={unit.certificate ? 'replace' : 'new'} onClose={close} />
      ) : null}
      {dialog === 'revoke' ? <RevokeDialog unit={unit} onClose={close} /> : null}
      {dialog === 'join' ? <JoinPolicy unit={unit} onClose={close} /> : null}
    </Page>
  );
}
