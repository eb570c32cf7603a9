import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { Button, Dropdown, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { archivePlace, placesQuery } from '../../api/places.js';
import { AppLink } from '../../app/AppLink.js';
import { NotFound, PageLoading } from '../../app/PageStates.js';
import { useRights } from '../../app/session.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { Icon } from '../../ui/icons.js';
import { Page } from '../../ui/Page.js';
import { ErrorState } from '../../ui/states.js';
import { FormProblem } from '../parts/FormProblem.js';
import { HallView } from './HallView.js';
import { PlaceForm } from './PlaceForm.js';
import { RegionView } from './RegionView.js';
import './halls.css';

/** A region, a hall or a counter; a hall live. */
export default function PlacePage() {
  const { t } = useTranslation(['halls', 'common']);
  const { id } = useParams({ strict: false }) as { id?: string };
  const label = useLabel();
  const may = useRights();
  const navigate = useNavigate();
  const client = useQueryClient();
  const query = useQuery(placesQuery);
  const [dialog, setDialog] = useState<'edit' | 'add' | 'archive'>();
  const places = query.data;
  const place = places?.find((one) => one.id === id);
  const archive = useMutation({
    mutationFn: archivePlace,
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['places'] });
      void navigate({ to: paths.halls() as string });
    },
  });
  if (!places) {
    return query.error ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <PageLoading />;
  }
  if (!place) return <NotFound />;
  const parents = [];
  for (let at = place.parentId; at; ) {
    const parent = places.find((one) => one.id === at);
    if (!parent) break;
    parents.unshift(parent);
    at = parent.parentId;
  }
  const close = () => setDialog(undefined);
  return (
    <Page
      title={label(place.name)}
      trail={
        <>
          <AppLink to={paths.halls()}>{t('title')}</AppLink>
          {parents.map((parent) => (
            <span key={parent.id}>
              / <AppLink to={paths.place(parent.id)}>{label(parent.name)}</AppLink>
            </span>
          ))}
        </>
      }
      lead={
        <span className="small faint">
          {[t(`kind.${place.kind}`), place.code, place.address].filter(Boolean).join(' · ')}
        </span>
      }
      actions={
        may('place.write') ? (
          <>
            {place.kind === 'counter' ? null : (
              <Button onClick={() => setDialog('add')}>{t(place.kind === 'hall' ? 'new.counter' : 'new.below')}</Button>
            )}
            <Dropdown
              trigger={['click']}
              menu={{
                items: [
                  { key: 'edit', label: t('edit.open') },
                  { key: 'archive', label: t('archive.open'), danger: true },
                ],
                onClick: ({ key }) => setDialog(key as 'edit' | 'archive'),
              }}
            >
              <Button icon={<Icon name="more" />} aria-label={t('more')} />
            </Dropdown>
          </>
        ) : undefined
      }
    >
      {place.kind === 'region' ? (
        <RegionView region={place} places={places} />
      ) : (
        <HallView place={place} places={places} />
      )}
      {dialog === 'edit' ? <PlaceForm place={place} onClose={close} /> : null}
      {dialog === 'add' ? <PlaceForm parent={place} onClose={close} /> : null}
      {dialog === 'archive' ? (
        <Modal
          open
          title={t('archive.open')}
          onCancel={close}
          okText={t('archive.open')}
          okButtonProps={{ danger: true }}
          cancelText={t('common:cancel')}
          confirmLoading={archive.isPending}
          onOk={() => archive.mutate(place)}
        >
          <p>{t('archive.ask', { name: label(place.name) })}</p>
          <FormProblem error={archive.error} />
        </Modal>
      ) : null}
    </Page>
  );
}
