import { Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Category } from './category-draft.js';
import { readTable } from './read-table.js';

interface PasteTableProps {
  items: readonly Category[];
  onClose: () => void;
  onTake: (items: Category[]) => void;
}

/** Lines of a sheet, pasted or out of a file: what they would do is told before anything is taken. */
export function PasteTable({ items, onClose, onTake }: PasteTableProps) {
  const { t } = useTranslation(['categories', 'common']);
  const [text, setText] = useState('');
  const read = text.trim() === '' ? undefined : readTable(items, text);
  const isGood = read !== undefined && read.added + read.changed > 0;
  return (
    <Modal
      open
      width={640}
      title={t('paste.do')}
      onCancel={onClose}
      okText={t('paste.take')}
      okButtonProps={{ disabled: !isGood }}
      cancelText={t('common:cancel')}
      onOk={() => read && onTake(read.items)}
    >
      <div className="stack">
        <p className="soft">{t('paste.hint')}</p>
        <input
          type="file"
          accept=".csv,.txt,.tsv,text/csv,text/plain"
          aria-label={t('paste.file')}
          onChange={({ target }) => void target.files?.[0]?.text().then(setText)}
        />
        <Input.TextArea
          autoFocus
          value={text}
          className="cat-paste"
          autoSize={{ minRows: 8, maxRows: 16 }}
          aria-label={t('paste.text')}
          placeholder={t('paste.example')}
          spellCheck={false}
          onChange={({ target }) => setText(target.value)}
        />
        <div role="status">
          {read ? <p>{t('paste.result', { added: read.added, changed: read.changed })}</p> : null}
          {read && read.faults.length > 0 ? (
            <>
              <p className="problem-inline">{t('paste.faults', { count: read.faults.length })}</p>
              <ul className="cat-faults">
                {read.faults.slice(0, 20).map((one) => (
                  <li key={`${one.line} ${one.why}`}>
                    {t('paste.line', { line: one.line })} {t(`paste.why.${one.why}`, { about: one.about })}
                  </li>
                ))}
              </ul>
            </>
          ) : null}
        </div>
      </div>
    </Modal>
  );
}
