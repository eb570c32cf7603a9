import { type RefObject, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../ui/icons.js';

interface BundleDropProps {
  input: RefObject<HTMLInputElement | null>;
  onFiles: (files: File[]) => void;
}

/** Where bundles are dropped or chosen. A drop anywhere on the page counts: beside it the browser would open the file and leave. */
export function BundleDrop({ input, onFiles }: BundleDropProps) {
  const { t } = useTranslation('bundles');
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setIsOver(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setIsOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setIsOver(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length > 0) onFiles(files);
    };
    window.addEventListener('dragover', over);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragover', over);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('drop', drop);
    };
  }, [onFiles]);
  return (
    <label className={isOver ? 'bundle-drop is-over' : 'bundle-drop'}>
      <input
        ref={input}
        className="sr-only"
        type="file"
        accept=".hhb"
        multiple
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          // The same file may be chosen again.
          event.target.value = '';
        }}
      />
      <Icon name="pending" size={22} />
      <span>
        <span className="bundle-drop-what">{t(isOver ? 'dropNow' : 'drop')}</span>
        <span className="faint small">{t('dropHint')}</span>
      </span>
    </label>
  );
}
