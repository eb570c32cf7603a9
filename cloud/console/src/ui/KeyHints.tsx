import { Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { useActiveKeys } from './keys.js';
import './key-hints.css';

const isApple = /Mac|iPhone|iPad/.test(navigator.platform);
const shown: Record<string, string> = { mod: isApple ? '⌘' : 'Ctrl', Escape: 'Esc', Enter: '↵' };

/** `mod+k` drawn as keys. */
export function Keys({ keys }: { keys: string }) {
  const parts = keys === '+' ? ['+'] : keys.split('+');
  return (
    <span className="keys">
      {parts.map((part) => (
        <kbd key={part}>{shown[part] ?? (parts.length > 1 ? part.toUpperCase() : part)}</kbd>
      ))}
    </span>
  );
}

/** The keys that work on this page, as `?` shows them. */
export function KeyHints({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const bindings = useActiveKeys();
  return (
    <Modal open={open} onCancel={onClose} footer={null} title={t('keysOfThisPage')} width={440} destroyOnHidden>
      <dl className="key-hints">
        {bindings.map((binding) => (
          <div key={binding.key}>
            <dt>{binding.does}</dt>
            <dd>
              <Keys keys={binding.key} />
            </dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
