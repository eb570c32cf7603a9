import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Authority, authoritiesQuery } from '../../api/enrolment.js';
import { AppLink } from '../../app/AppLink.js';
import { PageLoading } from '../../app/PageStates.js';
import { formatStamp } from '../../format/time.js';
import { paths } from '../../paths.js';
import { Page, Section } from '../../ui/Page.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { ErrorState } from '../../ui/states.js';
import { Facts } from '../parts/Facts.js';
import { AdminTabs } from './AdminTabs.js';
import { Rotation } from './authority/Rotation.js';
import './authority/authority.css';

const looks = {
  next: { tone: 'accent', shape: 'dashed' },
  active: { tone: 'quiet', shape: 'check' },
  previous: { tone: 'note', shape: 'half' },
  retired: { tone: 'quiet', shape: 'ring' },
} as const;

/** The installation's certificate authority: what it is, who hangs on it, and the steps of a rotation. */
export default function CertificatesPage() {
  const { t } = useTranslation(['enrolment', 'admin']);
  const query = useQuery(authoritiesQuery);
  const data = query.data;
  if (!data) {
    return query.error ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <PageLoading />;
  }
  const current = data.items.filter(({ state }) => state !== 'retired');
  const retired = data.items.filter(({ state }) => state === 'retired');
  return (
    <Page title={t('admin:title')} tabs={<AdminTabs active="certificates" />} lead={t('ca.lead')}>
      {data.expiringSoon > 0 ? (
        <p className="authority-warning">
          <StatusMark tone="warn" shape="triangle" word={t('ca.expiring', { count: data.expiringSoon })} />{' '}
          <AppLink to={paths.units()}>{t('ca.toUnits')}</AppLink>
        </p>
      ) : null}
      <div className="authorities">
        {current.map((ca) => (
          <Section
            key={ca.id}
            title={ca.name}
            aside={<StatusMark {...looks[ca.state]} word={t(`ca.state.${ca.state}`)} />}
          >
            <div className="card-pad">
              <AuthorityFacts ca={ca} />
            </div>
          </Section>
        ))}
      </div>
      <Section title={t('ca.steps')}>
        <Rotation data={data} />
      </Section>
      <Section title={t('ca.broker')}>
        <div className="card-pad stack">
          <p className="soft">{t('ca.brokerHint')}</p>
          <Facts
            facts={[
              { label: t('ca.trustFile'), value: <FileLink path="/api/v1/pki/trust.pem" /> },
              { label: t('ca.crlFile'), value: <FileLink path="/api/v1/pki/crl.pem" /> },
              { label: t('ca.trustVersion'), value: <code>{data.trustVersion}</code> },
              { label: t('ca.hosts'), value: data.hosts.join(', ') },
            ]}
          />
        </div>
      </Section>
      {retired.length > 0 ? (
        <Section title={t('ca.history')}>
          <ul className="lines">
            {retired.map((ca) => (
              <li key={ca.id} className="line">
                <StatusMark {...looks.retired} word={t('ca.state.retired')} />
                <span>{ca.name}</span>
                <span className="line-end">
                  {formatStamp(ca.madeAt).slice(0, 10)} – {formatStamp(ca.retiredAt ?? ca.endsAt).slice(0, 10)}
                </span>
              </li>
            ))}
          </ul>
        </Section>
      ) : null}
    </Page>
  );
}

function AuthorityFacts({ ca }: { ca: Authority }) {
  const { t } = useTranslation('enrolment');
  const groups = ca.fingerprint.toUpperCase().match(/.{4}/g) ?? [];
  return (
    <Facts
      facts={[
        {
          label: t('ca.validity'),
          value: `${formatStamp(ca.startsAt).slice(0, 10)} – ${formatStamp(ca.endsAt).slice(0, 10)}`,
        },
        { label: t('ca.units'), value: ca.units },
        { label: t('ca.hanging'), value: ca.unitsHanging },
        { label: t('ca.fingerprint'), value: <code className="authority-fingerprint">{groups.join(' ')}</code> },
      ]}
    />
  );
}

function FileLink({ path }: { path: string }) {
  return (
    <a href={path} download>
      <code>{path}</code>
    </a>
  );
}
