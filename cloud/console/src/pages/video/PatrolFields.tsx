import { InputNumber, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import type { CameraDocument } from '../../api/vision.js';

interface PatrolFieldsProps {
  draft: CameraDocument;
  readOnly: boolean;
  onChange: (part: Partial<CameraDocument>) => void;
}

const usual = { dwellS: 60, resumeAfterS: 120 };

/** A tour through the views that stand at a preset; nothing where there is none. */
export function PatrolFields({ draft, readOnly, onChange }: PatrolFieldsProps) {
  const { t } = useTranslation('live');
  const { patrol } = draft;
  if (!draft.views.some(({ preset }) => preset !== undefined)) return null;
  const longestS = Math.max(0, ...draft.views.flatMap(({ rules }) => rules.map(({ forMs }) => forMs / 1_000)));
  return (
    <section className="camera-general" aria-label={t('tour.title')}>
      <div className="camera-field">
        <span>{t('tour.title')}</span>
        <Switch
          aria-label={t('tour.title')}
          checked={patrol !== undefined}
          disabled={readOnly}
          onChange={(on) => onChange({ patrol: on ? usual : undefined })}
        />
      </div>
      {patrol ? (
        <>
          <div className="camera-field">
            <span>{t('tour.dwell')}</span>
            <InputNumber
              aria-label={t('tour.dwell')}
              min={5}
              max={3_600}
              value={patrol.dwellS}
              disabled={readOnly}
              suffix={t('tour.seconds')}
              onChange={(dwellS) => dwellS && onChange({ patrol: { ...patrol, dwellS } })}
            />
          </div>
          <div className="camera-field">
            <span>{t('tour.resume')}</span>
            <InputNumber
              aria-label={t('tour.resume')}
              min={10}
              max={3_600}
              value={patrol.resumeAfterS}
              disabled={readOnly}
              suffix={t('tour.seconds')}
              onChange={(resumeAfterS) => resumeAfterS && onChange({ patrol: { ...patrol, resumeAfterS } })}
            />
          </div>
          {longestS >= patrol.dwellS ? (
            <span className="small warn-text">{t('tour.tooShort', { seconds: Math.ceil(longestS) })}</span>
          ) : null}
        </>
      ) : null}
    </section>
  );
}
