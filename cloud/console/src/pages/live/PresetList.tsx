import type { LiveSight } from '@hallhub/shared/vision';
import { App, Button, Dropdown, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/icons.js';
import type { Steering } from './use-steering.js';

interface PresetListProps {
  sight: LiveSight;
  steering: Steering;
}

/** The camera's own presets: to go to, to keep where it looks now, to name and to remove. */
export function PresetList({ sight, steering }: PresetListProps) {
  const { t } = useTranslation('live');
  const { modal } = App.useApp();
  const [name, setName] = useState('');
  const [renamed, setRenamed] = useState<{ token: string; name: string }>();
  const { can, presets } = sight;
  const save = () => {
    if (name.trim() === '') return;
    steering.act({ what: 'save', name: name.trim() });
    setName('');
  };
  const rename = () => {
    if (renamed && renamed.name.trim() !== '')
      steering.act({ what: 'save', preset: renamed.token, name: renamed.name.trim() });
    setRenamed(undefined);
  };
  const ask = (title: string, ok: string, run: () => void) =>
    void modal.confirm({ title, okText: ok, okButtonProps: { danger: true }, onOk: run });
  return (
    <section className="presets" aria-label={t('preset.title')}>
      <h2>{t('preset.title')}</h2>
      {presets.length === 0 ? <p className="small faint">{t('preset.none')}</p> : null}
      <ul>
        {presets.map((preset) => {
          const isHere = sight.state === 'at' && sight.preset === preset.token;
          if (renamed?.token === preset.token) {
            return (
              <li key={preset.token}>
                <Input
                  size="small"
                  autoFocus
                  value={renamed.name}
                  maxLength={64}
                  aria-label={t('preset.name')}
                  onChange={({ target }) => setRenamed({ ...renamed, name: target.value })}
                  onPressEnter={rename}
                  onBlur={() => setRenamed(undefined)}
                  onKeyDown={({ key }) => key === 'Escape' && setRenamed(undefined)}
                />
              </li>
            );
          }
          const items = [
            ...(can.save
              ? [
                  // The protocol keeps where it looks along with the name.
                  {
                    key: 'rename',
                    label: t('preset.rename'),
                    disabled: !isHere,
                    title: isHere ? undefined : t('preset.renameHint'),
                    onClick: () => setRenamed(preset),
                  },
                  {
                    key: 'replace',
                    label: t('preset.replace'),
                    disabled: isHere,
                    onClick: () =>
                      ask(t('preset.replaceAsk', { name: preset.name }), t('preset.replace'), () =>
                        steering.act({ what: 'save', preset: preset.token }),
                      ),
                  },
                ]
              : []),
            ...(can.remove
              ? [
                  {
                    key: 'remove',
                    label: t('preset.remove'),
                    danger: true,
                    onClick: () =>
                      ask(t('preset.removeAsk', { name: preset.name }), t('preset.remove'), () =>
                        steering.act({ what: 'remove', preset: preset.token }),
                      ),
                  },
                ]
              : []),
          ];
          return (
            <li key={preset.token} className={isHere ? 'is-here' : undefined}>
              <button
                type="button"
                className="preset-go clip"
                aria-current={isHere ? 'location' : undefined}
                title={t('preset.go', { name: preset.name })}
                onClick={() => steering.act({ what: 'goto', preset: preset.token })}
              >
                {preset.name}
                {isHere ? <span className="small faint"> {t('preset.here')}</span> : null}
              </button>
              {items.length > 0 ? (
                <Dropdown trigger={['click']} menu={{ items }}>
                  <Button
                    size="small"
                    type="text"
                    aria-label={t('preset.more', { name: preset.name })}
                    icon={<Icon name="more" />}
                  />
                </Dropdown>
              ) : null}
            </li>
          );
        })}
      </ul>
      {can.save ? (
        <form
          className="preset-new"
          onSubmit={(event) => {
            event.preventDefault();
            save();
          }}
        >
          <Input
            size="small"
            value={name}
            maxLength={64}
            placeholder={t('preset.newName')}
            aria-label={t('preset.newName')}
            onChange={({ target }) => setName(target.value)}
          />
          <Button size="small" htmlType="submit" disabled={name.trim() === '' || sight.state === 'moving'}>
            {t('preset.save')}
          </Button>
        </form>
      ) : null}
    </section>
  );
}
