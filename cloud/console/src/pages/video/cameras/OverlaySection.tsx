import {
  bandBackground,
  bandSvg,
  hallTimeText,
  layOut,
  type Overlay,
  type OverlayFacts,
  overlayFields,
  overlaySizesPx,
  positionText,
} from '@hallhub/shared/vision';
import { useQuery } from '@tanstack/react-query';
import { Button, Checkbox, ColorPicker, Form, Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import { evidenceBytesQuery } from '../../../api/evidence-bytes.js';
import { type CameraDocument, type CameraSetUp, cameraPlacesQuery } from '../../../api/vision.js';
import { pageZone } from '../../../format/page-zone.js';
import { Icon } from '../../../ui/icons.js';
import { Section } from '../../../ui/Page.js';
import { useObjectUrl } from '../EvidenceStage.js';

interface OverlaySectionProps {
  camera: CameraSetUp;
  draft: CameraDocument;
  readOnly: boolean;
  onChange: (overlay: Overlay) => void;
}

/** The text on pictures of evidence, and how it will look. */
export function OverlaySection({ camera, draft, readOnly, onChange }: OverlaySectionProps) {
  const { t } = useTranslation('cameras');
  const { overlay } = draft;
  const change = (part: Partial<Overlay>) => onChange({ ...overlay, ...part });
  const hasText = overlay.band !== 'none';
  return (
    <Section title={t('overlay.title')}>
      <div className="overlay-parts card-pad">
        <Form layout="vertical" component="div" requiredMark={false} disabled={readOnly}>
          <Form.Item label={t('overlay.layout')} extra={t('overlay.layoutHint')}>
            <Segmented
              aria-label={t('overlay.layout')}
              value={overlay.layout}
              options={(['single', 'four'] as const).map((value) => ({ value, label: t(`overlay.layoutOf.${value}`) }))}
              onChange={(layout) => change({ layout })}
            />
          </Form.Item>
          <Form.Item label={t('overlay.band')}>
            <Segmented
              aria-label={t('overlay.band')}
              value={overlay.band}
              options={(['none', 'above', 'on', 'below'] as const).map((value) => ({
                value,
                label: t(`overlay.bandOf.${value}`),
              }))}
              onChange={(band) => change({ band })}
            />
          </Form.Item>
          {hasText ? (
            <>
              <Form.Item label={t('overlay.fields')} extra={t('overlay.fieldHint')}>
                <FieldChoice value={overlay.fields} readOnly={readOnly} onChange={(fields) => change({ fields })} />
              </Form.Item>
              <Form.Item label={t('overlay.size')}>
                <Segmented
                  aria-label={t('overlay.size')}
                  value={overlay.sizePx}
                  options={overlaySizesPx.map((value) => ({ value, label: String(value) }))}
                  onChange={(sizePx) => change({ sizePx })}
                />
              </Form.Item>
              <Form.Item label={t('overlay.colour')}>
                <ColorPicker
                  disabledAlpha
                  format="hex"
                  disabled={readOnly}
                  value={overlay.colour}
                  onChangeComplete={(next) => change({ colour: `#${next.toHex().slice(0, 6)}` })}
                />
              </Form.Item>
            </>
          ) : null}
        </Form>
        <Preview camera={camera} draft={draft} />
      </div>
    </Section>
  );
}

type Field = (typeof overlayFields)[number];

/** Which, and in which order: the chosen ones first, each can be moved up. */
function FieldChoice({
  value,
  readOnly,
  onChange,
}: {
  value: readonly Field[];
  readOnly: boolean;
  onChange: (fields: Field[]) => void;
}) {
  const { t } = useTranslation('cameras');
  const rest = overlayFields.filter((field) => !value.includes(field));
  return (
    <ul className="overlay-fields">
      {[...value, ...rest].map((field, index) => {
        const isChosen = index < value.length;
        const name = t(`overlay.field.${field}`);
        return (
          <li key={field}>
            <Checkbox
              checked={isChosen}
              onChange={() => onChange(isChosen ? value.filter((one) => one !== field) : [...value, field])}
            >
              {name}
            </Checkbox>
            {isChosen && index > 0 && !readOnly ? (
              <Button
                type="text"
                size="small"
                className="overlay-up"
                icon={<Icon name="chevron" size={14} />}
                aria-label={t('overlay.up', { field: name })}
                onClick={() => {
                  const next = [...value];
                  next.splice(index - 1, 2, field, value[index - 1] as Field);
                  onChange(next);
                }}
              />
            ) : null}
          </li>
        );
      })}
    </ul>
  );
}

const usualSize = { width: 1_280, height: 720 };

/** The unit's own layout on the camera's newest picture: what differs is the font at most. */
function Preview({ camera, draft }: Pick<OverlaySectionProps, 'camera' | 'draft'>) {
  const { t } = useTranslation('cameras');
  const { overlay } = draft;
  const { picture } = camera;
  const bytes = useQuery({ ...evidenceBytesQuery(picture?.evidenceId ?? ''), enabled: picture !== null });
  const url = useObjectUrl(bytes.data);
  const places = useQuery(cameraPlacesQuery);
  const hall = places.data?.halls.find(({ hallId }) => hallId === camera.hallId);
  const first = draft.views.flatMap(({ rules }) => rules)[0];
  const size = {
    width: picture?.width ?? usualSize.width,
    height: picture?.height ?? usualSize.height,
  };
  const facts: OverlayFacts = {
    ...{ place: camera.hallName, camera: camera.name, rule: first?.name ?? t('overlay.sample.rule') },
    ...{ time: hallTimeText(Date.now(), pageZone()) },
    ...{ code: '7F3K9-QXD21', number: '7F3K-9QXD', direction: t('overlay.sample.direction') },
    position: hall && hall.lat !== null && hall.lon !== null ? positionText({ lat: hall.lat, lon: hall.lon }) : '',
  };
  const layout = layOut(facts, overlay, size);
  const hasBand = overlay.band !== 'none' && layout.lines.length > 0;
  const isOn = overlay.band === 'on';
  const background = bandBackground(overlay.band);
  const svg = bandSvg(layout, { width: size.width, colour: overlay.colour, background });
  const band = hasBand ? (
    <img
      className={isOn ? 'preview-band is-on' : 'preview-band'}
      src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`}
      alt={layout.lines.join(' / ')}
    />
  ) : null;
  return (
    <figure className="overlay-preview" aria-label={t('overlay.preview')}>
      <div className="preview-stage">
        {overlay.band === 'above' ? band : null}
        <div className="preview-picture" style={{ aspectRatio: `${size.width} / ${size.height}` }}>
          {url && picture?.band !== 'above' ? <img src={url} alt="" /> : null}
          {isOn ? band : null}
        </div>
        {overlay.band === 'below' ? band : null}
      </div>
      <figcaption className="small faint">{t('overlay.previewHint')}</figcaption>
    </figure>
  );
}
