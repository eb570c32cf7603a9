import { Dropdown } from 'antd';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../ui/icons.js';
import { mapLinks } from './map-links.js';

/** The way there by a program of this telephone; each is told that the place is WGS-84. */
export function GoThere(place: { lon: number; lat: number; name: string }) {
  const { t } = useTranslation(['tickets', 'fieldWork']);
  const links = mapLinks(place, navigator.userAgent);
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: links.map(({ app, href }) => ({
          key: app,
          label: (
            <a className="field-way" href={href} target="_blank" rel="noreferrer">
              {t(`fieldWork:map.${app}`)}
            </a>
          ),
        })),
      }}
    >
      <button type="button" className="field-go">
        <Icon name="place" size={20} />
        {t('map.navigate')}
      </button>
    </Dropdown>
  );
}
