import { useNavigate } from '@tanstack/react-router';
import { Button, Dropdown } from 'antd';
import { useTranslation } from 'react-i18next';
import { chooseLanguage } from '../i18n/i18n.js';
import { useLabel, useLanguage } from '../i18n/use-language.js';
import { paths } from '../paths.js';
import { chooseTheme, type ThemeChoice, themeChoice, useThemeMode } from '../theme/theme-mode.js';
import { Icon } from '../ui/icons.js';
import { Keys } from '../ui/KeyHints.js';
import { LiveMark } from './LiveMark.js';
import { NoticeBell } from './NoticeBell.js';
import { PlaceSwitcher } from './PlaceSwitcher.js';
import { useMe } from './session.js';
import { useLeave } from './use-leave.js';

interface TopBarProps {
  onMenu: () => void;
  onSearch: () => void;
  onKeys: () => void;
}

/** Where you are, how to get elsewhere, whether what you see is live, and who you are. */
export function TopBar({ onMenu, onSearch, onKeys }: TopBarProps) {
  const { t } = useTranslation('shell');
  const me = useMe();
  const label = useLabel();
  const language = useLanguage();
  const mode = useThemeMode();
  const navigate = useNavigate();
  const leave = useLeave();
  return (
    <header className="topbar">
      <Button
        type="text"
        className="topbar-menu"
        icon={<Icon name="menu" size={20} />}
        aria-label={t('openNav')}
        onClick={onMenu}
      />
      <PlaceSwitcher />
      <button type="button" className="topbar-search" onClick={onSearch}>
        <Icon name="search" />
        <span className="clip grow">{t('search.hint')}</span>
        <Keys keys="mod+k" />
      </button>
      <div className="topbar-end">
        <LiveMark />
        <NoticeBell />
        <Dropdown
          trigger={['click']}
          placement="bottomRight"
          menu={{
            selectable: true,
            selectedKeys: [themeChoice()],
            items: (['light', 'dark', 'system'] as const).map((key) => ({ key, label: t(`theme.${key}`) })),
            onClick: ({ key }) => chooseTheme(key as ThemeChoice),
          }}
        >
          <Button
            type="text"
            className="topbar-wide"
            icon={<Icon name={mode === 'dark' ? 'moon' : 'sun'} />}
            aria-label={t('theme.label')}
          />
        </Dropdown>
        <Button
          type="text"
          className="topbar-wide"
          aria-label={`${t('language.other')} · ${t('language.switch')}`}
          onClick={() => void chooseLanguage(language === 'zh' ? 'en' : 'zh')}
        >
          {t('language.other')}
        </Button>
        <Dropdown
          trigger={['click']}
          placement="bottomRight"
          menu={{
            items: [
              {
                key: 'who',
                disabled: true,
                label: (
                  <div className="topbar-who">
                    <div>{me.user.displayName}</div>
                    <div className="small">
                      {me.user.userName} · {label(me.tenant.name)}
                    </div>
                  </div>
                ),
              },
              { type: 'divider' },
              { key: 'me', label: t('me.page') },
              { key: 'keys', label: t('keys.help') },
              {
                key: 'language',
                label: t('language.switch'),
              },
              { key: 'theme', label: t(mode === 'dark' ? 'theme.toLight' : 'theme.toDark') },
              { type: 'divider' },
              { key: 'out', icon: <Icon name="out" />, label: t('me.signOut') },
            ],
            onClick: ({ key }) => {
              if (key === 'me') void navigate({ to: paths.me() as string });
              else if (key === 'keys') onKeys();
              else if (key === 'language') void chooseLanguage(language === 'zh' ? 'en' : 'zh');
              else if (key === 'theme') chooseTheme(mode === 'dark' ? 'light' : 'dark');
              else if (key === 'out') void leave();
            },
          }}
        >
          <button type="button" className="topbar-me" aria-label={t('me.menu', { name: me.user.displayName })}>
            {[...me.user.displayName][0]?.toUpperCase() ?? '?'}
          </button>
        </Dropdown>
      </div>
    </header>
  );
}
