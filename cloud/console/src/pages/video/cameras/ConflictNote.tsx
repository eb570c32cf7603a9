import { Button } from 'antd';
import { useTranslation } from 'react-i18next';

interface ConflictNoteProps {
  /** Who saved meanwhile. */
  by: string | null;
  onTake: () => void;
  onKeep: () => void;
}

/** Two people set up one camera: the second is told, and says which holds. */
export function ConflictNote({ by, onTake, onKeep }: ConflictNoteProps) {
  const { t } = useTranslation('cameras');
  return (
    <div role="alert" className="conflict">
      <div>
        <p>{by ? t('conflict.title', { name: by }) : t('conflict.titleSomebody')}</p>
        <p className="small soft">{t('conflict.hint')}</p>
      </div>
      <div className="row row-wrap">
        <Button size="small" onClick={onTake}>
          {t('conflict.take')}
        </Button>
        <Button size="small" onClick={onKeep}>
          {t('conflict.keep')}
        </Button>
      </div>
    </div>
  );
}
