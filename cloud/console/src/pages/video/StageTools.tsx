import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { evidenceUrl } from '../../api/evidence.js';
import type { FindingFile } from '../../api/review.js';
import { Icon } from '../../ui/icons.js';

interface FileTabsProps {
  files: FindingFile[];
  shown: FindingFile | undefined;
  onShow: (file: FindingFile) => void;
  magnifies: boolean;
  onMagnify: () => void;
  live: boolean;
  onLive: () => void;
}

/** Which of a finding's files is shown, the magnifier, and the file to save. */
export function StageTools({ files, shown, onShow, magnifies, onMagnify, live, onLive }: FileTabsProps) {
  const { t } = useTranslation(['video', 'review']);
  return (
    <div className="stage-tools">
      <div className="row">
        {files.map((file) => (
          <button
            type="button"
            key={file.id}
            className={file.id === shown?.id ? 'stage-tab is-active' : 'stage-tab'}
            aria-pressed={file.id === shown?.id}
            onClick={() => onShow(file)}
          >
            {t(`role.${file.role}`)}
            {file.state === 'complete' ? null : (
              <span className="stage-tab-state">{t(`stage.short.${file.state}`)}</span>
            )}
          </button>
        ))}
      </div>
      <div className="row">
        <button
          type="button"
          className={live ? 'stage-tab is-active' : 'stage-tab'}
          aria-pressed={live}
          onClick={onLive}
        >
          <Icon name="camera" size={16} /> {t('review:live.show')}
        </button>
        {shown?.state === 'complete' ? (
          <>
            {shown.role === 'clip' ? null : (
              <button
                type="button"
                className={magnifies ? 'stage-tab is-active' : 'stage-tab'}
                aria-pressed={magnifies}
                onClick={onMagnify}
              >
                <Icon name="search" size={16} /> {t('magnifier')}
              </button>
            )}
            <Button
              size="small"
              type="text"
              className="stage-tab"
              href={evidenceUrl(shown)}
              download
              icon={<Icon name="export" size={16} />}
              aria-label={t('download')}
            />
          </>
        ) : null}
      </div>
    </div>
  );
}
