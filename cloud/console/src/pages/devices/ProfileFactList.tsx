import type { Severity } from '@hallhub/shared/thing';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { profileQuery } from '../../api/profiles.js';
import { useLabel } from '../../i18n/use-language.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { ErrorState } from '../../ui/states.js';
import { Facts } from '../parts/Facts.js';
import { SeverityMark } from '../parts/marks.js';
import { safeUrl } from './safe-url.js';

const sourceKinds = ['manual', 'standard', 'own', 'observed'];

/** Which profile describes a device, from which document, and the alarms it brings along. */
export function ProfileFactList({ hash }: { hash: string }) {
  const { t } = useTranslation('devices');
  const label = useLabel();
  const query = useQuery(profileQuery(hash));
  const profile = query.data;
  if (!profile) {
    return query.error ? (
      <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
    ) : (
      <SkeletonLines lines={6} />
    );
  }
  const { source } = profile;
  const url = safeUrl(source?.url);
  const nameOf = (id: string) => label(profile.names[id]) || id;
  return (
    <>
      <Facts
        facts={[
          { label: t('fact.profile'), value: label(profile.label) || profile.profileId },
          { label: t('fact.profileId'), value: <code>{profile.profileId}</code> },
          { label: t('fact.version'), value: profile.version },
          source
            ? {
                label: t('models.source'),
                value: (
                  <span className="source-text">
                    {source.document}{' '}
                    {sourceKinds.includes(source.kind) ? (
                      <span className="faint">{t(`sourceKind.${source.kind as 'manual'}`)}</span>
                    ) : null}
                    {url ? (
                      <a className="source-link small" href={url} target="_blank" rel="noopener noreferrer">
                        {url}
                      </a>
                    ) : null}
                  </span>
                ),
              }
            : null,
          source?.note
            ? { label: t('models.note'), value: <span className="source-text soft">{source.note}</span> }
            : null,
          ...Object.entries(profile.derived).map(([id, feel]) => ({
            label: t('derived.of', { name: nameOf(id) }),
            value: <code className="source-text">{feel}</code>,
          })),
          { label: t('fact.hash'), value: <code>{hash.slice(0, 16)}</code> },
        ]}
      />
      {profile.alarms.length > 0 ? (
        <section aria-label={t('models.alarms')}>
          <h3 className="section-title">{t('models.alarms')}</h3>
          <ul className="profile-alarms">
            {profile.alarms.map((alarm) => (
              <li key={alarm.id} className="profile-alarm">
                <SeverityMark severity={alarm.severity as Severity} />
                <span>{label(alarm.label)}</span>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </>
  );
}
