import { useQuery } from '@tanstack/react-query';
import { Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { privacyQuery } from '../../api/privacy.js';
import { AppLink } from '../../app/AppLink.js';
import { formatBytes } from '../../format/number.js';
import { useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { Section } from '../../ui/Page.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { ErrorState } from '../../ui/states.js';
import { Facts } from '../parts/Facts.js';

/** What a camera's day left behind, and who looked. */
export function PrivacySection({ deviceId, today }: { deviceId: string; today: string }) {
  const { t } = useTranslation(['video', 'cameras']);
  const language = useLanguage();
  const [day, setDay] = useState(today);
  const query = useQuery(privacyQuery(deviceId, day));
  const receipt = query.data;
  return (
    <Section
      title={t('privacy.title')}
      aside={
        <span className="row">
          <AppLink to={paths.privacyReceipt(deviceId)} search={{ day }} className="nowrap">
            {t('cameras:privacy.open')}
          </AppLink>
          <Input
            type="date"
            size="small"
            aria-label={t('privacy.day')}
            value={day}
            max={today}
            onChange={({ target }) => target.value && setDay(target.value)}
          />
        </span>
      }
    >
      <div className="card-pad">
        {query.error ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
        ) : !receipt ? (
          <SkeletonLines lines={6} />
        ) : (
          <Facts
            facts={[
              {
                label: t('privacy.purpose'),
                value: receipt.purpose || <span className="warn-text">{t('privacy.noPurpose')}</span>,
              },
              { label: t('privacy.record'), value: t('privacy.recordOf', { hours: receipt.recordHours }) },
              { label: t('privacy.keep'), value: t('privacy.keepOf', { days: receipt.keepDays }) },
              { label: t('privacy.findings'), value: String(receipt.findings) },
              { label: t('privacy.faces'), value: t('privacy.facesOf', receipt.faces) },
              receipt.facesClear.length > 0 && {
                label: t('privacy.because'),
                value: receipt.facesClear.map(({ rule, because }) => <div key={rule}>{`${rule} · ${because}`}</div>),
              },
              {
                label: t('privacy.files'),
                value: t('privacy.filesOf', { ...receipt.files, size: formatBytes(receipt.files.hereBytes, language) }),
              },
              { label: t('privacy.deleted'), value: t('privacy.deletedOf', { count: receipt.files.deleted }) },
              {
                label: t('privacy.looked'),
                value: (
                  <People
                    times={receipt.looked.times}
                    people={receipt.looked.people}
                    said={t('privacy.times', { count: receipt.looked.times })}
                  />
                ),
              },
              {
                label: t('privacy.exported'),
                value: (
                  <People
                    times={receipt.exported.times}
                    people={receipt.exported.people}
                    said={t('privacy.exportedOf', { count: receipt.exported.times, files: receipt.exported.files })}
                  />
                ),
              },
            ]}
          />
        )}
      </div>
    </Section>
  );
}

function People({ times, people, said }: { times: number; people: { name: string; lastAt: string }[]; said: string }) {
  const { t } = useTranslation('video');
  if (times === 0) return t('privacy.nobody');
  return (
    <>
      {said}
      {people.map(({ name, lastAt }) => (
        <div key={name} className="small soft">
          {name} · <RelativeTime time={lastAt} />
        </div>
      ))}
    </>
  );
}
