import { Input, InputNumber, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import type { CameraDocument, CameraSetUp } from '../../api/vision.js';
import { RelativeTime } from '../../ui/RelativeTime.js';

interface CameraGeneralProps {
  camera: CameraSetUp;
  draft: CameraDocument;
  readOnly: boolean;
  onChange: (part: Partial<CameraDocument>) => void;
}

/** Once for the whole camera. */
export function CameraGeneral({ camera, draft, readOnly, onChange }: CameraGeneralProps) {
  const { t } = useTranslation('video');
  return (
    <section className="camera-general" aria-label={t('camera.general')}>
      <div className="camera-field">
        <span>{t('camera.enabled')}</span>
        <Switch
          aria-label={t('camera.enabled')}
          checked={draft.enabled}
          disabled={readOnly}
          onChange={(enabled) => onChange({ enabled })}
        />
      </div>
      <div className="camera-field grow">
        <span>{t('camera.purpose')}</span>
        <Input
          aria-label={t('camera.purpose')}
          value={draft.purpose}
          maxLength={500}
          disabled={readOnly}
          placeholder={t('camera.purposeHint')}
          onChange={({ target }) => onChange({ purpose: target.value })}
        />
      </div>
      <div className="camera-field">
        <span>{t('camera.fps')}</span>
        <InputNumber
          aria-label={t('camera.fps')}
          min={0.2}
          max={15}
          step={1}
          value={draft.analysisFps}
          disabled={readOnly}
          suffix={t('camera.fpsUnit')}
          onChange={(fps) => fps && onChange({ analysisFps: fps })}
        />
      </div>
      <div className="camera-field">
        <span>{t('camera.record')}</span>
        <InputNumber
          aria-label={t('camera.record')}
          min={0}
          max={2_160}
          value={draft.recordHours}
          disabled={readOnly}
          suffix={t('camera.hours')}
          onChange={(hours) => hours !== null && onChange({ recordHours: hours })}
        />
      </div>
      {camera.updatedAt ? (
        <span className="faint small camera-updated">
          {t('camera.by', { name: camera.updatedBy ?? '' })} <RelativeTime time={camera.updatedAt} />
        </span>
      ) : null}
    </section>
  );
}
