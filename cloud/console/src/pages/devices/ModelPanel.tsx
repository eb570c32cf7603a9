import { useTranslation } from 'react-i18next';
import type { DeviceModel } from '../../api/models.js';
import { AppLink } from '../../app/AppLink.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { Facts } from '../parts/Facts.js';
import { useCodeWord } from '../parts/words.js';
import { ProfileFactList } from './ProfileFactList.js';

/** One model beside the list: how many are in use, and what is known of it by its profile. */
export function ModelPanel({ model, onClose }: { model: DeviceModel; onClose: () => void }) {
  const { t } = useTranslation('devices');
  const label = useLabel();
  const word = useCodeWord();
  return (
    <SidePanel title={label(model.label) || model.profileId} onClose={onClose}>
      <div className="stack">
        <Facts
          facts={[
            { label: t('models.class'), value: label(model.classLabel) || '—' },
            { label: t('fact.vendor'), value: label(model.vendorLabel) || '—' },
            { label: t('fact.protocol'), value: model.protocols.map((one) => word('protocol', one)).join(', ') || '—' },
            {
              label: t('models.devices'),
              value: (
                <AppLink to={paths.devices()} search={{ q: model.profileId.split('/')[1] ?? '' }}>
                  {t('models.inUse', { count: model.devices, online: model.online })}
                </AppLink>
              ),
            },
            model.versions > 1 ? { label: t('models.versions'), value: String(model.versions) } : null,
          ]}
        />
        <ProfileFactList hash={model.hash} />
      </div>
    </SidePanel>
  );
}
